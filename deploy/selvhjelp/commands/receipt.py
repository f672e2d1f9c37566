"""`selvhjelp receipt`: see whether a receipt of an erasure is genuine."""

from pathlib import Path
from typing import Annotated

import typer

from intake.vault.receipt import verified
from selvhjelp.console import CommandError, console


def run(
    file: Annotated[Path, typer.Argument(help="The receipt, kvittering.json")],
    key: Annotated[str, typer.Argument(help="The public key, from /kvittering/nokkel")],
) -> None:
    """Say what a receipt states, if its signature is that of the key."""
    try:
        statement = verified(file.read_text("utf-8"), key.strip())
    except OSError as error:
        raise CommandError(f"cannot read {file} ({error.strerror})") from None
    except UnicodeError:
        raise CommandError(f"{file} is not UTF-8 text") from None
    if statement is None:
        raise CommandError("the receipt is not signed with this key, or has been changed")
    console().print(f"Genuine. {statement['issuer']} erased a person on {statement['day']}:")
    for service, deleted in statement["deleted"].items():
        rows = ", ".join(f"{count} {kind}" for kind, count in deleted.items()) or "nothing was there"
        console().print(f"  {service}: {rows}")
