"""
``python -m tests.bench.sending``: mails a second over one connection, from the queue to the recorded outcome.

Beside it, in the same run and to the same server, bare aiosmtplib with the same bytes; the ratio is the median of the
ratios of the pairs. The mailer also claims each mail, asks for its contact, reads its facts, renders it, and records
its outcome, in a durable PostgreSQL. The queue is filled once; each turn puts the same rows back. Turn by turn; the
first turn warms up. The server is a process of its own.

The rates depend on what else the machine does: the mailer, the server and PostgreSQL share two cores, where bare
aiosmtplib and the server wait for each other. The time of the processor for each mail does not.
"""

import asyncio
import json
import statistics
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import aiosmtpd.smtp
import aiosmtplib
import asyncpg
import sqlalchemy as sa
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table
from sqlmodel import col

from devtools.local.ports import free_port
from devtools.testing import servers
from notify.context import NotifyContext
from notify.domain.delivery import Outcome
from notify.mailer import Mailer
from notify.preparing import MailerSettings
from notify.smtp import SmtpConnection
from notify.store import Mail
from shared.kit.clock import ManualClock
from shared.kit.database.engine import Database
from shared.kit.database.migrations import upgrade
from shared.kit.database.scripts import migration_scripts
from tests.bench.quiet import quiet_log
from tests.notify.support.contents import MAIL_DOMAIN
from tests.notify.support.events import Group, Person
from tests.notify.support.mailing import context_of
from tests.notify.support.world import MAIL_FROM, Feed, Intake

MAILS: Final = 1500
TURNS: Final = 8
KINDS: Final = ("on_the_list", "group_confirmed")
AWAY: Final = {"status": "cancelled", "next_at": None}
QUEUED: Final = {"status": "queued", "worker": None, "attempt": 0, "first_attempt_at": None, "settled_at": None}


@dataclass(frozen=True)
class Measured:
    """
    The speed of sending.

    Attributes:
        rate: Mails a second.
        milliseconds: Time of the processor for each mail, in the process that sends.
    """

    rate: float
    milliseconds: float

    @classmethod
    def of(cls, mails: int, seconds: float, used_seconds: float) -> "Measured":
        """Return the speed of so many mails."""
        return cls(round(mails / seconds), round(1000 * used_seconds / mails, 2))


class Recording(SmtpConnection):
    """A connection that keeps what it has sent."""

    def __init__(self, port: int) -> None:
        super().__init__("127.0.0.1", port, security="none")
        self.sent: list[tuple[str, bytes]] = []

    async def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """Keep the message, and send it."""
        self.sent.append((recipient, message))
        return await super().send(sender, recipient, message)


async def main() -> None:
    """Measure, and print one table."""
    quiet_log()
    postgres = servers.new_postgres({})
    port = free_port()
    sink = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.bench.sending", str(port))
    measured: dict[str, dict[str, list[Measured]]] = {kind: {"mailer": [], "aiosmtplib": []} for kind in KINDS}
    try:
        url = postgres.driver_url()
        await upgrade(SecretStr(url), migration_scripts("notify"))
        database = Database(SecretStr(url))
        contexts = {kind: await filled(database, kind) for kind in KINDS}
        watching = await asyncpg.connect(postgres.url())
        for turn in range(TURNS + 1):
            for kind in KINDS:
                ours, messages = await of_mailer(contexts[kind], watching, port, kind)
                bare = await of_aiosmtplib(port, messages)
                if turn:
                    measured[kind]["mailer"].append(ours)
                    measured[kind]["aiosmtplib"].append(bare)
        await watching.close()
        await database.dispose()
    finally:
        sink.kill()
        await sink.wait()
        servers.discard(postgres)
    show(measured)


