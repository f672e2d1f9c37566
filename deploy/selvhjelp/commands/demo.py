"""`selvhjelp demo`: let invented people sign up and answer, and show the result."""

from typing import Annotated

import typer

from selvhjelp.console import FAILED, USAGE, Json, console, finish, print_json, say, stop
from selvhjelp.installation import DEFAULT_DIRECTORY, Data, state


def run(
    people: Annotated[int, typer.Option(min=1, max=500, help="Number of people.")] = 40,
    seed: Annotated[int, typer.Option(min=0, help="The same seed invents the same people.")] = 1,
    url: Annotated[str | None, typer.Option(help="The system on this machine, as http://localhost:8080.")] = None,
    mailbox: Annotated[str | None, typer.Option(help="Its development mailbox, as http://localhost:8025.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """
    Let invented people all over Norway sign up, answer their mails for them, and show what happens until all is quiet.

    Works only on this machine and with a development mailbox: either --url and --mailbox, or the directory of a
    `selvhjelp up` that runs.

    Exit status: 0 all came to rest, 1 failed or not at rest in time, 2 wrong usage.
    """
    from selvhjelp.rehearsal.demo import Demo
    from selvhjelp.rehearsal.display import LiveDisplay, closing_lines, table

    if (url is None) != (mailbox is None) or (url is not None and data is not None):
        raise stop(USAGE, "give both --url and --mailbox, or only --data")
    if url is None or mailbox is None:
        directory = (data or DEFAULT_DIRECTORY).absolute()
        running = state(directory)
        if not running.get("pids"):
            raise stop(FAILED, f"nothing runs in {directory}; start it with `selvhjelp up`")
        url, mailbox = (f"http://localhost:{running['ports'][name]}" for name in ("gateway", "mailbox"))
    demo = Demo(url, mailbox, people, seed, say)
    if as_json:
        finish(demo.run())
        print_json(demo.summary())
    else:
        out = console()
        with LiveDisplay(out, demo.stories) as display:
            demo.report = display.event
            finish(demo.run())
        if not out.is_terminal:
            out.print(table(demo.stories))
        out.print()
        for line in closing_lines(demo.stories, settled=demo.settled):
            out.print(line, markup=False)
    if not demo.settled:
        raise typer.Exit(FAILED)
