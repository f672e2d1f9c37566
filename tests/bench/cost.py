"""
``python -m tests.bench.cost``: what one sign-up costs each service, from the form to the last mail of that day.

A person signs up, presses the button in the mail, waits or gets a seat, and is told. For each number of people a new
system is measured, so that the last line tells whether ten times the people cost more than ten times as much.
"""

import argparse
import asyncio
import email
import email.policy
import itertools
import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
from aiosmtpd.smtp import SMTP, Envelope
from rich.console import Console
from rich.table import Table

from devtools.testing.identities import EVERYTHING, connect
from selvhjelp.rehearsal.people import invent
from selvhjelp.rehearsal.visitor import Visitor
from shared.events import STREAMS
from shared.reference import places
from tests.bench.processes import Use, tree
from tests.faults.support.running_system import SERVICES, RunningSystem

PEOPLE: Final = (500, 5000)
WARMING: Final = 50
AT_ONCE: Final = 8
SETTLE_SECONDS: Final = 900
POLL_SECONDS: Final = 0.5
DATABASES: Final = {"intake": "intake", "intake_keys": "intake", "grouping": "grouping", "notify": "notify"}
"""Each database with the service that it belongs to."""

COUNTING: Final = {
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.max": "10000",
    "track_io_timing": "off",
}
STATEMENTS: Final = """
    SELECT d.datname AS database, sum(s.calls)::bigint AS statements, sum(s.wal_bytes)::bigint AS wal
    FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
    WHERE s.query !~* '^(begin|commit|rollback)' GROUP BY d.datname
"""
MOST_TIMES_THE_COST: Final = 1.1
"""Ten times the people may cost eleven times as much."""

_LINK: Final = re.compile(r"https?://[^\s/]+/(?:(?:nn|en)/)?bekreft/[A-Za-z0-9_-]+")


