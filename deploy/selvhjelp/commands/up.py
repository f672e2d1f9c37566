"""`selvhjelp up`: everything on this machine, without containers."""

from pathlib import Path
from typing import Annotated

import typer

from selvhjelp.console import needs_devtools
from selvhjelp.installation import DEFAULT_DIRECTORY


def run(
    data: Annotated[
        Path, typer.Option(help="The directory for all data; it is made if it does not exist.")
    ] = DEFAULT_DIRECTORY,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The port of the pages; 0 takes free ports; usually 8080.")
    ] = None,
    speed: Annotated[
        float | None, typer.Option(min=1, max=1_000_000, help="Run the clock this many times as fast as real time.")
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Let invented people sign up.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON when it is ready.")] = False,
) -> None:
    """Start everything on this machine, print its addresses, and keep it running until Ctrl-C."""
    with needs_devtools():
        from selvhjelp.up.run import Options, up
    raise typer.Exit(up(Options(data, port, speed, demo=demo, as_json=as_json)))
