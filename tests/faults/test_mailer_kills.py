"""SIGKILL of a mailer at every stage of the dialogue with the server, and around its own transactions."""

import asyncio
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr

from devtools.testing.fixtures import Databases
from notify.domain.planning import message_id
from notify.store import Mail
from shared.kit.clock import ManualClock
from shared.kit.database.engine import Database
from tests.faults.support.scripted_smtp import STAGES, ScriptedServer
from tests.notify.support.contents import MAIL_DOMAIN
from tests.notify.support.events import NOON, Group, Person
from tests.notify.support.office import Office
from tests.notify.support.world import Feed
from tests.shared.support.eventually import eventually

pytestmark = pytest.mark.faults

SEED = int(os.environ.get("FAULTS_SEED", "20261126"))
FAILPOINTS = ("mailer.after_claim", "mailer.before_send", "mailer.after_send", "mailer.after_record")
STARTS_AT = NOON + timedelta(days=8, hours=6)
DAY_BEFORE = STARTS_AT - timedelta(days=1)
MAILS_OF_ONE_WINDOW_AT_MOST = 32


@pytest.mark.parametrize("point", [*STAGES, *FAILPOINTS])
async def test_killed_mailer_sends_no_mail_twice_without_need(point: str, database_url: Databases) -> None:
    """Each mail arrives; twice only if its row says that its outcome was unknown, and a reminder never twice."""
    url = await database_url("notify")
    database = Database(SecretStr(url))
    feed = Feed(database, ManualClock(NOON))
    people = [Person() for _ in range(24)]
    for first in range(12, 24, 4):
        await feed.deliver(Group(people[first : first + 4]).called(starts_at=STARTS_AT))
    await Office(feed).send()  # the plan is told a week before the reminder
    for person in people:
        await feed.deliver(person.ready())
    number = random.Random(f"{SEED} {point}").randint(1, 20)
    async with ScriptedServer().listening() as server:
        first_mailer = await mailer_process(
            url, server, DAY_BEFORE, failpoint=f"{point}:{number}" if "." in point else ""
        )
        if "." not in point:
            server.call_at = (point, 1 if point in {"greeting", "ehlo"} else number)
            server.call = first_mailer.kill
        assert await asyncio.wait_for(first_mailer.wait(), 60) == -9
        left = await feed.mails(status="sending")
        assert sum(mail.sending_since is not None for mail in left) <= 2 * MAILS_OF_ONE_WINDOW_AT_MOST
        for minutes in (0, 2, 10):
            await sends_all(url, server, feed, DAY_BEFORE + timedelta(minutes=minutes))
        rows = [mail for mail in await feed.mails() if mail.kind != "group_confirmed"]
        await database.dispose()
    copies = Counter(server.copies)
    for mail in rows:
        _check(mail, copies[message_id(mail.id, MAIL_DOMAIN).strip("<>")])
    assert {mail.status for mail in rows if mail.kind == "meeting_tomorrow"} <= {"sent", "unknown"}
    assert len([mail for mail in rows if mail.kind == "meeting_tomorrow"]) == 12
    # A reminder that was under way is not sent again, and the receipt of the list goes to those without a group only.
    assert sum(copies.values()) >= len(people) - len([mail for mail in rows if mail.status == "unknown"])


def _check(mail: Mail, copies: int) -> None:
    fact = f"{mail.kind} is {mail.status} ({mail.reason}), {copies} copies, {mail.unknowns} unknown"
    is_reminder = mail.kind == "meeting_tomorrow"
    assert mail.status in {"sent", "unknown", "cancelled"}, fact
    assert copies <= (1 if is_reminder else 1 + mail.unknowns), fact
    if mail.status == "sent":
        assert copies >= 1, fact
    if mail.status == "unknown":
        assert is_reminder, fact
        assert mail.unknowns == 1, fact
        assert mail.reason == "outcome_unknown", fact


async def sends_all(url: str, server: ScriptedServer, feed: Feed, now: datetime) -> None:
    """Let a new mailer send what is due at a time."""
    mailer = await mailer_process(url, server, now)
    await eventually(nothing_due(feed, now), within_seconds=180)
    mailer.kill()
    await mailer.wait()


def nothing_due(feed: Feed, now: datetime) -> Callable[[], Awaitable[bool]]:
    """A condition: no mail is being sent, or due at a time."""

    async def condition() -> bool:
        return not any(
            mail.status == "sending" or (mail.next_at is not None and mail.next_at <= now)
            for mail in await feed.mails()
        )

    return condition


async def mailer_process(
    url: str, server: ScriptedServer, now: datetime, failpoint: str = ""
) -> asyncio.subprocess.Process:
    """Start a mailer at a time."""
    told = json.dumps({"database": url, "port": server.port, "now": now.isoformat()})
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.faults.support.lone_mailer"),
        env={**os.environ, "LONE_MAILER": told, "SELVHJELP_FAILPOINT": failpoint},
        stdout=asyncio.subprocess.DEVNULL,
    )
