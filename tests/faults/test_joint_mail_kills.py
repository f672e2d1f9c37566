"""SIGKILL of a mailer, and two mailers at once, around joint mails: no section leaves twice without need."""

import asyncio
import random
from collections import Counter, defaultdict
from datetime import timedelta
from uuid import UUID

import pytest
from pydantic import SecretStr

from devtools.testing.fixtures import Databases
from notify.domain.planning import message_id
from notify.store import Mail
from shared.kit.clock import ManualClock
from shared.kit.database.engine import Database
from tests.faults.support.scripted_smtp import STAGES, ScriptedServer
from tests.faults.test_mailer_kills import FAILPOINTS, SEED, mailer_process, nothing_due, sends_all
from tests.notify.support.contents import MAIL_DOMAIN
from tests.notify.support.events import NOON, Person
from tests.notify.support.world import Feed
from tests.notify.test_helper_mails import Question
from tests.shared.support.eventually import eventually

pytestmark = pytest.mark.faults

PEOPLE, EACH = 12, 3


async def _queue(url: str) -> Feed:
    """Queue several mails to each of some people."""
    feed = Feed(Database(SecretStr(url)), ManualClock(NOON))
    for person in [Person() for _ in range(PEOPLE)]:
        await feed.deliver(*(Question(person).asked() for _ in range(EACH)))
    return feed


@pytest.mark.parametrize("point", [*STAGES, *FAILPOINTS])
async def test_killed_mailer_sends_no_section_twice_without_need(point: str, database_url: Databases) -> None:
    url = await database_url("notify")
    feed = await _queue(url)
    once = {"greeting", "ehlo", "mailer.after_claim"}  # all leave over one connection, claimed in few batches
    number = 1 if point in once else random.Random(f"{SEED} joint {point}").randint(1, 6)
    async with ScriptedServer().listening() as server:
        mailer = await mailer_process(url, server, NOON, failpoint=f"{point}:{number}" if "." in point else "")
        if "." not in point:
            server.call_at = (point, number)
            server.call = mailer.kill
        assert await asyncio.wait_for(mailer.wait(), 120) == -9
        for minutes in (0, 2, 10):
            await sends_all(url, server, feed, NOON + timedelta(minutes=minutes))
        rows = await feed.mails()
    await feed.database.dispose()
    assert {row.status for row in rows} == {"sent"}
    _check(rows, Counter(server.copies))


async def test_two_mailers_send_each_joint_mail_once(database_url: Databases) -> None:
    url = await database_url("notify")
    feed = await _queue(url)
    async with ScriptedServer().listening() as server:
        mailers = [await mailer_process(url, server, NOON) for _ in range(2)]
        await eventually(nothing_due(feed, NOON), within_seconds=180)
        for mailer in mailers:
            mailer.kill()
            await mailer.wait()
        rows = await feed.mails()
    await feed.database.dispose()
    assert set(Counter(server.copies).values()) == {1}
    _check(rows, Counter(server.copies))


def _check(rows: list[Mail], copies: Counter[str]) -> None:
    """Each row left in one joint mail; all rows of one know the same, and its copies are one and the unknown ones."""
    joint: dict[UUID | None, list[Mail]] = defaultdict(list)
    for row in rows:
        joint[row.joint_id].append(row)
    assert None not in joint
    assert copies.keys() == {message_id(id_, MAIL_DOMAIN).strip("<>") for id_ in joint if id_}
    for id_, together in joint.items():
        assert len({row.person_id for row in together}) == 1
        assert len(together) == EACH
        (unknowns,) = {row.unknowns for row in together}
        assert id_
        assert 1 <= copies[message_id(id_, MAIL_DOMAIN).strip("<>")] <= 1 + unknowns
