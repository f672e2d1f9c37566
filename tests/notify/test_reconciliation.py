"""Notify answers a list of intake's sign-ups with the ids of those that it knows otherwise."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from notify.domain.reconciliation import NO_SEAT, SEAT
from notify.store import outbox
from shared.events.reconciliation import LIST_HOLDS, Differed, Listed, State
from shared.kit.messaging.causes import Cause
from shared.kit.staff import wall_now
from tests.notify.support.events import Group, Person
from tests.notify.support.world import Feed


async def differed(
    feed: Feed, *signup_ids: UUID, state: State = "ready", ago: timedelta = timedelta(0)
) -> list[Differed]:
    stamp = Cause.fresh().stamp(Listed, "first", wall_now() - ago)
    await feed.deliver(Listed(**stamp, after=None, up_to=None, by_state={state: signup_ids}))
    query = sa.select(outbox.table.c.payload).where(outbox.table.c.subject == Differed.subject)
    async with feed.database.transaction() as session:
        return [Differed.model_validate_json(payload) for payload in await session.scalars(query)]


@pytest.mark.parametrize("lost", [0, 1, 2, 5])
async def test_listed_names_the_sign_ups_that_notify_has_lost(feed: Feed, lost: int) -> None:
    person = Person()
    await feed.deliver(person.received())
    ids = sorted(uuid4() for _ in range(lost))
    (answer,) = await differed(feed, person.signup_id, *ids)
    assert (answer.service, list(answer.missing)) == ("notify", ids)
    assert await feed.queued(person) == ["address_to_confirm"], "no mail follows"


@pytest.mark.parametrize(
    ("state", "happened", "expected"),
    [
        ("ready", (), ""),
        ("ready", ("offered",), SEAT),
        ("ready", ("taken",), SEAT),
        ("ready", ("offered", "released"), ""),
        ("ready", ("offered", "taken", "cancelled"), ""),
        ("offered", (), NO_SEAT),
        ("offered", ("offered",), ""),
        ("offered", ("offered", "released"), NO_SEAT),
        ("seated", ("offered", "taken"), ""),
        ("seated", ("taken", "offered"), ""),
        ("seated", ("taken", "cancelled"), NO_SEAT),
        ("member", ("taken",), ""),
        ("member", (), ""),
    ],
)
async def test_listed_names_whose_seat_is_another_one_in_notify(
    feed: Feed, state: State, happened: tuple[str, ...], expected: str
) -> None:
    person = Person()
    group = Group((person,))
    await feed.deliver(person.received(), person.ready())
    events = {
        "offered": group.offered(person),
        "taken": group.taken(person),
        "released": group.released(person, "moved"),
        "cancelled": group.cancelled(person),
    }
    await feed.deliver(*(events[each] for each in happened))
    queued = await feed.queued(person)
    (answer,) = await differed(feed, person.signup_id, state=state)
    assert answer.contradicted == ({expected: (person.signup_id,)} if expected else {})
    assert await feed.queued(person) == queued, "no mail follows"


async def test_listed_long_ago_is_not_answered(feed: Feed) -> None:
    assert await differed(feed, uuid4(), ago=LIST_HOLDS * 2) == []
