"""Meetings that are postponed, moved, called off, revoked, or whose address comes later."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from icalendar import Calendar

from shared.events import Event
from tests.notify.support.events import NOON, STARTS_AT, Group, Person
from tests.notify.support.itip import violations
from tests.notify.support.office import Office
from tests.notify.support.world import Feed, World, has_status, inbox_of
from tests.shared.support.eventually import eventually

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LATER = STARTS_AT + 14 * DAY


def without_address(group: Group, **changes: object) -> Event:
    return group.called(place="Bergen sentrum", address_known=False, **changes)  # type: ignore[arg-type]


Called = Callable[[Group, Person], list[Event]]
ENDS: dict[str, Called] = {
    "postponed": lambda group, _: [group.postponed(sequence=1)],
    "cancelled": lambda group, _: [group.cancelled()],
    "postponed_and_cancelled": lambda group, _: [group.postponed(sequence=1), group.cancelled()],
    "moved_away": lambda group, person: [group.released(person, "moved")],
    "given_up": lambda group, person: [group.released(person, "declined")],
    "reported": lambda group, _: [group.reported(held=False)],
    "left": lambda _, person: [person.withdrawn()],
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("order", [1, -1], ids=["in_order", "reversed"])
async def test_reminder_of_a_meeting_that_is_off_is_never_sent(feed: Feed, end: str, order: int) -> None:
    person = Person()
    office, group = Office(feed), Group([person])
    await feed.deliver(person.ready(), group.offered(person), group.taken(person), group.called())
    await office.send()
    await feed.deliver(*ENDS[end](group, person)[::order])
    office.now = STARTS_AT - DAY
    await office.send()
    office.now = STARTS_AT - HOUR
    await office.send()
    assert "meeting_tomorrow" not in office.kinds


async def test_postponed_meeting_leaves_the_calendar_and_comes_back(world: World) -> None:
    person = world.intake.add(Person())
    group = Group([person])
    await world.deliver(group.offered(person), group.taken(person), group.called())
    await eventually(has_status(world, person, "group_confirmed", "sent"))
    await world.deliver(group.postponed(sequence=1))
    await eventually(has_status(world, person, "meeting_postponed", "sent"))
    await world.deliver(group.called(sequence=2, starts_at=LATER))
    await eventually(has_status(world, person, "plan_changed", "sent"))
    await world.deliver(group.released(person, "declined"))
    await eventually(has_status(world, person, "seat_given_up", "sent"))
    files = [part.get_payload(decode=True) for mail in inbox_of(world, person) for part in mail.iter_attachments()]
    assert [violations(file) for file in files] == [[]] * 4  # type: ignore[arg-type]
    calendars = [Calendar.from_ical(file) for file in files]  # type: ignore[arg-type]
    entries = [calendar.events[0] for calendar in calendars]
    assert [calendar["METHOD"] for calendar in calendars] == ["PUBLISH", "CANCEL", "PUBLISH", "CANCEL"]
    assert [entry["SEQUENCE"] for entry in entries] == [0, 1, 2, 3]
    assert len({entry["UID"] for entry in entries}) == 1


async def test_person_who_never_heard_of_a_meeting_is_not_told_that_it_is_off(feed: Feed) -> None:
    person = Person()
    office, group = Office(feed), Group([person])
    await feed.deliver(group.offered(person), group.taken(person), group.called(), group.postponed(sequence=1))
    await office.send()
    assert office.kinds == []
    await feed.deliver(group.called(sequence=2, starts_at=LATER))
    await office.send()
    assert office.kinds == ["group_confirmed"]


async def test_address_that_comes_later_is_told_once_and_then_reminded_of(feed: Feed) -> None:
    person = Person()
    office, group = Office(feed), Group([person])
    await feed.deliver(without_address(group))
    await office.send()
    office.now += DAY
    await feed.deliver(group.called(sequence=1), group.called(sequence=1))
    await office.send()
    office.now = STARTS_AT - DAY
    await office.send()
    assert office.kinds == ["group_confirmed", "address", "meeting_tomorrow"]


async def test_new_time_together_with_the_address_is_one_mail(feed: Feed) -> None:
    office, group = Office(feed), Group([Person()])
    await feed.deliver(without_address(group))
    await office.send()
    await feed.deliver(group.called(sequence=1, starts_at=LATER))
    await office.send()
    assert office.kinds == ["group_confirmed", "plan_changed"]


async def test_moved_meeting_without_address_gets_its_address_later(feed: Feed) -> None:
    office, group = Office(feed), Group([Person()])
    await feed.deliver(without_address(group))
    await office.send()
    await feed.deliver(without_address(group, sequence=1, starts_at=LATER))
    await office.send()
    await feed.deliver(group.called(sequence=2, starts_at=LATER))
    await office.send()
    assert office.kinds == ["group_confirmed", "plan_changed", "address"]


@pytest.mark.parametrize("hours_before", [None, 47, 25, 23, 3])
async def test_reminder_is_never_sent_without_an_address(feed: Feed, hours_before: int | None) -> None:
    """Held until the address comes; on the last day the mail with the address is the reminder."""
    office, group = Office(feed), Group([Person()])
    await feed.deliver(without_address(group))
    await office.send()
    told = False
    while office.now < STARTS_AT:
        office.now += HOUR
        feed.clock.set(office.now)
        if hours_before is not None and not told and STARTS_AT - office.now <= hours_before * HOUR:
            await feed.deliver(group.called(sequence=1))
            told = True
        await office.send()
    kinds = office.kinds
    reminded = ["meeting_tomorrow"] if hours_before is not None and hours_before > 24 else []
    assert kinds == ["group_confirmed", *(["address"] if told else []), *reminded]


async def test_revoked_start_opens_the_group_for_mails_again(feed: Feed) -> None:
    office, group = Office(feed), Group([Person()])
    await feed.deliver(group.called())
    await office.send()
    await feed.deliver(group.started(), group.revoked(), group.postponed(sequence=1))
    await office.send()
    await feed.deliver(group.called(sequence=2, starts_at=LATER))
    await office.send()
    assert office.kinds == ["group_confirmed", "meeting_postponed", "plan_changed"]
    assert await feed.queued() == ["meeting_tomorrow"]


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        (lambda group, person: [group.offered(person)], "Første møte: datoen er ikke klar ennå"),
        (
            lambda group, person: [group.offered(person, earliest_at=STARTS_AT)],
            "Første møte: tidligst tirsdag 13. januar 2026",
        ),
        (
            lambda group, person: [group.offered(person, starts_at=STARTS_AT)],
            "Første møte: tirsdag 13. januar 2026 kl. 18.00",
        ),
        (
            lambda group, person: [
                group.called(*group.members[1:]),
                group.called(*group.members[1:], sequence=1, starts_at=LATER),
                group.offered(person, starts_at=STARTS_AT),
            ],
            "Første møte: tirsdag 27. januar 2026 kl. 18.00",
        ),
        (
            lambda group, person: [
                group.called(*group.members[1:]),
                group.postponed(*group.members[1:], sequence=1),
                group.offered(person, starts_at=STARTS_AT),
            ],
            "Første møte: datoen er ikke klar ennå",
        ),
    ],
)
async def test_offer_states_the_meeting_as_it_is_now(world: World, events: Called, sentence: str) -> None:
    person = world.intake.add(Person())
    group = Group([person, world.intake.add(Person())])
    await world.deliver(*events(group, person))
    await eventually(has_status(world, person, "seat_offered", "sent"))
    assert sentence in inbox_of(world, person)[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]


@pytest.mark.parametrize(("reason", "sentence"), [("too_few", "for få"), ("by_centre", "måtte dessverre avlyse")])
async def test_cancellation_says_the_true_reason(world: World, reason: str, sentence: str) -> None:
    person = world.intake.add(Person())
    group = Group([person])
    await world.deliver(group.offered(person), group.taken(person), group.called())
    await eventually(has_status(world, person, "group_confirmed", "sent"))
    await world.deliver(group.cancelled(reason=reason))  # type: ignore[arg-type]
    await eventually(has_status(world, person, "start_cancelled", "sent"))
    assert sentence in inbox_of(world, person)[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]


async def test_goodbye_takes_the_coming_meeting_out_of_the_calendar(world: World) -> None:
    person = world.intake.add(Person())
    group = Group([person])
    await world.deliver(person.ready(), group.offered(person), group.taken(person), group.called())
    await eventually(has_status(world, person, "group_confirmed", "sent"))
    await world.deliver(person.withdrawn(NOON + HOUR))
    await eventually(has_status(world, person, "goodbye", "sent"))
    (file,) = inbox_of(world, person)[-1].iter_attachments()
    assert "METHOD:CANCEL" in file.get_content()
    assert f"UID:{group.meeting_id}@post.example" in file.get_content()
