"""Mails keep the language of the sign-up, and what waits keeps its words, whatever the centre changes later."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest

from notify.domain.mail_texts import Block
from notify.store import MailTextRow
from shared.events import Event
from shared.events.base import MailLanguage
from tests.notify.support.events import CENTRE, NOON, STARTS_AT, Group, Person
from tests.notify.support.group_life import GroupLife
from tests.notify.support.office import REGISTRY, Office
from tests.notify.support.world import Feed

DAY = timedelta(days=1)
OTHER_WORDS = {"nb": "Nye ord på bokmål.", "nn": "Nye ord på nynorsk.", "en": "New words in English."}


def waiting(person: Person) -> Iterator[Event]:
    """Everything that can happen before a seat."""
    talk = uuid4()
    yield person.confirmed(awaits=("talk",))
    yield person.talk_offered(uuid4())
    yield person.talk_booked(talk, STARTS_AT)
    yield person.talk_cancelled(talk, "closed")
    yield person.ready()
    yield person.texts_asked("consent")
    yield person.renewal_asked()
    yield person.page_link_asked()


def seated(person: Person) -> Iterator[Event]:
    """A seat, its meeting, and the loss of both."""
    group, other = Group([person, Person(), Person()]), Group([person, Person()])
    yield group.offered(person)
    yield group.taken(person)
    yield group.called(now=NOON)
    yield group.called(sequence=1, place="Kleppestø")
    yield group.postponed(sequence=2)
    yield group.released(person, "lapsed")
    yield other.offered(person)


def started(person: Person) -> Iterator[Event]:
    """The life of a group after its start."""
    group = Group([person, Person(), Person()])
    life, visit = GroupLife(group), uuid4()
    yield group.called(starts_at=NOON - DAY)
    yield group.started()
    yield life.rhythm()
    yield life.weekly(1)
    yield life.weekly(2)
    yield life.cancelled(2)
    yield life.absent(group.members[1], 1)
    yield life.admitted(Person())
    yield life.handover_asked()
    yield life.handed_over()
    yield life.follow_up(visit)
    yield life.visit_declined(visit)
    yield life.vote(uuid4())
    yield life.keep_alive()
    yield life.dissolved()


@pytest.mark.parametrize(("life", "language", "kinds"), [(waiting, "nn", 6), (seated, "en", 4), (started, "nn", 8)])
async def test_every_mail_has_the_language_of_the_signup(
    feed: Feed, life: Callable[[Person], Iterator[Event]], language: MailLanguage, kinds: int
) -> None:
    person, office = Person(language=language), Office(feed)
    await feed.deliver(person.received(), person.ready())
    await _write_other_words(feed)
    for event in life(person):
        await feed.deliver(event)
        await office.later(timedelta(minutes=10))
    for _ in range(3):
        office.now += DAY
        await office.send()
    rows = await feed.mails(person_id=person.id)
    assert {row.language for row in rows} == {language}
    assert len({row.kind for row in rows if row.status == "sent"}) >= kinds
    for mail in office.contents:
        if mail.signup_id == person.signup_id and Block.CLOSING in mail.own_words:
            assert mail.own_words[Block.CLOSING] == OTHER_WORDS[language]


async def test_mail_that_waits_keeps_the_words_it_was_queued_with(feed: Feed) -> None:
    for language in ("nb", "nn", "en"):
        await feed.deliver(Person(language=language).ready())
    feed.clock.move(DAY)
    await _write_other_words(feed)
    office = Office(feed)
    office.now = feed.clock.now()
    await office.send()
    assert [mail.kind for mail in office.contents] == ["on_the_list"] * 3
    assert all(not mail.own_words for mail in office.contents)


async def _write_other_words(feed: Feed) -> None:
    """Let the centre write an ending of its own in every mail that may have one."""
    texts = {language: {Block.CLOSING.value: words} for language, words in OTHER_WORDS.items()}
    async with feed.database.transaction() as session:
        for spec in REGISTRY:
            if Block.CLOSING in spec.own_words:
                session.add(
                    MailTextRow(
                        centre=CENTRE, kind=spec.kind, number=1, texts=texts, saved_at=feed.clock.now(), saved_by="kari"
                    )
                )
