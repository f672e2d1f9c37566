"""Two notify processes send while every event is delivered again and again: no mail twice."""

import asyncio
import random
from collections import Counter

import pytest
from pydantic import SecretStr

from devtools.testing.fixtures import Databases
from notify.domain.planning import message_id
from shared.events import Event
from shared.kit.clock import ManualClock
from shared.kit.database.engine import Database
from tests.faults.support.scripted_smtp import ScriptedServer
from tests.faults.test_mailer_kills import mailer_process, nothing_due
from tests.notify.support.contents import MAIL_DOMAIN
from tests.notify.support.events import NOON, Group, Person
from tests.notify.support.world import Feed
from tests.shared.support.eventually import eventually

pytestmark = pytest.mark.faults

REDELIVERIES = 1000


async def test_thousand_redeliveries_with_two_processes_send_no_mail_twice(database_url: Databases) -> None:
    url = await database_url("notify")
    database = Database(SecretStr(url))
    people = [Person() for _ in range(120)]
    events: list[Event] = [person.ready() for person in people]
    events += [Group(people[first : first + 6]).called() for first in range(0, 60, 6)]
    order = random.Random(7).choices(events, k=REDELIVERIES)
    async with ScriptedServer().listening() as server:
        mailers = [await mailer_process(url, server, NOON) for _ in range(2)]

        async def deliver(part: list[Event]) -> None:
            feed = Feed(database, ManualClock(NOON))
            for event in part:
                await feed.deliver(event, times=1)

        await asyncio.gather(deliver([*events, *order[::2]]), deliver([*reversed(events), *order[1::2]]))
        feed = Feed(database, ManualClock(NOON))
        await eventually(nothing_due(feed, NOON), within_seconds=180)
        rows = await feed.mails()
        for mailer in mailers:
            mailer.kill()
            await mailer.wait()
    await database.dispose()
    copies = Counter(server.copies)
    assert set(copies.values()) == {1}
    sent = {message_id(mail.id, MAIL_DOMAIN).strip("<>") for mail in rows if mail.status == "sent"}
    assert sent == copies.keys()
    assert len({(mail.kind, mail.cause_id, mail.person_id) for mail in rows}) == len(rows)
    assert sum(mail.kind == "on_the_list" for mail in rows) == len(people)
