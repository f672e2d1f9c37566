"""What notify has forgotten, and when."""

from datetime import timedelta

import sqlalchemy as sa

from notify.domain.delivery import Status
from notify.store import Base
from notify.store.retention import MAILS, WHO_SAT_WITH_WHOM, tidy
from tests.notify.conftest import Hearing
from tests.notify.events import NOON, GroupLife, Person


async def count(hearing: Hearing, table: str) -> int:
    async with hearing.database.transaction() as session:
        query = sa.select(sa.func.count()).select_from(Base.metadata.tables[table])
        return int((await session.execute(query)).scalar_one())


async def all_sent(hearing: Hearing) -> None:
    mails = Base.metadata.tables["mails"]
    async with hearing.database.transaction() as session:
        sent = {"status": Status.SENT.value, "next_at": None, "settled_at": NOON}
        await session.execute(sa.update(mails).values(sent))


async def after(hearing: Hearing, time: timedelta) -> None:
    async with hearing.database.transaction() as session:
        await tidy(session, NOON + time)


async def test_nobody_is_linked_to_a_group_two_weeks_after_its_start(hearing: Hearing) -> None:
    members = [Person() for _ in range(5)]
    group = GroupLife(members)
    await hearing.hear(*(person.ready() for person in members), group.called(), group.started(), times=1)
    await all_sent(hearing)
    await after(hearing, WHO_SAT_WITH_WHOM - timedelta(seconds=1))
    assert await count(hearing, "seats") == 5
    await after(hearing, WHO_SAT_WITH_WHOM + timedelta(seconds=1))
    assert [await count(hearing, table) for table in ("seats", "meetings", "groups", "signups")] == [0, 0, 0, 0]
    assert await count(hearing, "mails") == len(members)
    await after(hearing, MAILS + timedelta(seconds=1))
    assert await count(hearing, "mails") == 0


async def test_somebody_who_waits_is_not_told_anew(hearing: Hearing) -> None:
    person = Person()
    await hearing.hear(person.ready())
    await all_sent(hearing)
    await after(hearing, 4 * MAILS)
    assert await count(hearing, "mails") == 1
    await hearing.hear(person.ready())
    assert await hearing.queued(person) == []


async def test_who_left_or_never_confirmed_is_forgotten(hearing: Hearing) -> None:
    left, never = Person(), Person()
    await hearing.hear(left.ready(), left.withdrawn(), never.received())
    await all_sent(hearing)
    await after(hearing, MAILS + timedelta(days=4))
    assert [await count(hearing, table) for table in ("signups", "mails")] == [0, 0]


async def test_an_erased_id_outlives_every_event_and_no_longer(hearing: Hearing) -> None:
    person = Person()
    await hearing.hear(person.erased())
    await after(hearing, timedelta(days=13))
    assert await count(hearing, "forgotten") == 1
    await after(hearing, timedelta(days=15))
    assert await count(hearing, "forgotten") == 0
