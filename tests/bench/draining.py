"""
``python -m tests.bench.draining``: a queue that has grown for twelve hours without a mail server, and how it drains.

Mails of three kinds were due at even distances; a tenth of them are links that work for half an hour only. Then the
server answers, and takes so many mails in an hour. The clock moves on only when the allowance of the hour is spent, so
hours pass in moments. One process: a mailer, the queue in PostgreSQL, and nothing that remembers mails but a number.
"""

import argparse
import asyncio
import json
import resource
import sys
from array import array
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

import asyncpg
import sqlalchemy as sa
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from devtools.local.ports import free_port
from devtools.testing import servers
from notify.domain.delivery import Accepted, Outcome, Unreachable
from notify.mailer import Mailer
from notify.preparing import MailerSettings
from notify.smtp import SmtpConnection
from notify.store import Mail, PageLink, Signup, allowance
from notify.store.mails import CHANNEL
from shared.events import contacts
from shared.kit.clock import ManualClock
from shared.kit.database.engine import Database
from shared.kit.database.migrations import upgrade
from shared.kit.database.scripts import migration_scripts
from tests.bench.quiet import quiet_log
from tests.notify.support.contents import MAIL_DOMAIN
from tests.notify.support.events import AREA, CENTRE
from tests.notify.support.mailing import context_of
from tests.notify.support.world import MAIL_FROM, Feed

BEGAN_AT: Final = datetime(2027, 3, 1, 0, 0, tzinfo=UTC)
OUTAGE: Final = timedelta(hours=12)
LINK_WORKS: Final = timedelta(minutes=30)
STEP: Final = timedelta(minutes=10)
KINDS: Final = ("on_the_list",) * 7 + ("address_to_confirm",) * 2 + ("page_link",)
CHUNK: Final = 1000


@dataclass
class Drained:
    """
    What was seen.

    Attributes:
        sent: The number of each mail, in the order of sending; the oldest has the lowest.
        moments: When each was sent, in seconds of the moved clock.
        memory_mb: Memory of the process after each tenth.
        states: Number of rows by state and reason.
        tries_in_vain: Attempts before the server answered.
    """

    sent: "array[int]" = field(default_factory=lambda: array("l"))
    moments: "array[float]" = field(default_factory=lambda: array("d"))
    memory_mb: list[float] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    tries_in_vain: int = 0
    seconds: float = 0.0

    @property
    def passed_by_younger(self) -> int:
        """Number of mails that left after a younger one."""
        return sum(later < earlier for earlier, later in zip(self.sent, self.sent[1:], strict=False))

    @property
    def most_in_an_hour(self) -> int:
        """Largest number of mails in any hour, whenever it begins."""
        most = first = 0
        for last, moment in enumerate(self.moments):
            while self.moments[first] <= moment - 3600:
                first += 1
            most = max(most, last - first + 1)
        return most


class _Watched(SmtpConnection):
    """A connection that notes the number in each recipient's address."""

    def __init__(self, port: int, seen: Drained, clock: ManualClock, of_tenth: int) -> None:
        super().__init__("127.0.0.1", port, security="none")
        self._seen, self._clock, self._of_tenth = seen, clock, of_tenth
        self.tried = asyncio.Event()

    async def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        outcome = await super().send(sender, recipient, message)
        if isinstance(outcome, Unreachable):
            self._seen.tries_in_vain += 1
        if outcome == Accepted():
            self._seen.sent.append(int(recipient[1 : recipient.index("@")]))
            self._seen.moments.append(self._clock.now().timestamp())
            if len(self._seen.sent) % self._of_tenth == 0:
                self._seen.memory_mb.append(round(_memory_mb(), 1))
        self.tried.set()
        return outcome


