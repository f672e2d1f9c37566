"""Facts from events that come twice and in any order: the same mails are planned in the end."""

import random
from datetime import timedelta
from uuid import uuid4

import pytest

from notify.store import projections
from shared.events import Event
from tests.notify.support.events import NOON, STARTS_AT, Group, Person
from tests.notify.support.world import Feed

TABLES = (
    "talks, mails, seats, meetings, groups, signups, forgotten, bounces, contact_changes, page_links, "
    "helper_notices, inbox"
)
DAY = timedelta(days=1)


async def open_mails(feed: Feed) -> set[tuple[object, ...]]:
    return {(mail.kind, mail.cause_id, mail.person_id) for mail in await feed.mails() if mail.delivery.open}


async def forget_all(feed: Feed) -> None:
    async with feed.database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(f"TRUNCATE {TABLES}, announcements CASCADE")


async def outcomes(feed: Feed, events: list[Event], shuffles: int = 6) -> list[set[tuple[object, ...]]]:
    """The open mails after these events: in order, and shuffled, each event twice."""
    found = []
    for seed in range(shuffles + 1):
        order = [*events, *events]
        if seed:
            random.Random(seed).shuffle(order)
        await feed.deliver(*order, times=1)
        found.append(await open_mails(feed))
        await forget_all(feed)
    return found


def pause_and_return() -> list[Event]:
    person = Person()
    return [person.received(), person.confirmed(), person.ready(), person.paused(), person.resumed(NOON + DAY)]


def pause() -> list[Event]:
    person = Person()
    return [person.ready(), person.paused(), person.resumed(NOON + DAY), person.paused(NOON + 2 * DAY)]


def renewal_answered() -> list[Event]:
    person = Person()
    return [person.ready(), person.renewal_asked(NOON + DAY), person.renewed(NOON + 2 * DAY)]


def renewal_open() -> list[Event]:
    person = Person()
    return [person.ready(), person.renewed(NOON), person.renewal_asked(NOON + DAY)]


def offers_paused_and_renewed() -> list[Event]:
    person = Person()
    group = Group([person])
    events: list[Event] = [person.ready(), group.offered(person), group.released(person, "lapsed")]
    return [*events, group.offers_paused(person, NOON + DAY), person.renewed(NOON + 2 * DAY)]


def offers_paused_again() -> list[Event]:
    person = Person()
    group = Group([person])
    events: list[Event] = [person.ready(), group.offered(person), group.released(person, "lapsed")]
    return [*events, person.renewed(NOON), group.offers_paused(person, NOON + DAY)]


def postponed() -> list[Event]:
    group = Group([Person() for _ in range(3)])
    return [group.called(), group.called(sequence=1, starts_at=STARTS_AT + DAY), group.postponed(sequence=2)]


def postponed_and_called_again() -> list[Event]:
    group = Group([Person() for _ in range(3)])
    return [group.called(), group.postponed(sequence=1), group.called(sequence=2, starts_at=STARTS_AT + 7 * DAY)]


def start_revoked() -> list[Event]:
    group = Group([Person() for _ in range(3)])
    later = group.called(sequence=1, starts_at=STARTS_AT + 7 * DAY)
    return [group.called(), group.started(), group.revoked(), later.model_copy(update={"version": group.version + 1})]


def revoked_and_cancelled() -> list[Event]:
    group = Group([Person() for _ in range(3)])
    return [group.called(), group.started(), group.revoked(), group.cancelled()]


def reported_as_held() -> list[Event]:
    group = Group([Person() for _ in range(3)])
    return [group.called(), group.reported(held=True)]


def reported_and_called_again() -> list[Event]:
    group = Group([Person() for _ in range(3)])
    return [group.called(), group.reported(held=False), group.called(sequence=1, starts_at=STARTS_AT + DAY)]


def address_comes_later() -> list[Event]:
    group = Group([Person() for _ in range(3)])
    return [
        group.called(address_known=False, place="Bergen sentrum"),
        group.called(address_known=False, place="Bergen sentrum", starts_at=STARTS_AT + DAY, sequence=1),
        group.called(starts_at=STARTS_AT + DAY, sequence=2),
    ]


def moved_to_another_group() -> list[Event]:
    person, other = Person(), Person()
    first, second = Group([person, other]), Group([person])
    new_seat, old_seat = second.seats[person.id].seat_id, first.seats[person.id].seat_id
    return [
        first.offered(person),
        first.offered(other),
        first.taken(person),
        first.released(person, "moved", replaced_by=new_seat),
        second.offered(person, instead_of=old_seat),
        first.cancelled(other),
    ]


