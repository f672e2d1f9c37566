"""Facts that are read for many mails at once are those that each mail reads for itself."""

import random
from datetime import timedelta

import pytest

from notify.mails.registry import mail_registry
from notify.store import contents, facts_ahead
from shared.events import Event
from shared.events.contacts import Contact
from shared.reference import centres
from tests.notify.support.events import STARTS_AT, Group, Person
from tests.notify.support.office import Office
from tests.notify.support.world import Feed

REGISTRY = mail_registry()


@pytest.mark.parametrize("seed", range(5))
async def test_facts_and_contents_are_the_same_however_they_are_read(seed: int, feed: Feed) -> None:
    """Whole histories with offers, refusals, moved and cancelled meetings, in which some mails have left."""
    chance = random.Random(seed)
    office = Office(feed)
    for _ in range(4):
        people = [Person() for _ in range(4)]
        first, second = Group(people), Group(people)
        events: list[Event] = [person.ready() for person in people]
        events += [first.offered(person) for person in people]
        events += [first.released(person, chance.choice(("lapsed", "declined"))) for person in people[:2]]
        events += [first.called(*people[2:]), first.called(*people[2:], sequence=1, starts_at=STARTS_AT + timedelta(1))]
        events += [second.offered(person) for person in people[:2]]
        if chance.random() < 0.5:
            events += [first.cancelled(), people[0].paused(), people[1].withdrawn()]
        for event in events:
            await feed.deliver(event, times=1)
            if chance.random() < 0.4:
                await office.later(timedelta(minutes=10))
    rows = await feed.mails()
    assert len({mail.kind for mail in rows}) >= 4
    now = office.now
    for mail in rows:
        spec = REGISTRY.get(mail.kind)
        assert spec is not None
        contact = Contact(person_id=mail.person_id, first_name="Kari", email="kari@example.org", language="nb")
        found = []
        for ahead in (False, True):
            async with feed.database.transaction() as session:
                if ahead:
                    await facts_ahead.read(session, rows)
                mail_facts = await contents.facts_of(session, REGISTRY, mail)
                content = await contents.content_of(session, mail, spec, mail_facts, contact, centres.load(), now)
                found.append((mail_facts, content))
        assert found[0] == found[1], mail.kind