async def drain(database: Database, dsn: str, *, mails: int, per_hour: int) -> Drained:
    """Fill the queue, let a mailer find a closed port, open it, and wait until nothing is due."""
    await _fill(database, mails)
    seen, clock, port = Drained(), ManualClock(BEGAN_AT + OUTAGE), free_port()
    watching, waking = await asyncpg.connect(dsn), await asyncpg.connect(dsn)
    take = allowance.take

    async def taking(session: AsyncSession, per_hour: int, most: int, now: datetime) -> int:
        taken = await take(session, per_hour, most, now)
        if not taken:
            clock.move(STEP)
            await waking.execute("SELECT pg_notify($1, '')", CHANNEL)
        return taken

    allowance.take = taking
    connection = _Watched(port, seen, clock, max(1, mails * 9 // 100))
    mailer = Mailer(
        context_of(Feed(database, clock), _answer),
        connection,
        MailerSettings(MAIL_FROM, MAIL_DOMAIN, per_hour=per_hour),
    )
    mailing = asyncio.create_task(mailer.run())
    sink = None
    try:
        await connection.tried.wait()
        sink = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.bench.sending", str(port))
        began_at = asyncio.get_running_loop().time()
        while await watching.fetchval("SELECT count(*) FROM mails WHERE next_at IS NOT NULL OR status = 'sending'"):
            await asyncio.sleep(0.2)
        seen.seconds = asyncio.get_running_loop().time() - began_at
        for row in await watching.fetch("SELECT status, reason, count(*) AS n FROM mails GROUP BY 1, 2"):
            seen.states[row["status"] + (f": {row['reason']}" if row["reason"] else "")] = row["n"]
    finally:
        allowance.take = take
        mailing.cancel()
        await asyncio.wait({mailing})
        if sink is not None:
            sink.kill()
            await sink.wait()
        await watching.close()
        await waking.close()
    return seen


async def _fill(database: Database, mails: int) -> None:
    """Queue the mails, the oldest first, as events would have."""
    for first in range(0, mails, CHUNK):
        rows: dict[type, list[dict[str, object]]] = {Signup: [], PageLink: [], Mail: []}
        for number in range(first, min(first + CHUNK, mails)):
            due_at = BEGAN_AT + number * OUTAGE / mails
            kind, id_ = KINDS[number % len(KINDS)], UUID(int=number + 1)
            is_link = kind == "page_link"
            if is_link:
                link = {
                    "id": id_,
                    "person_id": id_,
                    "language": "nb",
                    "centre": CENTRE,
                    "expires_at": due_at + LINK_WORKS,
                }
                rows[PageLink].append(link)
            else:
                rows[Signup].append(_signup(id_, due_at, is_confirmed=kind == "on_the_list"))
            rows[Mail].append(
                {
                    "id": id_,
                    "kind": kind,
                    "cause_id": id_,
                    "person_id": id_,
                    "language": "nb",
                    "centre": CENTRE,
                    "signup_id": None if is_link else id_,
                    "correlation_id": id_,
                    "status": "queued",
                    "created_at": due_at,
                    "next_at": due_at,
                    "attempt": 0,
                    "unknowns": 0,
                }
            )
        async with database.transaction() as session:
            for table, values in rows.items():
                if values:
                    await session.execute(sa.insert(table), values)


def _signup(id_: UUID, at: datetime, *, is_confirmed: bool) -> dict[str, object]:
    return {
        "id": id_,
        "person_id": id_,
        "language": "nb",
        "version": 1,
        "centre": CENTRE,
        "confirmation_id": id_,
        "expires_at": at + timedelta(hours=72),
        "confirmed": is_confirmed,
        "ready": is_confirmed,
        "known_at": at,
        "by_mail": True,
        "area": AREA if is_confirmed else None,
        "kommune": "4601" if is_confirmed else None,
    }


def _answer(question: contacts.Question) -> contacts.Answer:
    """Answer as intake would, and remember nobody."""
    found = [
        contacts.Contact(person_id=id_, first_name="Kari", email=f"p{id_.int}@example.org", language="nb")
        for id_ in question.person_ids
    ]
    return contacts.Answer(contacts=tuple(found))


def _memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


async def main(mails: int, per_hour: int) -> None:
    """Measure, and print one table and a line of JSON."""
    quiet_log()
    postgres = servers.new_postgres({})
    try:
        url = SecretStr(postgres.driver_url())
        await upgrade(url, migration_scripts("notify"))
        database = Database(url)
        seen = await drain(database, postgres.url(), mails=mails, per_hour=per_hour)
        await database.dispose()
    finally:
        servers.discard(postgres)
    hours = (seen.moments[-1] - seen.moments[0]) / 3600
    figures: dict[str, object] = {
        "queued": mails,
        "attempts while the server was away": seen.tries_in_vain,
        "rows by state and reason": dict(seen.states),
        "allowed in an hour": per_hour,
        "most in any hour": seen.most_in_an_hour,
        "hours of the moved clock": round(hours, 1),
        "left after a younger mail": seen.passed_by_younger,
        "memory after each tenth, MB": seen.memory_mb,
        "real seconds": round(seen.seconds, 1),
        "mails a real second": round(len(seen.sent) / seen.seconds),
    }
    table = Table("What", "Seen", title="A queue after twelve hours without a mail server")
    for name, value in figures.items():
        table.add_row(name, str(value))
    Console(width=110).print(table)
    print(json.dumps(figures))


if __name__ == "__main__":
    import uvloop

    parser = argparse.ArgumentParser()
    parser.add_argument("--mails", type=int, default=50_000)
    parser.add_argument("--per-hour", type=int, default=5_000)
    arguments = parser.parse_args()
    uvloop.install()
    asyncio.run(main(arguments.mails, arguments.per_hour))
