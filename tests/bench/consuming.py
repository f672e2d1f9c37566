"""
``python -m tests.bench.consuming``: how many sign-ups a second grouping takes in, decides and writes down.

Beside it, in the same run on the same servers, consumers that insert one row for each message and do nothing else: one
with the same libraries, one with the bare driver. Turn by turn; the first turn warms up.
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg
from faststream import FastStream
from faststream.middlewares import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from devtools.testing.identities import EVERYTHING, connect, identity
from selvhjelp.rehearsal.people import invent
from shared.events import Stream, event_class, signups
from shared.kit.ids import new_id
from shared.reference import centres, places
from tests.bench import bare
from tests.bench.__main__ import bare_url, make_tables
from tests.faults.support.running_system import RunningSystem

TURNS: Final = 4
MESSAGES: Final = 2000
AT_ONCE: Final = 32
KINDS: Final = ("sqlalchemy", "asyncpg")


def events(count: int, seed: int) -> list[signups.Ready]:
    """Sign-ups of people all over the country."""
    known = centres.load()
    numbers = [kommune for centre in known.all for kommune in centre.kommuner]
    results: list[signups.Ready] = []
    for person in invent(count, numbers, seed):
        place = places.load().postal_code(person.place)
        assert place is not None
        centre, area = known.by_kommune(place.kommune) or (None, None)
        assert centre is not None
        assert area is not None
        ids = {name: new_id() for name in ("event_id", "correlation_id", "signup_id", "person_id")}
        results.append(
            signups.Ready(
                **ids,
                version=3,
                occurred_at=datetime.now(UTC),
                centre=centre.id,
                area=area.id,
                kommune=place.kommune,
                latitude=round(place.latitude, 2),
                longitude=round(place.longitude, 2),
                slots=person.slots,
                languages=person.languages,
                max_travel_km=person.max_travel_km,
                language=person.language,
                signed_up_at=datetime.now(UTC) - timedelta(minutes=len(results)),
            )
        )
    return results


async def main() -> None:
    """Measure, and print one table."""
    with tempfile.TemporaryDirectory(prefix="selvhjelp-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        async with RunningSystem(Path(folder), durable=True, forked=False) as system:
            for name in ("intake", "notify", "grouping"):
                await system.kill(name)
            await make_tables(system)
            rates: dict[str, list[float]] = {name: [] for name in ("grouping", *KINDS)}
            for turn in range(TURNS + 1):
                results = {
                    "grouping": await turn_of(system, turn, lambda: _grouping(system), "grouping", "inbox"),
                    **{
                        kind: await turn_of(system, turn, lambda kind=kind: _bare(system, kind), "bare", "bare_signups")  # type: ignore[misc]
                        for kind in KINDS
                    },
                }
                if turn:
                    for name, rate in results.items():
                        rates[name].append(rate)
    show({name: statistics.median(results) for name, results in rates.items()}, rates)


Start = Callable[[], Awaitable[Callable[[], Awaitable[None]]]]


async def turn_of(system: RunningSystem, turn: int, start: Start, database: str, table: str) -> float:
    """Fill the stream while no consumer runs, start one consumer, and see how fast it gets through."""
    client = await connect(system.nats.url)
    js = client.jetstream()
    await js.purge_stream(Stream.SIGNUPS.value)
    for event in events(MESSAGES, turn):
        await js.publish(event.subject, event.model_dump_json().encode(), stream=Stream.SIGNUPS.value)
    await client.close()
    connection = await asyncpg.connect(system.database(database))
    before = await connection.fetchval(f"SELECT count(*) FROM {table}")
    stop = await start()
    began, first = 0.0, 0
    async with asyncio.timeout(300):
        while True:
            count = await connection.fetchval(f"SELECT count(*) FROM {table}") - before
            if not began and count >= MESSAGES // 10:
                began, first = time.perf_counter(), count
            if count >= MESSAGES:
                break
            await asyncio.sleep(0.02)
    took = time.perf_counter() - began
    await stop()
    await connection.close()
    return float((MESSAGES - first) / took)


async def _grouping(system: RunningSystem) -> Callable[[], Awaitable[None]]:
    await system.spawn("grouping")

    async def stop() -> None:
        await system.kill("grouping")

    return stop


async def _bare(system: RunningSystem, kind: str) -> Callable[[], Awaitable[None]]:
    settings = json.dumps({"url": bare_url(system), "nats": system.nats.url})
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.consuming", kind, env={**os.environ, "BARE": settings}
    )

    async def stop() -> None:
        process.kill()
        await process.wait()

    return stop


async def consume(kind: str, settings: dict[str, str]) -> None:
    """The baseline itself, as a process: parse, insert one row, commit, acknowledge."""
    broker = NatsBroker(settings["nats"], logger=None, **identity(EVERYTHING).broker_options())
    engine = create_async_engine(settings["url"], pool_size=AT_ONCE)
    pool = await asyncpg.create_pool(settings["url"].replace("+asyncpg", ""), min_size=AT_ONCE, max_size=AT_ONCE)

    async def receive(message: Any) -> None:
        raw = message.raw_message
        wanted = event_class(raw.subject)
        assert wanted is not None
        event: Any = wanted.model_validate_json(raw.data)
        text = raw.data.decode()
        if kind == "asyncpg":
            await pool.execute("INSERT INTO bare_signups VALUES ($1, $2)", event.event_id, text)
        else:
            async with AsyncSession(engine) as session, session.begin():
                await session.execute(insert(bare.rows).values(id=event.event_id, body=text))
        await message.ack_sync()

    broker.subscriber(
        Stream.SIGNUPS.subjects,
        stream=JStream(Stream.SIGNUPS.value, declare=False),
        durable=f"bare-{kind}",
        pull_sub=PullSub(batch_size=AT_ONCE, timeout=1.0),
        ack_policy=AckPolicy.MANUAL,
        decoder=as_it_is,
    )(receive)
    await FastStream(broker).run()


async def as_it_is(message: NatsMessage) -> NatsMessage:
    """As in :mod:`shared.kit.messaging.consumer`: it saves a thread for each message, here too."""
    return message


def show(medians: dict[str, float], rounds: dict[str, list[float]]) -> None:
    """As a table for people, and a line of JSON for machines."""
    table = Table("Messages a second", "Measured", "Grouping against it", "Goal", title="Sign-ups taken in by grouping")
    for name, rate in medians.items():
        ratio = "" if name == "grouping" else f"{medians['grouping'] / rate:.2f}"
        table.add_row(name, f"{rate:.0f}", ratio, "≥ 0.75" if name == "sqlalchemy" else "")
    Console().print(table)
    print(json.dumps({name: [round(rate) for rate in found] for name, found in rounds.items()}))


if __name__ == "__main__":
    asyncio.run(consume(sys.argv[1], json.loads(os.environ["BARE"])) if len(sys.argv) > 1 else main())
