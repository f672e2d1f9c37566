"""Retention: rows are deleted at the moment their rule names, and not before."""

from datetime import timedelta

import sqlalchemy as sa

from notify.domain.delivery import Status
from notify.jobs import delete_expired
from notify.store import Base, projections
from shared.kit.clock import ManualClock
from shared.reference import centres, retention
from shared.reference.centres import CentreDirectory
from tests.notify.support.events import NOON, Group, Person
from tests.notify.support.group_life import GroupLife
from tests.notify.support.world import Feed


async def count(feed: Feed, table: str) -> int:
    async with feed.database.transaction() as session:
        query = sa.select(sa.func.count()).select_from(Base.metadata.tables[table])
        return int((await session.execute(query)).scalar_one())


async def all_sent(feed: Feed) -> None:
    mails = Base.metadata.tables["mails"]
    async with feed.database.transaction() as session:
        sent = {"status": Status.SENT.value, "next_at": None, "settled_at": NOON}
        await session.execute(sa.update(mails).values(sent))


DIRECTORY = CentreDirectory(centres.load())
GROUP_LINKS = retention.kept_for(retention.Data.GROUP_LINKS)
MAILS = retention.kept_for(retention.Data.MAIL)


async def expire_after(feed: Feed, time: timedelta) -> None:
    await delete_expired(feed.database, ManualClock(NOON + time), DIRECTORY)


async def test_ended_group_after_two_weeks_leaves_no_link_between_people(feed: Feed) -> None:
    members = [Person() for _ in range(5)]
    group = Group(members)
    life = GroupLife(group)
    await feed.deliver(*(person.ready() for person in members), group.called(), group.started(), times=1)
    await all_sent(feed)
    await expire_after(feed, 4 * GROUP_LINKS)
    assert await count(feed, "seats") == 5
    await feed.deliver(life.expired())
    await all_sent(feed)
    await expire_after(feed, GROUP_LINKS - timedelta(seconds=1))
    assert await count(feed, "seats") == 5
    await expire_after(feed, GROUP_LINKS + timedelta(seconds=1))
    assert [await count(feed, table) for table in ("seats", "meetings", "groups", "signups")] == [0, 0, 0, 0]
    assert await count(feed, "mails") == len(members)
    await expire_after(feed, MAILS + timedelta(seconds=1))
    assert await count(feed, "mails") == 0


async def test_mail_of_waiting_person_is_kept_and_not_queued_again(feed: Feed) -> None:
    person = Person()
    await feed.deliver(person.ready())
    await all_sent(feed)
    await expire_after(feed, 4 * MAILS)
    assert await count(feed, "mails") == 1
    await feed.deliver(person.ready())
    assert await feed.queued(person) == []


async def test_withdrawn_and_unconfirmed_signups_are_deleted(feed: Feed) -> None:
    withdrawn, unconfirmed = Person(), Person()
    await feed.deliver(withdrawn.ready(), withdrawn.withdrawn(), unconfirmed.received())
    await all_sent(feed)
    await expire_after(feed, MAILS + timedelta(days=4))
    assert [await count(feed, table) for table in ("signups", "mails")] == [0, 0]


async def test_erased_id_is_kept_longer_than_any_event(feed: Feed) -> None:
    person = Person()
    await feed.deliver(person.erased())
    await expire_after(feed, timedelta(days=13))
    assert await count(feed, "forgotten") == 1
    await expire_after(feed, timedelta(days=15))
    assert await count(feed, "forgotten") == 0


async def test_refusal_is_deleted_after_the_last_mail_to_its_person(feed: Feed) -> None:
    person, gone = Person(), Person()
    await feed.deliver(person.ready())
    await all_sent(feed)
    async with feed.database.transaction() as session:
        for each in (person, gone):
            await projections.add_hard_bounce(session, each.id, NOON)
    await expire_after(feed, MAILS - timedelta(seconds=1))
    assert await count(feed, "bounces") == 2
    await expire_after(feed, MAILS + timedelta(seconds=1))
    assert await count(feed, "bounces") == 1
    async with feed.database.transaction() as session:
        assert await projections.hard_bounces(session, person.id) == 1
