"""
``python -m tests.bench.burst``: many sign-ups at once, and how long the last confirmation takes to leave.

The whole system, as processes: intake accepts, its outbox is relayed through NATS, notify queues the mails, asks intake
for the contacts, and sends over one connection. Durable PostgreSQL and NATS; the load and the mail server share the two
cores. The table says when each stage had the last sign-up, and which process used how much of a core for it.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import asyncpg
from aiosmtpd.smtp import SMTP, Envelope, Session
from rich.console import Console
from rich.table import Table

from tests.bench import load
from tests.bench.__main__ import BERGEN, drained, payloads
from tests.bench.processes import Use, tree
from tests.faults.support.running_system import RunningSystem

SIGNUPS: Final = 2500
WARMING: Final = 300
GOAL_SECONDS: Final = 10.0
POLL_SECONDS: Final = 0.1
GIVE_UP_SECONDS: Final = 600

STAGES: Final = {
    "last one published by intake": ("intake", "SELECT max(sent_at) FROM outbox"),
    "last one queued by notify": ("notify", "SELECT max(seen_at) FROM inbox"),
}
"""The newest moment that each stage has written down."""


@dataclass
class Sink:
    """Takes every mail, and knows when each recipient had the first one."""

    at: dict[str, float] = field(default_factory=dict)

    async def handle_EHLO(  # noqa: N802
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Offer PIPELINING as mail servers do."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_DATA(self, _server: SMTP, _session: object, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail."""
        self.at.setdefault(envelope.rcpt_tos[0], time.time())
        return "250 OK"


async def main(signups: int) -> None:
    """Measure, and print one table and a line of JSON."""
    with tempfile.TemporaryDirectory(prefix="selvhjelp-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        async with RunningSystem(Path(folder), durable=True, forked=False) as system:
            figures = await burst(system, signups)
    table = Table("Stage", "Measured", title=f"{signups} sign-ups at once")
    for name, value in figures.items():
        table.add_row(name, str(value))
    Console().print(table)
    print(json.dumps(figures))


async def burst(system: RunningSystem, signups: int) -> dict[str, object]:
    """Warm up, sign everybody up, and return seconds by stage."""
    centres = await system.visitor().centres()
    versions = next(centre for centre in centres if BERGEN[0] in centre["kommuner"])
    await system.ready(120)
    await system.stop_mailbox()
    sink = Sink()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, enable_SMTPUTF8=True), "127.0.0.1", system.ports["smtp"])
    await load.rate(system.ports["intake"], payloads(WARMING, "warm", versions))
    await drained(system)
    sink.at.clear()
    people = payloads(signups, "burst", versions)
    used_before = processor_seconds(system)
    began_at = time.time()
    await load.rate(system.ports["intake"], people)
    accepted_at = time.time()
    async with asyncio.timeout(GIVE_UP_SECONDS):
        while len(sink.at) < signups:
            await asyncio.sleep(POLL_SECONDS)
    used = {name: after - used_before[name] for name, after in processor_seconds(system).items()}
    reached = await newest(system)
    server.close()
    last = max(sink.at.values())
    since_accepted = sorted(at - accepted_at for at in sink.at.values())
    figures: dict[str, object] = {"accepted, seconds from the first": round(accepted_at - began_at, 2)}
    figures |= {f"{name}, seconds after the last 202": round(at - accepted_at, 2) for name, at in reached.items()}
    figures |= {
        "last confirmation, seconds after the last 202": round(last - accepted_at, 2),
        "goal": f"at most {GOAL_SECONDS:.0f}",
        "confirmations that had left at the last 202": sum(each <= 0 for each in since_accepted),
        "mails a second, from the first sign-up": round(signups / (last - began_at)),
        "processor, ms for each sign-up": {name: round(1000 * value / signups, 2) for name, value in used.items()},
    }
    return figures


async def newest(system: RunningSystem) -> dict[str, float]:
    """Return the newest moment of each stage."""
    moments: dict[str, float] = {}
    for name, (database, query) in STAGES.items():
        connection = await asyncpg.connect(system.database(database))
        moments[name] = (await connection.fetchval(query)).timestamp()
        await connection.close()
    return moments


def processor_seconds(system: RunningSystem) -> Mapping[str, float]:
    """Return the processor time of each part of the system so far."""
    used = {name: Use.of([child.pid]).seconds for name, child in system.children.items()}
    used["load and mail server"] = time.process_time()
    for name, helper in (("PostgreSQL", system.postgres), ("NATS", system.nats)):
        used[name] = Use.of(tree(helper.pid)).seconds
    return used


if __name__ == "__main__":
    import uvloop

    parser = argparse.ArgumentParser()
    parser.add_argument("--signups", type=int, default=SIGNUPS)
    uvloop.install()
    asyncio.run(main(parser.parse_args().signups))
