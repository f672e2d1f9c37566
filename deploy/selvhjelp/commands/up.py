"""`selvhjelp up`: everything on this machine, without containers."""

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_DIRECTORY = Path("var/selvhjelp")


def run(
    data: Annotated[
        Path, typer.Option(help="Where everything is kept; made when it is not there.")
    ] = DEFAULT_DIRECTORY,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The port of the pages; 0 takes free ports; usually 8080.")
    ] = None,
    speed: Annotated[
        float | None, typer.Option(min=1, max=1_000_000, help="Live this many times as fast as the real time.")
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Let invented people sign up.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON when it is ready.")] = False,
) -> None:
    """Start all of it, say where it is, and keep it running until Ctrl-C."""
    from selvhjelp.up import Wishes, up  # noqa: PLC0415 - `--help` is quicker without

    raise typer.Exit(up(Wishes(data, port, speed, demo=demo, as_json=as_json)))
