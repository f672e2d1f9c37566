"""Events about sign-ups that share a transaction: the same rows as one by one."""

import random
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import event as sqlalchemy_event

from notify.store import inbox
from shared.events import Event, Stream
from tests.notify.support.events import NOON, Person
from tests.notify.support.world import Feed

ROWS = {
    "signups": "SELECT * FROM signups ORDER BY id",
    "mails": "SELECT to_jsonb(mails) - 'id' AS mail FROM mails ORDER BY kind, cause_id, person_id",
}


async def in_batch(feed: Feed, *events: Event) -> None:
    """Deliver events in one transaction."""
    async with feed.database.transaction() as session:
        await feed.consumer(Stream.SIGNUPS).handle_batch(session, inbox, events)


async def rows_after(feed: Feed, events: list[Event], size: int) -> list[list[str]]:
    """What is stored after these events, so many in a transaction; the tables are empty afterwards."""
    for first in range(0, len(events), size):
        if size == 1:
            await feed.deliver(events[first], times=1)
        else:
            await in_batch(feed, *events[first : first + size])
    async with feed.database.transaction() as session:
        rows = [[str(row) for row in await session.execute(sa.text(query))] for query in ROWS.values()]
        await session.execute(sa.text("DELETE FROM mails"))
        await session.execute(sa.text("DELETE FROM signups"))
        await session.execute(sa.text("DELETE FROM inbox"))
    return rows


def life_of(person: Person) -> list[Event]:
    return [
        person.received(),
        person.received(by_mail=False),
        person.confirmed(awaits=("talk", "read")),
        person.ready(),
        person.changed(),
        person.resumed(),
        person.renewal_asked(),
        person.renewed(),
        person.texts_asked("consent"),
        person.texts_accepted(),
    ]


@pytest.mark.parametrize("seed", range(2))
async def test_signup_facts_in_batches_give_same_rows(feed: Feed, seed: int) -> None:
    people = [Person(language=language) for language in ("nb", "nn", "en")]
    again, erased = Person(people[0].id), people[2].erased()
    is_known = Person(people[0].id, people[1].signup_id, version=20)
    events = [event for person in (*people, again) for event in life_of(person)]
    events += life_of(is_known)[:4]
    random.Random(seed).shuffle(events)
    moved = people[1].contact_changed(NOON + timedelta(days=1), language="en")
    await feed.deliver(erased, moved)
    one_by_one = await rows_after(feed, events, 1)
    assert len(one_by_one[1]) > 2 * len(people)
    for size in (4, len(events)):
        assert await rows_after(feed, [*events, *events[:3]], size) == one_by_one, size


async def test_signup_batch_costs_no_query_for_each_event(feed: Feed) -> None:
    statements: list[str] = []
    sqlalchemy_event.listen(
        feed.database.engine.sync_engine, "before_cursor_execute", lambda *given: statements.append(given[2])
    )
    counts = []
    for size in (2, 40):
        statements.clear()
        await in_batch(feed, *(Person().received() for _ in range(size)))
        counts.append(len(statements))
    assert len(await feed.mails()) == 42
    assert counts[0] == counts[1]
