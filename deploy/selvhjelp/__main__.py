"""The `selvhjelp` command: run the system here, look after it, rehearse with it."""

import re
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from selvhjelp.commands import (
    api_keys,
    backups,
    check,
    dead_letters,
    demo,
    erase,
    export,
    keys,
    mails,
    migrate,
    places,
    receipt,
    rehearse,
    replay,
    simulate,
    staff,
    streams,
    up,
)
from selvhjelp.console import CommandError
from selvhjelp.version import version_text
from shared.errors import SettingError


class SortedCommands(TyperGroup):
    """Lists commands and groups of commands together, by name."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return all names, sorted."""
        return sorted(super().list_commands(ctx))


app = typer.Typer(cls=SortedCommands, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
app.add_typer(api_keys.app)
app.command("backup")(backups.backup)
app.command("check")(check.run)
app.add_typer(dead_letters.app)
app.command("demo")(demo.run)
app.command("erase")(erase.run)
app.command("export")(export.run)
app.add_typer(keys.app)
app.add_typer(mails.app)
app.command("migrate")(migrate.run)
app.add_typer(places.app)
app.command("receipt")(receipt.run)
app.command("rehearse")(rehearse.run)
app.command("replay")(replay.run)
app.command("restore")(backups.restore)
app.command("simulate")(simulate.run)
app.add_typer(staff.app)
app.command("streams")(streams.run)
app.command("up")(up.run)


def _print_version(asked: bool) -> None:
    if asked:
        print(version_text())
        raise typer.Exit


@app.callback()
def selvhjelp(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Run the services for self-help groups, look after them, and rehearse with them."""


def main() -> None:
    """Run the command; an expected error or wrong usage is one line and a non-zero exit status."""
    try:
        status = app(prog_name="selvhjelp", standalone_mode=False)
    except CommandError as error:
        sys.exit(f"selvhjelp: {error}")
    except SettingError as error:
        sys.exit(f"selvhjelp: {'; '.join(str(error).splitlines())}")
    except typer.Abort:
        sys.exit(130)
    except Exception as error:
        # Typer keeps the class of its usage errors to itself.
        message, code = getattr(error, "format_message", None), getattr(error, "exit_code", 1)
        if message is None:
            raise
        if message():
            print(f"selvhjelp: {_usage_fault(' '.join(message().split()), error)}", file=sys.stderr)
        sys.exit(code)
    sys.exit(status if isinstance(status, int) else 0)


def _usage_fault(message: str, error: Exception) -> str:
    """Return Typer's sentence in the form of the other errors, with the command whose help has the answer."""
    words = getattr(getattr(error, "ctx", None), "command_path", "selvhjelp")
    plain = re.sub(r": Input should ([^,;]*)[^;]*", r": it should \1", message.replace("Value error, ", ""))
    return f"{plain[:1].lower()}{plain[1:].removesuffix('.')}; see `{words} --help`"


if __name__ == "__main__":
    main()
