"""`selvhjelp rehearse`: an invented town in which a new coordinator lives two years of groups."""

from pathlib import Path
from typing import Annotated

import typer

from selvhjelp.console import USAGE, Json, needs_devtools, stop
from shared.reference import centres


def run(
    centre: Annotated[str, typer.Option(help="The centre whose rules hold in the town.")] = "link-oslo",
    days: Annotated[int, typer.Option(min=1, max=1500, help="Days that pass in the town.")] = 730,
    wait: Annotated[
        float, typer.Option(min=1, max=3600, help="Seconds without a press after which the day goes on.")
    ] = 60,
    auto: Annotated[bool, typer.Option("--auto", help="Let an invented coordinator do the tasks too.")] = False,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The port of the pages; 0 takes a free one; usually 8080.")
    ] = None,
    log: Annotated[Path | None, typer.Option(help="A file that keeps the log of all services.")] = None,
    as_json: Json = False,
) -> None:
    """
    Live two years of groups in about ten minutes, in an invented town on this machine, with the real staff pages.

    Invented people sign up, answer, drop out and meet. Time stands still while there is something for the coordinator
    to do, and goes fast otherwise. At the end you see what happened, and what your work meant. Nothing is kept, and no
    mail leaves this machine.

    Exit status: 0 the last day is over, 1 failed, 2 wrong usage, 130 stopped before the end.
    """
    chosen = centres.load().get(centre)
    if chosen is None:
        raise stop(
            USAGE, f"there is no centre {centre}; choose one of {', '.join(each.id for each in centres.load().all)}"
        )
    with needs_devtools():
        from selvhjelp.rehearsal.town.run import Options, rehearse
    raise typer.Exit(rehearse(Options(chosen, days, wait, port, log, auto=auto, as_json=as_json)))
