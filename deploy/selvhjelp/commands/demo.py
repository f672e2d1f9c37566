"""`selvhjelp demo`: let invented people sign up and answer, and show the result."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from selvhjelp.console import FAILED, USAGE, Json, console, finish, print_json, say, stop
from selvhjelp.installation import DEFAULT_DIRECTORY, Data, state

if TYPE_CHECKING:
    from selvhjelp.rehearsal.demo import Demo


def run(
    people: Annotated[int, typer.Option(min=1, max=500, help="Number of people.")] = 40,
    seed: Annotated[int, typer.Option(min=0, help="The same seed invents the same people.")] = 1,
    url: Annotated[str | None, typer.Option(help="The system on this machine, as http://localhost:8080.")] = None,
    mailbox: Annotated[str | None, typer.Option(help="Its development mailbox, as http://localhost:8025.")] = None,
    centre: Annotated[str | None, typer.Option(help="Let people sign up at this centre only.")] = None,
    speed: Annotated[
        float | None,
        typer.Option(min=1, max=1_000_000, help="Start a system whose clock runs this fast, and remove it afterwards."),
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """
    Let invented people all over Norway sign up, answer their mails for them, and show what happens until all is quiet.

    Works only on this machine and with a development mailbox: --url and --mailbox, or the directory of a
    `selvhjelp up` that runs, or with --speed a system of its own.

    Exit status: 0 all came to rest, 1 failed or not at rest in time, 2 wrong usage.
    """
    from selvhjelp.rehearsal.demo import Demo

    if (url is None) != (mailbox is None) or (url is not None and data is not None):
        raise stop(USAGE, "give both --url and --mailbox, or only --data")
    if speed is not None and (url is not None or data is not None):
        raise stop(USAGE, "--speed starts a system of its own, so leave out --url, --mailbox and --data")
    if speed is not None:
        from selvhjelp.rehearsal.own_system import own_system

        say(f"starting a system whose clock runs {speed:g} times as fast")
        with own_system(speed) as (own_url, own_mailbox):
            settled = _show(Demo(own_url, own_mailbox, people, seed, say, centre=centre), as_json=as_json)
    else:
        if url is None or mailbox is None:
            url, mailbox = _running(data or DEFAULT_DIRECTORY)
        settled = _show(Demo(url, mailbox, people, seed, say, centre=centre), as_json=as_json)
    if not settled:
        raise typer.Exit(FAILED)


def _running(directory: Path) -> tuple[str, str]:
    """Return the addresses of the pages and of the mailbox of the `selvhjelp up` in a directory."""
    running = state(directory.absolute())
    if not running.get("pids"):
        raise stop(FAILED, f"nothing runs in {directory.absolute()}; start it with `selvhjelp up`")
    return f"http://localhost:{running['ports']['gateway']}", f"http://localhost:{running['ports']['mailbox']}"


def _show(demo: "Demo", *, as_json: bool) -> bool:
    """Run a demo and show it; return True if all came to rest."""
    from selvhjelp.rehearsal.display import LiveDisplay, closing_lines, table

    if as_json:
        finish(demo.run())
        print_json(demo.summary())
        return demo.settled
    out = console()
    with LiveDisplay(out, demo.stories) as display:
        demo.report = display.event
        finish(demo.run())
    if not out.is_terminal:
        out.print(table(demo.stories))
    out.print()
    for line in closing_lines(demo.stories, settled=demo.settled):
        out.print(line, markup=False)
    return demo.settled
