"""
``just load``: the whole system under load for minutes; each run prints one line of JSON.

- ``steady``: so many sign-ups a second, each at its own time whether or not the ones before are answered. The time of
  an answer counts from then, so that a pause of the system shows in every sign-up that waited for it.
- ``burst``: many at once, see :mod:`tests.bench.burst`.
- ``backlog``: people sign up while grouping and notify are down, and events wait for grouping; then both come back.
- ``waiting``: so many people come; how fast grouping takes them in, and what it needs then. With ``--held`` every area
  is on hold, so that no group is formed and all of them wait.

Durable PostgreSQL and NATS. The load and the mail server share the two cores with the system.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg
import uvloop
from aiosmtpd.smtp import SMTP

from devtools.testing.identities import EVERYTHING, connect
from shared.events import Event, Stream
from shared.reference import centres
from tests.bench import burst, load
from tests.bench.__main__ import drained
from tests.bench.burst import Sink, processor_seconds
from tests.bench.consuming import events
from tests.bench.cost import payloads_of
from tests.bench.processes import memory_mib
from tests.faults.support.running_system import RunningSystem

LOOK_SECONDS: Final = 0.25
DRAIN_SECONDS: Final = 3600
PUBLISHED_AT_ONCE: Final = 200
CHECKPOINTS: Final = 5
WARMING: Final = 300

Figures = dict[str, Any]


@asynccontextmanager
async def running() -> AsyncIterator[tuple[RunningSystem, Sink]]:
    """Start the system with a mail server that takes everything."""
    with tempfile.TemporaryDirectory(prefix="selvhjelp-load-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        async with RunningSystem(Path(folder), durable=True, forked=False, forgetful=True) as system:
            await system.ready(120)
            await system.stop_mailbox()
            sink, loop = Sink(), asyncio.get_running_loop()
            server = await loop.create_server(
                lambda: SMTP(sink, enable_SMTPUTF8=True), "127.0.0.1", system.ports["smtp"]
            )
            yield system, sink
            server.close()


async def payloads(system: RunningSystem, count: int, tag: str) -> list[Figures]:
    """Return the sign-ups of people all over the country."""
    return list(payloads_of(await system.visitor_at("intake").centres(), count, tag))


def memory(system: RunningSystem) -> dict[str, float]:
    """Return the resident memory of each service in MiB."""
    return {name: memory_mib(child.pid)[0] for name, child in system.children.items()}


async def steady(rate: float, minutes: float) -> Figures:
    """Sign people up at a rate, and return times of answers, errors and memory."""
    async with running() as (system, sink):
        await load.rate(system.ports["intake"], await payloads(system, WARMING, "warm"))
        await drained(system)
        sink.at.clear()
        people = await payloads(system, round(rate * minutes * 60), "steady")
        before, used = memory(system), processor_seconds(system)
        answers = await load.at_rate(system.ports["intake"], people, rate)
        ended_at = time.perf_counter()
        after_load = memory(system)
        await drained(system)
        drain = time.perf_counter() - ended_at
        used = {name: seconds - used[name] for name, seconds in processor_seconds(system).items()}
        accepted = sorted(answer.seconds for answer in answers if answer.status == "202")
        return {
            "rate": rate,
            "minutes": minutes,
            "asked": len(people),
            "accepted": len(accepted),
            "errors": len(people) - len(accepted),
            "other_answers": sorted({answer.status for answer in answers} - {"202"}),
            **{f"p{part}_ms": milliseconds(accepted, part) for part in (50, 95, 99, 100)},
            "mails_sent": len(sink.at),
            "last_mail_after_s": round(drain, 1),
            "memory_mib_start": before,
            "memory_mib_end_of_load": after_load,
            "memory_mib_drained": memory(system),
            "cpu_ms_per_signup": {name: round(1000 * value / len(people), 1) for name, value in used.items()},
        }


def milliseconds(times: Sequence[float], percent: int) -> float | None:
    """Return a percentile of sorted times."""
    return round(1000 * times[min(len(times) - 1, len(times) * percent // 100)], 1) if times else None


async def backlog(people: int, ready: int) -> Figures:
    """Let people sign up while the readers are down, then measure how long the readers take."""
    async with running() as (system, sink):
        for name in ("grouping", "notify"):
            await system.kill(name)
        began_at = time.perf_counter()
        await load.rate(system.ports["intake"], await payloads(system, people, "backlog"))
        accepted = time.perf_counter() - began_at
        await until(lambda: _published(system))
        await publish(system, events(ready, seed=1))
        began_at = time.perf_counter()
        for name in ("grouping", "notify"):
            await system.spawn(name)
        drains: dict[str, float] = {}

        async def measure(name: str, done: Callable[[], Awaitable[bool]]) -> None:
            await until(done)
            drains[name] = round(time.perf_counter() - began_at, 1)

        async def mailed() -> bool:
            return len(sink.at) >= people

        await asyncio.gather(
            measure("grouping_s", lambda: _handled(system, "grouping")),
            measure("notify_s", lambda: _handled(system, "notify")),
            measure("last_mail_s", mailed),
        )
        return {
            "signups": people,
            "ready_events": ready,
            "accepted_per_s_while_down": round(people / accepted),
            **drains,
            "mails_per_s": round(people / drains["last_mail_s"]),
            "memory_mib": memory(system),
        }


async def waiting(people: int, *, held: bool) -> Figures:
    """Publish sign-ups in parts; return the rate, processor time and memory of grouping for each part."""
    async with running() as (system, _):
        for name in ("intake", "notify"):
            await system.kill(name)
        if held:
            await _hold_all_areas(system)
        parts, part = [], -(-people // CHECKPOINTS)
        for number in range(CHECKPOINTS):
            used, began_at = processor_seconds(system), time.perf_counter()
            await publish(system, events(part, seed=number))
            await until(lambda: _handled(system, "grouping"))
            took = time.perf_counter() - began_at
            used = {name: seconds - used[name] for name, seconds in processor_seconds(system).items()}
            parts.append(
                {
                    "people": (number + 1) * part,
                    "waiting": await _waiting(system),
                    "per_s": round(part / took),
                    "cpu_ms_each": {name: round(1000 * used[name] / part, 2) for name in ("grouping", "PostgreSQL")},
                    "memory_mib": memory_mib(system.children["grouping"].pid)[0],
                }
            )
        return {"people": people, "held": held, "parts": parts}


async def _hold_all_areas(system: RunningSystem) -> None:
    rows = [(area.id, centre.id) for centre in centres.load().all for area in centre.areas]
    connection = await asyncpg.connect(system.database("grouping"))
    await connection.executemany(
        "INSERT INTO area_holds (area, centre, held_at, username) VALUES ($1, $2, now(), 'bench')", rows
    )
    await connection.close()


async def until(done: Callable[[], Awaitable[bool]]) -> None:
    """Await a condition."""
    async with asyncio.timeout(DRAIN_SECONDS):
        while not await done():
            await asyncio.sleep(LOOK_SECONDS)


async def publish(system: RunningSystem, waiting: Sequence[Event]) -> None:
    """Publish events as the relay of intake does."""
    client = await connect(system.nats.url)
    js = client.jetstream(timeout=60)
    for first in range(0, len(waiting), PUBLISHED_AT_ONCE):
        part = waiting[first : first + PUBLISHED_AT_ONCE]
        await asyncio.gather(
            *(
                js.publish(event.subject, event.model_dump_json().encode(), stream=Stream.SIGNUPS.value)
                for event in part
            )
        )
    await client.close()


async def _published(system: RunningSystem) -> bool:
    return not await _value(system, "intake", "SELECT count(*) FROM outbox WHERE sent_at IS NULL")


async def _waiting(system: RunningSystem) -> int:
    return int(await _value(system, "grouping", "SELECT count(*) FROM waiting WHERE status = 'waiting'"))


async def _value(system: RunningSystem, database: str, query: str) -> Any:
    connection = await asyncpg.connect(system.database(database))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def _handled(system: RunningSystem, service: str) -> bool:
    """Return True if a service has acknowledged all that is in SIGNUPS."""
    client = await connect(system.nats.url, EVERYTHING)
    try:
        info = await client.jetstream().consumer_info(Stream.SIGNUPS.value, f"{service}-signups")
    finally:
        await client.close()
    return not info.num_pending and not info.num_ack_pending


def arguments() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(
        prog="just load", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    modes = parser.add_subparsers(dest="mode", required=True)
    mode = modes.add_parser("steady")
    mode.add_argument("--rate", type=float, default=50, help="sign-ups a second")
    mode.add_argument("--minutes", type=float, default=10)
    modes.add_parser("burst").add_argument("--people", type=int, default=5000)
    mode = modes.add_parser("backlog")
    mode.add_argument("--people", type=int, default=5000, help="who sign up meanwhile")
    mode.add_argument("--ready", type=int, default=5000, help="who are to wait, for grouping")
    mode = modes.add_parser("waiting")
    mode.add_argument("--people", type=int, default=200_000)
    mode.add_argument("--held", action="store_true", help="no group is formed: all of them wait")
    return parser.parse_args()


async def main(options: argparse.Namespace) -> None:
    """Run one kind of load."""
    if options.mode == "burst":
        await burst.main(options.people)
        return
    runs: dict[str, Callable[[], Awaitable[Figures]]] = {
        "steady": lambda: steady(options.rate, options.minutes),
        "backlog": lambda: backlog(options.people, options.ready),
        "waiting": lambda: waiting(options.people, held=options.held),
    }
    print(json.dumps({"load": options.mode, **await runs[options.mode]()}))


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(main(arguments()))
