"""
``just bench``: what the first path costs, as ratios against bare baselines in the same run.

Durable PostgreSQL (fsync on) and NATS (sync_interval always), one process each, both cores shared with the load.
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from aiosmtpd.smtp import SMTP, Envelope
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import create_async_engine

from devtools.local.ports import free_port
from devtools.local.process import LocalProcess
from selvhjelp.rehearsal.people import invent
from selvhjelp.rehearsal.visitor import CentreInfo
from tests.bench import bare, load
from tests.faults.support.running_system import RunningSystem

ROUNDS = 5
SIGNUPS = 600
MAILS = 200
BERGEN = ["4601"]


def payloads(count: int, tag: str, versions: CentreInfo) -> list[dict[str, Any]]:
    """Return ``count`` sign-ups of different people."""
    people = invent(count, BERGEN, seed=hash(tag) & 0xFFFF, tag=f"-{tag}")
    return [person.payload(versions["consent_version"], versions["information_version"]) for person in people]


async def main() -> None:
    """Measure, and print one table."""
    with tempfile.TemporaryDirectory(prefix="selvhjelp-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        async with RunningSystem(Path(folder), durable=True, forked=False) as system:
            centres = await system.visitor().centres()
            versions = next(centre for centre in centres if BERGEN[0] in centre["kommuner"])
            figures = await accepted(system, versions)
            figures |= await latency(system, versions)
            figures |= memory(system)
    show(figures)


async def accepted(system: RunningSystem, versions: CentreInfo) -> dict[str, Any]:
    """Sign-ups per second of the real route and of two bare ones, turn by turn."""
    await make_tables(system)
    servers = {name: BareServer(name, system) for name in ("asyncpg", "sqlalchemy")}
    for server in servers.values():
        server.start()
    # Alone, as the baselines are: what happens behind the outbox is measured by itself.
    for name in ("grouping", "notify"):
        await system.kill(name)
    ports = {"selvhjelp": system.ports["intake"], **{name: server.port for name, server in servers.items()}}
    rates: dict[str, list[float]] = {name: [] for name in ports}
    for turn in range(ROUNDS + 1):
        for name, port in ports.items():
            measured = await load.rate(port, payloads(SIGNUPS, f"{name}{turn}", versions))
            if turn:  # the first round warms up
                rates[name].append(measured)
    for server in servers.values():
        server.kill()
    for name in ("grouping", "notify"):
        await system.spawn(name)
    medians = {name: statistics.median(found) for name, found in rates.items()}
    return {
        "accepted_per_second": {name: round(value) for name, value in medians.items()},
        "accepted_ratio_sqlalchemy": round(medians["selvhjelp"] / medians["sqlalchemy"], 2),
        "accepted_ratio_asyncpg": round(medians["selvhjelp"] / medians["asyncpg"], 2),
        "rounds": {name: [round(value) for value in found] for name, found in rates.items()},
    }


async def latency(system: RunningSystem, versions: CentreInfo) -> dict[str, Any]:
    """Seconds from the 202 to the moment SMTP has taken the mail, one sign-up at a time on an idle system."""
    await system.ready(120)
    await drained(system)
    took: dict[str, float] = {}
    waiting: dict[str, asyncio.Future[float]] = {}

    class Sink:
        async def handle_DATA(self, _server: SMTP, _session: object, envelope: Envelope) -> str:  # noqa: N802
            (to,) = envelope.rcpt_tos
            if to in waiting and not waiting[to].done():
                waiting[to].set_result(time.perf_counter())
            return "250 OK"

    await system.stop_mailbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Sink(), enable_SMTPUTF8=True), "127.0.0.1", system.ports["smtp"])
    visitor = system.visitor_at("intake")
    for payload in payloads(MAILS, "latency", versions):
        waiting[payload["email"]] = loop.create_future()
        answer = await visitor.sign_up(payload)
        accepted_at = time.perf_counter()
        assert answer.status_code == 202, answer.text
        async with asyncio.timeout(30):
            took[payload["email"]] = await waiting[payload["email"]] - accepted_at
    server.close()
    found = sorted(took.values())
    return {
        "mail_after_202_p50_ms": round(1000 * statistics.median(found), 1),
        "mail_after_202_p99_ms": round(1000 * found[int(len(found) * 0.99) - 1], 1),
    }


async def drained(system: RunningSystem) -> None:
    """Wait until the mails of the load have left."""
    connection = await asyncpg.connect(system.database("notify"))
    try:
        async with asyncio.timeout(900):
            while True:
                left = await connection.fetchval(
                    "SELECT count(*) FROM mails WHERE status IN ('queued', 'sending', 'retry')"
                )
                async with httpx.AsyncClient() as client:
                    ready = (await client.get(f"http://127.0.0.1:{system.ports['notify']}/status.json")).json()
                pending = sum(part["pending"] for part in ready.values() if isinstance(part, dict))
                if not left and not pending:
                    return
                await asyncio.sleep(0.5)
    finally:
        await connection.close()


def memory(system: RunningSystem) -> dict[str, Any]:
    """Resident memory of each service in MiB."""
    results = {}
    for name, child in system.children.items():
        fields = Path(f"/proc/{child.pid}/status").read_text().splitlines()
        kib = next(int(line.split()[1]) for line in fields if line.startswith("VmRSS"))
        results[name] = round(kib / 1024)
    return {"memory_mib": results}


async def make_tables(system: RunningSystem) -> None:
    """The tables of the bare routes, in a database of their own on the same server."""
    connection = await asyncpg.connect(system.postgres.url())
    await connection.execute("CREATE DATABASE bare")
    await connection.close()
    engine = create_async_engine(bare_url(system))
    async with engine.begin() as transaction:
        await transaction.run_sync(bare.metadata.create_all)
    await engine.dispose()


def bare_url(system: RunningSystem) -> str:
    """Where the bare routes write, on the same server as the real one."""
    return system.database("bare").replace("postgresql://", "postgresql+asyncpg://", 1)


class BareServer(LocalProcess):
    """One of the baselines, as a process."""

    def __init__(self, name: str, system: RunningSystem) -> None:
        self.port = free_port()
        env = {**os.environ, "BARE": json.dumps({"url": bare_url(system)})}
        command = [sys.executable, "-m", "tests.bench.bare", name]
        super().__init__(name, command, log=system.directory / f"{name}.log", env=env, listen=[self.port])

    def ready(self) -> bool:
        try:
            httpx.get(f"http://127.0.0.1:{self.port}/")
        except httpx.TransportError:
            return False
        return True


def show(figures: dict[str, Any]) -> None:
    """As a table for people, and a line of JSON for machines."""
    table = Table("What", "Measured", "Goal", title="The first path, on this machine now")
    each = figures["accepted_per_second"]
    table.add_row("Accepted sign-ups per second", str(each["selvhjelp"]), "")
    table.add_row("  bare FastAPI route, same libraries", str(each["sqlalchemy"]), "")
    table.add_row("  bare FastAPI route, driver only", str(each["asyncpg"]), "")
    table.add_row("  ratio, same libraries", str(figures["accepted_ratio_sqlalchemy"]), "≥ 0.85")
    table.add_row("  ratio, driver only", str(figures["accepted_ratio_asyncpg"]), "≥ 0.7")
    table.add_row("From 202 to mail taken by SMTP, median", f"{figures['mail_after_202_p50_ms']} ms", "")
    table.add_row("From 202 to mail taken by SMTP, p99", f"{figures['mail_after_202_p99_ms']} ms", "")
    for name, mib in figures["memory_mib"].items():
        table.add_row(f"Memory of {name}", f"{mib} MiB", "")
    Console().print(table)
    print(json.dumps(figures))


if __name__ == "__main__":
    asyncio.run(main())
