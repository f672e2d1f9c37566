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
    """Rewrite the register of the package from a file; known codes keep their coordinates."""
    data = Path(str(resources.files("shared.reference").joinpath("data")))
    try:
        day = date.fromisoformat(as_of)
    except ValueError:
        raise CommandError(f"--as-of {as_of!r} is not a date; write it as 2026-01-31") from None
    try:
        with (data / "places.csv").open(encoding="utf-8") as lines:
            _, *old = csv.reader(lines)
        rows = places_renewal.renew([tuple(row) for row in old], places_renewal.read(file.read_text("utf-8")))  # type: ignore[misc]  # five columns
    except OSError as error:
        raise CommandError(f"cannot read {error.filename} ({error.strerror})") from None
    except UnicodeError:
        raise CommandError(f"{file} is not UTF-8 text; save it as UTF-8") from None
    except (RegisterInvalid, ValueError) as error:
        raise CommandError(f"{file} cannot be used: {error}") from None
    with (data / "places.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows([COLUMNS, *rows])
    (data / "places_as_of.txt").write_text(f"{day.isoformat()}\n", encoding="utf-8")
    console().print(f"{len(rows)} postal codes ({len(rows) - len(old):+d}). The register is of {day.isoformat()}.")