@dataclass
class Letters:
    """The mails that arrived: who was asked to confirm, and the size of all."""

    links: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    count: int = 0
    size: int = 0

    async def handle_DATA(self, _server: SMTP, _session: object, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self.count += 1
        self.size += len(content)
        body = email.message_from_bytes(content, policy=email.policy.default).get_body(("plain",))
        if body is not None and (link := _LINK.search(body.get_content())):
            self.links.put_nowait(link.group(0))
        return "250 OK"


async def main(sizes: list[int]) -> None:
    """Measure each size, and print a table of each and one line of JSON."""
    found = {size: await measure(size) for size in sizes}
    figures: dict[str, Any] = {"people": found}
    for fewer, more in itertools.pairwise(sizes):
        cost = [found[size]["total"]["cpu_ms"] for size in (fewer, more)]
        figures[f"cost_of_one_among_{more}_to_one_among_{fewer}"] = round(cost[1] / cost[0], 2)
    for size, parts in found.items():
        show(size, parts)
    print(json.dumps(figures))


async def measure(people: int) -> dict[str, Any]:
    """Return the costs of one sign-up, by part of the system."""
    with tempfile.TemporaryDirectory(prefix="selvhjelp-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        async with RunningSystem(Path(folder), durable=True, forked=False, postgres_settings=COUNTING) as system:
            await system.ready(120)
            await system.stop_mailbox()
            letters = Letters()
            loop = asyncio.get_running_loop()
            port = system.ports["smtp"]
            server = await loop.create_server(lambda: SMTP(letters, enable_SMTPUTF8=True), "127.0.0.1", port)
            admin = await asyncpg.connect(system.postgres.url())
            await admin.execute("CREATE EXTENSION pg_stat_statements")
            await _walk(system, letters, WARMING, "warming")
            await _settled(system)
            before = await _snapshot(system, admin, letters)
            await _walk(system, letters, people, "measured")
            await _settled(system)
            after = await _snapshot(system, admin, letters)
            server.close()
            await admin.close()
    return _costs(before, after, people)


async def _walk(system: RunningSystem, letters: Letters, people: int, tag: str) -> None:
    """Sign people up and confirm, some at a time."""
    payloads = payloads_of(await system.visitor_at("intake").centres(), people, tag)
    pressed = itertools.count(1)

    async def sign_up(visitor: Visitor) -> None:
        for payload in payloads:
            answer = await visitor.sign_up(payload)
            assert answer.status_code == 202, answer.text

    async def confirm(visitor: Visitor) -> None:
        while True:
            page, forms = await visitor.open(await letters.links.get())
            answer = await visitor.press(next(form for form in forms if form.buttons), page)
            assert answer.is_success, answer.status_code
            if next(pressed) == people:
                done.set()

    done = asyncio.Event()
    visitors = [system.visitor_at("intake") for _ in range(2 * AT_ONCE)]
    tasks = [asyncio.create_task(confirm(visitor)) for visitor in visitors[AT_ONCE:]]
    tasks.append(asyncio.create_task(_all_of(sign_up(visitor) for visitor in visitors[:AT_ONCE])))
    waiting = asyncio.create_task(_wait(done))
    while not waiting.done():
        ended, _ = await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED, timeout=SETTLE_SECONDS)
        assert ended, "nobody has confirmed for long"
        for task in ended & set(tasks):
            task.result()
            tasks.remove(task)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _wait(done: asyncio.Event) -> None:
    await done.wait()


async def _all_of(coroutines: Iterator[Any]) -> None:
    await asyncio.gather(*coroutines)


def payloads_of(centres: list[Any], count: int, tag: str) -> Iterator[dict[str, Any]]:
    """Yield sign-ups of different people all over the country."""
    by_kommune = {kommune: centre for centre in centres for kommune in centre["kommuner"]}
    for person in invent(count, sorted(by_kommune), seed=count, tag=f"-{tag}"):
        place = places.load().postal_code(person.place)
        assert place is not None
        centre = by_kommune[place.kommune]
        yield person.payload(centre["consent_version"], centre["information_version"])


async def _settled(system: RunningSystem) -> None:
    """Wait until nothing is under way: no event, no message, no mail that is due."""
    notify = await asyncpg.connect(system.database("notify"))
    due = "SELECT count(*) FROM mails WHERE next_at <= now() OR status = 'sending'"
    async with httpx.AsyncClient() as client, asyncio.timeout(SETTLE_SECONDS):
        quiet = 0
        while quiet < 3:
            await asyncio.sleep(POLL_SECONDS)
            left = await notify.fetchval(due)
            for name in SERVICES:
                status = (await client.get(f"http://127.0.0.1:{system.ports[name]}/status.json")).json()
                left += status.get("outbox_age_seconds", 0)
                left += sum(part["pending"] + part["unacked"] for part in status.values() if isinstance(part, dict))
            quiet = 0 if left else quiet + 1
    await notify.close()


async def _snapshot(system: RunningSystem, admin: "asyncpg.Connection[Any]", letters: Letters) -> dict[str, Any]:
    """Return what everything has used so far."""
    statements: dict[str, list[int]] = {name: [0, 0] for name in SERVICES}
    for row in await admin.fetch(STATEMENTS):
        if service := DATABASES.get(row["database"]):
            statements[service][0] += row["statements"]
            statements[service][1] += row["wal"]
    client = await connect(system.nats.url, EVERYTHING)
    streams = [await client.jetstream().stream_info(stream.value) for stream in STREAMS]
    await client.close()
    sizes = [await admin.fetchval("SELECT pg_database_size($1)", name) for name in DATABASES]
    return {
        "use": {
            **{name: Use.of([system.children[name].pid]) for name in SERVICES},
            "PostgreSQL": Use.of(tree(system.postgres.pid)),
            "NATS": Use.of([system.nats.pid]),
        },
        "statements": statements,
        "stream": sum(info.state.bytes for info in streams),
        "events": sum(info.state.messages for info in streams),
        "wal": await admin.fetchval("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"),
        "disk": sum(sizes),
        "mails": letters.count,
        "mail_bytes": letters.size,
    }


def _costs(before: dict[str, Any], after: dict[str, Any], people: int) -> dict[str, Any]:
    """Return the difference of two snapshots for each person."""
    parts: dict[str, Any] = {}
    for name, use in after["use"].items():
        used = use - before["use"][name]
        parts[name] = {"cpu_ms": round(1000 * used.seconds / people, 2)}
        if name in SERVICES:
            statements, wal = (
                now - then for now, then in zip(after["statements"][name], before["statements"][name], strict=True)
            )
            parts[name] |= {
                "statements": round(statements / people, 1),
                "wal_bytes": round(wal / people),
                "transferred_bytes": round(used.transferred / people),
            }
    services = [parts[name] for name in SERVICES]

    def each(key: str) -> float:
        return round((float(after[key]) - float(before[key])) / people, 2)

    parts["total"] = {
        "cpu_ms": round(sum(part["cpu_ms"] for part in parts.values()), 2),
        "statements": round(sum(part["statements"] for part in services), 1),
        "wal_bytes": each("wal"),
        "transferred_bytes": sum(part["transferred_bytes"] for part in services),
        "events": each("events"),
        "stream_bytes": each("stream"),
        "database_bytes": each("disk"),
        "mails": each("mails"),
        "mail_bytes": each("mail_bytes"),
    }
    return parts


def show(people: int, parts: dict[str, Any]) -> None:
    """As a table for people."""
    columns = ("cpu_ms", "statements", "wal_bytes", "transferred_bytes")
    table = Table("Part", "CPU ms", "Statements", "WAL bytes", "Bytes read and written")
    table.title = f"One sign-up of {people}"
    for name, part in parts.items():
        table.add_row(name, *(str(part.get(column, "")) for column in columns))
    Console().print(table)
    total = parts["total"]
    print(
        f"{total['events']} events ({total['stream_bytes']:.0f} bytes in streams), {total['mails']} mails"
        f" ({total['mail_bytes']:.0f} bytes), {total['database_bytes']:.0f} bytes more in databases"
    )


if __name__ == "__main__":
    import uvloop

    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, nargs="+", default=PEOPLE)
    uvloop.install()
    asyncio.run(main(list(parser.parse_args().people)))