async def filled(database: Database, kind: str) -> NotifyContext:
    """Queue mails of one kind, as events do; return what a mailer needs to send them."""
    clock, intake = ManualClock(datetime.now(UTC)), Intake()
    feed = Feed(database, clock)
    people = [intake.add(Person()) for _ in range(MAILS)]
    if kind == "on_the_list":
        for person in people:
            await feed.deliver(person.ready(clock.now()), times=1)
    else:
        for first in range(0, MAILS, 6):
            await feed.deliver(
                Group(people[first : first + 6]).called(starts_at=clock.now() + timedelta(days=8), now=clock.now()),
                times=1,
            )
    async with database.transaction() as session:
        await session.execute(sa.update(Mail).where(col(Mail.next_at).is_not(None)).values(AWAY))
    return context_of(feed, intake.answer)


async def of_mailer(
    context: NotifyContext, watching: "asyncpg.Connection[asyncpg.Record]", port: int, kind: str
) -> tuple[Measured, list[tuple[str, bytes]]]:
    """Put the mails of one kind into the queue, and let a mailer empty it; return its speed and what it has sent."""
    async with context.database.transaction() as session:
        await session.execute(
            sa.update(Mail).where(col(Mail.kind) == kind).values(QUEUED | {"next_at": context.clock.now()})
        )
    await watching.execute("VACUUM ANALYZE mails")
    connection = Recording(port)
    began, used = time.perf_counter(), time.process_time()
    mailing = asyncio.create_task(Mailer(context, connection, MailerSettings(MAIL_FROM, MAIL_DOMAIN)).run())
    while await watching.fetchval("SELECT count(*) FROM mails WHERE kind = $1 AND status = 'sent'", kind) < MAILS:
        await asyncio.sleep(0.05)
    speed = Measured.of(MAILS, time.perf_counter() - began, time.process_time() - used)
    mailing.cancel()
    await asyncio.wait({mailing})
    return speed, connection.sent


async def of_aiosmtplib(port: int, messages: list[tuple[str, bytes]]) -> Measured:
    """Send the same messages with nothing around."""
    smtp = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
    began, used = time.perf_counter(), time.process_time()
    await smtp.connect()
    for recipient, message in messages:
        await smtp.mail(MAIL_FROM)
        await smtp.rcpt(recipient)
        await smtp.data(message)
    await smtp.quit()
    return Measured.of(len(messages), time.perf_counter() - began, time.process_time() - used)


class Sink:
    """Takes every mail and keeps none; offers PIPELINING as mail servers do, which bare aiosmtplib cannot use."""

    async def handle_EHLO(  # noqa: N802
        self, _server: object, session: aiosmtpd.smtp.Session, _envelope: object, hostname: str, responses: list[str]
    ) -> list[str]:
        """Say what the server can do."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_DATA(self, _server: object, _session: object, _envelope: object) -> str:  # noqa: N802
        """Take a mail."""
        return "250 OK"


async def sink(port: int) -> None:
    """The mail server, as a process."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: aiosmtpd.smtp.SMTP(Sink(), enable_SMTPUTF8=True), "127.0.0.1", port)
    await server.serve_forever()


def show(measured: dict[str, dict[str, list[Measured]]]) -> None:
    """As a table for people, and a line of JSON for machines."""
    table = Table("Mail", "Mailer, a second", "Bare aiosmtplib", "Ratio", "Goal", "Processor, ms a mail", "Bare")
    table.title = "Mails over one connection"
    for kind, found in measured.items():
        ours, bare = (statistics.median(each.rate for each in found[name]) for name in ("mailer", "aiosmtplib"))
        pairs = zip(found["mailer"], found["aiosmtplib"], strict=True)
        ratio = statistics.median(mailer.rate / alone.rate for mailer, alone in pairs)
        costs = (statistics.median(each.milliseconds for each in found[name]) for name in ("mailer", "aiosmtplib"))
        table.add_row(
            *(kind, f"{ours:.0f}", f"{bare:.0f}", f"{ratio:.2f}", "≥ 0.8"), *(f"{cost:.2f}" for cost in costs)
        )
    Console(width=110).print(table)
    print(json.dumps(measured, default=vars))


if __name__ == "__main__":
    import uvloop

    uvloop.install()
    asyncio.run(sink(int(sys.argv[1])) if len(sys.argv) > 1 else main())
