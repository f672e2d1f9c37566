"""`selvhjelp places renew`: bring the register of postal codes up to date."""

import csv
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from selvhjelp.console import CommandError, console
from shared.reference import places_renewal
from shared.reference.places_renewal import COLUMNS, RegisterInvalid

app = typer.Typer(name="places", help="The register of postal codes.", no_args_is_help=True)


@app.callback()
def places() -> None:
    """Look after the register of postal codes."""


@app.command("renew")
def renew(
    file: Annotated[Path, typer.Argument(help="Bring's register: code, name and kommune number on each line")],
    as_of: Annotated[str, typer.Option(help="The day of the register, year-month-day")],
) -> None:
    """Write the register of the package anew from a file, with the points that it has; the tests show what changed."""
    data = Path(str(resources.files("shared.reference").joinpath("data")))
    try:
        day = date.fromisoformat(as_of)
        with (data / "places.csv").open(encoding="utf-8") as lines:
            _, *old = csv.reader(lines)
        rows = places_renewal.renew([tuple(row) for row in old], places_renewal.read(file.read_text("utf-8")))  # type: ignore[misc]  # five columns
    except (OSError, UnicodeError, RegisterInvalid, ValueError) as error:
        raise CommandError(str(error)) from None
    with (data / "places.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows([COLUMNS, *rows])
    (data / "places_as_of.txt").write_text(f"{day.isoformat()}\n", encoding="utf-8")
    console().print(f"{len(rows)} postnumre, {len(rows) - len(old):+d}. Registeret er fra {day.isoformat()}.")
