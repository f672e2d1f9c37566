"""Mails between their claim and their attempt: the server has heard nothing, so nothing about them is unknown."""

from datetime import timedelta
from uuid import UUID

import pytest

from notify.domain.delivery import Accepted
from notify.mails.registry import mail_registry
from notify.usecases import outcomes, sending
from shared.events.contacts import Contact
from shared.reference import centres
from tests.notify.support.events import Group, Person
from tests.notify.support.world import Feed

WORKER = 77


async def test_mail_claimed_by_dead_mailer_is_put_back_and_sent_once(feed: Feed) -> None:
    """It has not been near the server: not even a reminder is given up for it."""
    person, registry = Person(), mail_registry()
    await feed.deliver(person.ready())
    await _claim_together(feed, person, Person())
    (mail,) = await feed.mails()
    assert (mail.status, mail.worker, mail.sending_since) == ("sending", WORKER, None)
    async with feed.database.transaction() as session:
        assert await outcomes.recover(session, registry, now=feed.clock.now()) == 1
    (mail,) = await feed.mails()
    assert (mail.status, mail.attempt, mail.unknowns) == ("queued", 0, 0)
    assert mail.next_at == mail.created_at


@pytest.mark.parametrize("begun", [True, False])
async def test_mail_cancelled_after_its_claim_is_not_begun(feed: Feed, begun: bool) -> None:
    person = Person()
    await feed.deliver(person.ready())
    await _claim_together(feed, person)
    if begun:
        assert len(await _begin(feed)) == 1
    await feed.deliver(person.withdrawn())
    (mail,) = await feed.mails(kind="on_the_list")
    assert (mail.status, mail.unwanted) == ("sending", "withdrawn")
    assert await _begin(feed) == set()
    async with feed.database.transaction() as session:
        await sending.put_back(session, {mail.id: mail.created_at}, worker=WORKER, now=feed.clock.now())
    (mail,) = await feed.mails(kind="on_the_list")
    assert (mail.status, mail.reason, mail.next_at) == ("cancelled", "withdrawn", None)


async def _claim_together(feed: Feed, *people: Person, kind: str = "") -> None:
    contacts = {
        mail.id: Contact(person_id=person.id, first_name="Kari", email="kari@example.org", language="nb")
        for person in people
        for mail in await feed.mails(person_id=person.id, **({"kind": kind} if kind else {}))
    }
    async with feed.database.transaction() as session:
        claimed, alone = await sending.claim_many(
            session, mail_registry(), contacts, worker=WORKER, centres=centres.load(), now=feed.clock.now()
        )
    assert (len(claimed), alone) == (len(contacts), [])


async def _begin(feed: Feed) -> set[UUID]:
    mail_ids = [mail.id for mail in await feed.mails()]
    async with feed.database.transaction() as session:
        return await sending.begin(session, mail_ids, worker=WORKER, now=feed.clock.now())


@pytest.mark.parametrize("kind", ["on_the_list", "group_confirmed"])
async def test_mails_accepted_together_end_as_mails_accepted_alone(feed: Feed, kind: str) -> None:
    """One statement for many mails, and the state machine for one: the rows may not differ."""
    people = [Person() for _ in range(2)]
    for person in people:
        await feed.deliver(person.ready() if kind == "on_the_list" else Group([person]).called())
    await _claim_together(feed, *people, kind=kind)
    first, second = await feed.mails(kind=kind)
    assert await _begin(feed) == {first.id, second.id}
    now = feed.clock.now()
    async with feed.database.transaction() as session:
        await outcomes.record(session, mail_registry(), first.id, outcome=Accepted(), worker=WORKER, now=now)
        written = await outcomes.record_accepted(session, mail_registry(), [second.id], worker=WORKER, now=now)
    assert written == {second.id}
    own = {"id", "cause_id", "person_id", "signup_id", "group_id", "seat_id", "meeting_id", "correlation_id"}
    one, other = (mail.model_dump(exclude=own) for mail in await feed.mails(kind=kind))
    assert one == other
    assert one["status"] == "sent"


async def test_mail_of_another_mailer_is_neither_begun_nor_recorded(feed: Feed) -> None:
    person = Person()
    await feed.deliver(person.ready())
    await _claim_together(feed, person)
    (mail,) = await feed.mails()
    now = feed.clock.now() + timedelta(minutes=1)
    async with feed.database.transaction() as session:
        assert await sending.begin(session, [mail.id], worker=WORKER + 1, now=now) == set()
        written = await outcomes.record_accepted(session, mail_registry(), [mail.id], worker=WORKER + 1, now=now)
    assert written == set()
    (mail,) = await feed.mails()
    assert (mail.status, mail.worker, mail.sending_since) == ("sending", WORKER, None)
