"""Run a rehearsal from the terminal: start the town, live in it, print the summary, and leave nothing behind."""

import asyncio
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from devtools.local.process import LocalError
from selvhjelp.console import CommandError, print_json, say
from selvhjelp.rehearsal.town import guide
from selvhjelp.rehearsal.town.rehearsal import Rehearsal
from selvhjelp.rehearsal.town.system import STAFF, listener, logged_to, running_system, served
from shared.kit.clock import ManualClock
from shared.kit.i18n import format_date
from shared.reference.centres import Centre
from shared.timezone import OSLO_TZ

BEGINS: Final = datetime(2027, 1, 4, 9, tzinfo=OSLO_TZ)
"""Every rehearsal lives through the same days, so that two can be compared."""

INTERRUPTED: Final = 130


@dataclass(frozen=True)
class Options:
    """
    The options of `selvhjelp rehearse`.

    Attributes:
        wait_seconds: Time without a press after which the day goes on.
        auto: True to let a coordinator of our own do the tasks.
    """

    centre: Centre
    days: int
    wait_seconds: float
    port: int | None = None
    log: Path | None = None
    auto: bool = False
    as_json: bool = False


def rehearse(options: Options) -> int:
    """
    Run until the end, or until SIGTERM or Ctrl-C; return the exit status.

    Raises:
        CommandError: A server cannot be started, or the system does not come to rest.
    """
    with tempfile.TemporaryDirectory(prefix="selvhjelp-rehearsal-") as folder:
        directory = Path(folder)
        with logged_to(options.log or directory / "log"):
            try:
                return asyncio.run(_run(directory, options))
            except LocalError as error:
                raise CommandError(str(error)) from None


async def _run(directory: Path, options: Options) -> int:
    with _stopped_by_signals() as stop:
        work = asyncio.create_task(_live(directory, options))
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait((work, stopped), return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            stopped.cancel()
            return await work
        work.cancel()
        await asyncio.wait((work,))
        return INTERRUPTED if work.cancelled() else work.result()


async def _live(directory: Path, options: Options) -> int:
    clock = ManualClock(BEGINS)
    async with AsyncExitStack() as stack:
        system = await stack.enter_async_context(running_system(directory, clock, options.centre.id, options.port))
        wait = None if options.auto else options.wait_seconds
        rehearsal = Rehearsal(system, options.centre, options.days, wait, lambda *line: _tell(options, *line))
        socket = stack.enter_context(listener())
        await stack.enter_async_context(served(guide.create_app(rehearsal), socket))
        await rehearsal.prepare()
        _announce(options, rehearsal, f"http://localhost:{socket.getsockname()[1]}")
        try:
            await rehearsal.run()
        finally:
            _finish(options, rehearsal)
        if not options.auto:
            say("\nThe town stays open, so that you can look around. Ctrl-C closes it.")
            await _until_stopped()
    return 0


async def _until_stopped() -> None:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return  # the rehearsal itself came to its end


def _announce(options: Options, rehearsal: Rehearsal, guide_url: str) -> None:
    system = rehearsal.system
    if options.as_json:
        staff = {"username": STAFF, "password": system.password}
        print_json({"guide": guide_url, "url": system.url, "mailbox": system.mailbox_url, "staff": staff})
        sys.stdout.flush()  # the reader waits for it
        return
    if not options.auto:
        say(f"Open {guide_url} and keep it beside the staff pages.")
        say(f"  Staff pages    {system.url}/stab/   user {STAFF}, password {system.password}")
        say(f"  Mailbox        {system.mailbox_url}   all mail ends here; nothing is sent out")
        say("Ctrl-C ends the rehearsal and removes everything.\n")


def _tell(options: Options, moment: datetime, sentence: str) -> None:
    if not options.as_json:
        say(f"{format_date(moment, 'nb')}: {sentence}")


def _finish(options: Options, rehearsal: Rehearsal) -> None:
    summary = rehearsal.summary()
    if options.as_json:
        print_json({"over": rehearsal.over, **summary.as_json()})
        return
    print()
    for line in summary.lines():
        print(line)


@contextmanager
def _stopped_by_signals() -> Iterator[asyncio.Event]:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    signals = [
        each for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP) if signal.getsignal(each) != signal.SIG_IGN
    ]
    for each in signals:
        loop.add_signal_handler(each, stop.set)
    try:
        yield stop
    finally:
        for each in signals:
            loop.remove_signal_handler(each)