def talk_moved() -> list[Event]:
    person, talk_id = Person(), uuid4()
    first = person.talk_booked(talk_id, STARTS_AT)
    return [person.ready(), first, person.talk_booked(talk_id, STARTS_AT + DAY, sequence=1)]


def talk_cancelled_and_booked_again() -> list[Event]:
    person, talk_id = Person(), uuid4()
    events: list[Event] = [person.talk_booked(talk_id, STARTS_AT), person.talk_cancelled(talk_id, "closed")]
    return [person.ready(), *events, person.talk_booked(uuid4(), STARTS_AT + DAY)]


def talk_missed_and_offered() -> list[Event]:
    person, offer_id = Person(), uuid4()
    events: list[Event] = [person.talk_booked(uuid4(), NOON - DAY), person.talk_offered(offer_id)]
    return [person.confirmed(awaits=("talk",)), *events, person.talk_booked(offer_id, STARTS_AT)]


def talk_held() -> list[Event]:
    person, talk_id = Person(), uuid4()
    return [
        person.confirmed(awaits=("talk",)),
        person.talk_booked(talk_id, STARTS_AT),
        person.talk_held(talk_id, "clear"),
        person.ready(),
    ]


def talk_of_a_person_who_leaves() -> list[Event]:
    person, talk_id = Person(), uuid4()
    events: list[Event] = [person.talk_booked(talk_id, STARTS_AT), person.talk_cancelled(talk_id, "over")]
    return [person.ready(), *events, person.withdrawn()]


def asked_and_answered() -> list[Event]:
    people = [Person() for _ in range(3)]
    group = Group(people)
    starts_at = NOON + 30 * DAY
    events: list[Event] = [group.taken(person) for person in people]
    events.append(group.called(starts_at=starts_at, coming_question="asked_then_called"))
    return [*events, group.comes(people[0], starts_at), group.comes(people[1], starts_at)]


def answered_and_moved() -> list[Event]:
    person = Person()
    group = Group([person])
    first, second = NOON + 30 * DAY, NOON + 37 * DAY
    moved = group.called(starts_at=second, sequence=1, coming_question="asked", now=NOON + DAY)
    again = group.called(starts_at=second, sequence=1, coming_question="asked", now=NOON + 34 * DAY)
    return [group.taken(person), group.called(starts_at=first, coming_question="asked"), moved, again]


HISTORIES = [
    talk_moved,
    talk_cancelled_and_booked_again,
    talk_missed_and_offered,
    talk_held,
    talk_of_a_person_who_leaves,
    pause_and_return,
    pause,
    renewal_answered,
    renewal_open,
    offers_paused_and_renewed,
    offers_paused_again,
    postponed,
    postponed_and_called_again,
    start_revoked,
    revoked_and_cancelled,
    reported_as_held,
    reported_and_called_again,
    address_comes_later,
    moved_to_another_group,
    asked_and_answered,
    answered_and_moved,
]


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.__name__)
async def test_history_in_any_order_and_repeated_plans_the_same(feed: Feed, history: object) -> None:
    assert callable(history)
    in_order, *shuffled = await outcomes(feed, history())
    assert all(outcome == in_order for outcome in shuffled)


async def test_contact_change_gives_language_whatever_comes_first(feed: Feed) -> None:
    for seed in range(6):
        person = Person()
        group = Group([person])
        events: list[Event] = [person.ready(), person.contact_changed(NOON + DAY, language="en"), group.offered(person)]
        random.Random(seed).shuffle(events)
        await feed.deliver(*events)
        assert {mail.language for mail in await feed.mails(person_id=person.id)} == {"en"}


async def test_erased_person_leaves_nothing_of_new_facts(feed: Feed) -> None:
    person = Person()
    group = Group([person])
    events: list[Event] = [
        person.ready(),
        person.contact_changed(language="nn"),
        person.page_link_asked(),
        person.paused(),
        person.renewal_asked(),
        group.offered(person),
        group.offers_paused(person),
    ]
    await feed.deliver(*events, person.erased(), *events)
    async with feed.database.transaction() as session:
        connection = await session.connection()
        for table in ("signups", "seats", "mails", "contact_changes", "page_links"):
            (count,) = (await connection.exec_driver_sql(f"SELECT count(*) FROM {table}")).one()
            assert count == 0, table
        assert await projections.erased(session, [person.id]) == {person.id}
