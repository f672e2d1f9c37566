"""Notify answers a list of intake's sign-ups with the ids of those that it does not know."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from notify.store import outbox
from shared.events.reconciliation import LIST_HOLDS, Differed, Listed
from shared.kit.messaging.causes import Cause
from shared.kit.staff import wall_now
from tests.notify.support.events import Person
from tests.notify.support.world import Feed


async def differed(feed: Feed, *ready: UUID, ago: timedelta = timedelta(0)) -> list[Differed]:
    stamp = Cause.fresh().stamp(Listed, "first", wall_now() - ago)
    await feed.deliver(Listed(**stamp, after=None, up_to=None, by_state={"ready": ready}))
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


async def test_listed_long_ago_is_not_answered(feed: Feed) -> None:
    assert await differed(feed, uuid4(), ago=LIST_HOLDS * 2) == []
