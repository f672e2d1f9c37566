"""Nobody gets mails that contradict each other within an hour."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise, permutations
from uuid import UUID

import pytest

from notify.domain import announcements, contradictions
from notify.domain.announcements import Announcement
from notify.domain.delivery import Accepted, SmtpRejected
from notify.domain.hours import is_night
from shared.events import groups
from tests.notify.support.events import NOON, Group, Person
from tests.notify.support.office import REGISTRY, Office
from tests.notify.support.world import Feed

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
Story = Callable[["Office", Person, Group, Group], Awaitable[None]]


async def cancelled_and_offered_at_once(office: Office, person: Person, first: Group, second: Group) -> None:
    await office.feed.deliver(first.offered(person))
    await office.send()
    await office.feed.deliver(first.taken(person))
    await office.feed.deliver(first.cancelled(), second.offered(person, office.now))
    await office.send()


async def offered_and_cancelled_at_once(office: Office, person: Person, first: Group, second: Group) -> None:
    await office.feed.deliver(first.offered(person))
    await office.send()
    await office.feed.deliver(first.taken(person))
    await office.later(2 * HOUR)
    await office.feed.deliver(second.offered(person, office.now), first.cancelled())
    await office.send()


async def offered_ten_minutes_after_the_cancellation(
    office: Office, person: Person, first: Group, second: Group
) -> None:
    await office.feed.deliver(first.offered(person))
    await office.send()
    await office.feed.deliver(first.taken(person))
    await office.later(2 * HOUR)
    await office.feed.deliver(first.cancelled())
    await office.later(10 * MINUTE)
    await office.feed.deliver(second.offered(person, office.now))
    await office.later(2 * HOUR)


async def offer_called_off_before_it_is_read(office: Office, person: Person, first: Group, second: Group) -> None:
    await office.feed.deliver(first.offered(person))
    await office.later(10 * MINUTE)
    await office.feed.deliver(first.cancelled())
    await office.later(10 * MINUTE)
    await office.feed.deliver(second.offered(person, office.now))
    await office.later(2 * HOUR)


async def moved_by_staff_and_offered_elsewhere(office: Office, person: Person, first: Group, second: Group) -> None:
    await office.feed.deliver(first.offered(person), first.taken(person), first.called())
    await office.later(2 * HOUR)
    await office.feed.deliver(first.released(person, "moved"), second.offered(person, office.now))
    await office.later(2 * HOUR)


async def asked_about_another_place(office: Office, person: Person, first: Group, second: Group) -> None:
    await office.feed.deliver(first.offered(person))
    await office.send()
    await office.feed.deliver(first.taken(person))
    await office.later(2 * HOUR)
    old, new = first.seats[person.id].seat_id, second.seats[person.id].seat_id
    await office.feed.deliver(first.released(person, "moved", replaced_by=new))
    await office.feed.deliver(second.offered(person, office.now, instead_of=old))
    await office.later(2 * HOUR)


async def offered_and_lost_again_and_again(office: Office, person: Person, first: Group, second: Group) -> None:
    await office.feed.deliver(first.offered(person))
    await office.send()
    await office.feed.deliver(first.taken(person))
    await office.feed.deliver(first.released(person, "changed"))
    await office.later(10 * MINUTE)
    await office.feed.deliver(second.offered(person, office.now))
    await office.later(10 * MINUTE)
    await office.feed.deliver(second.released(person, "changed"))
    await office.later(3 * HOUR)


STORIES: list[Story] = [
    cancelled_and_offered_at_once,
    offered_and_cancelled_at_once,
    offered_ten_minutes_after_the_cancellation,
    offer_called_off_before_it_is_read,
    moved_by_staff_and_offered_elsewhere,
    asked_about_another_place,
    offered_and_lost_again_and_again,
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_story_has_no_contradicting_mails_within_an_hour(feed: Feed, story: Story) -> None:
    person = Person()
    office, first, second = Office(feed), Group([person]), Group([person])
    await story(office, person, first, second)
    about_seats = [(at, kind) for at, kind in office.sent if REGISTRY[kind].offers_seat or REGISTRY[kind].takes_back]
    assert about_seats
    for (earlier, one), (later, other) in pairwise(about_seats):
        if REGISTRY[one].takes_back or REGISTRY[other].takes_back:
            assert later - earlier >= HOUR, (one, other)


async def test_lost_seat_and_new_offer_queued_together_are_one_mail(feed: Feed) -> None:
    person = Person()
    office, first, second = Office(feed), Group([person]), Group([person])
    await feed.deliver(first.offered(person), first.taken(person), first.called())
    await office.later(2 * HOUR)
    before = len(office.sent)
    await feed.deliver(first.cancelled(), second.offered(person, office.now))
    await office.send()
    assert office.kinds[before:] == ["seat_offered"]
    (cancelled,) = await feed.mails(kind="start_cancelled")
    assert (cancelled.status, cancelled.reason) == ("cancelled", "told_in_offer")
    (offer,) = await feed.mails(kind="seat_offered", group_id=second.id)
    assert offer.replaces_seat_id == first.seats[person.id].seat_id
    assert offer.calendar_sequence == 1


async def test_loss_that_an_offer_was_to_tell_is_told_if_the_offer_falls(feed: Feed) -> None:
    person = Person()
    office, first, second = Office(feed), Group([person]), Group([person])
    await feed.deliver(first.offered(person))
    await office.send()
    await feed.deliver(first.taken(person))
    await office.later(2 * HOUR)
    old, new = first.seats[person.id].seat_id, second.seats[person.id].seat_id
    await feed.deliver(first.released(person, "moved", replaced_by=new))
    await feed.deliver(second.offered(person, office.now, instead_of=old), second.cancelled())
    await office.later(2 * HOUR)
    assert office.kinds == ["seat_offered", "start_cancelled"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize(
    ("ends", "mail_left", "expected"),
    [
        ("lapsed", False, ["start_cancelled"]),
        ("lapsed", True, ["question_moved"]),
        ("declined", False, []),
        ("withdrawn", False, []),
    ],
)
async def test_loss_is_told_if_the_offer_instead_lapses_untold(
    feed: Feed, order: tuple[int, ...], ends: groups.ReleaseReason, mail_left: bool, expected: list[str]
) -> None:
    """The mail server is away for days, so that only the events of seats arrive, in any order."""
    person = Person()
    office, first, second = Office(feed), Group([person]), Group([person])
    await feed.deliver(first.offered(person))
    await office.send()
    await feed.deliver(first.taken(person))
    old, new = first.seats[person.id].seat_id, second.seats[person.id].seat_id
    moved = first.released(person, "moved", replaced_by=new)
    offered = second.offered(person, office.now, instead_of=old)
    if mail_left:
        await feed.deliver(moved, offered)
        await office.send()
    events = (moved, offered, second.released(person, ends))

    await feed.deliver(*(events[number] for number in order))
    await office.later(2 * HOUR)

    assert office.kinds == ["seat_offered", *expected]


async def test_loss_merged_into_an_offer_that_lapses_is_told(feed: Feed) -> None:
    person = Person()
    office, first, second = Office(feed), Group([person]), Group([person])
    await feed.deliver(first.offered(person))
    await office.send()
    await feed.deliver(first.taken(person), first.cancelled(), second.offered(person, office.now))
    office.outcome = SmtpRejected(450)
    await office.send()
    (cancelled,) = await feed.mails(kind="start_cancelled")
    assert cancelled.reason == "told_in_offer"

    office.outcome = Accepted()
    await feed.deliver(second.released(person, "lapsed"))
    await office.later(2 * HOUR)

    assert office.kinds == ["seat_offered", "start_cancelled"]


@pytest.mark.parametrize(
    ("minutes_since", "hours_left", "waits_minutes"),
    [(0, 72, 60), (59, 72, 1), (60, 72, None), (10, 13, 50), (10, 12, None), (None, 72, None)],
)
def test_offer_waits_until_returns_end_of_hour_if_time_is_left(
    minutes_since: int | None, hours_left: int, waits_minutes: int | None
) -> None:
    taken_back_at = None if minutes_since is None else NOON - minutes_since * MINUTE
    until = contradictions.offer_waits_until(taken_back_at, NOON + hours_left * HOUR, NOON)
    assert until == (None if waits_minutes is None else NOON + waits_minutes * MINUTE)


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_question_that_follows_the_start_comes_after_the_welcome(hour: int) -> None:
    started = Announcement(UUID(int=1), announcements.STARTED, 1, NOON + hour * HOUR)
    asked = replace(started, kind=announcements.HANDOVER_ASKED, at=started.at + MINUTE)
    welcome, question = contradictions.welcome_at(started), contradictions.after_welcome(asked)
    assert welcome < question
    assert not is_night(question)


async def test_meeting_that_is_known_is_called_off_at_once(feed: Feed) -> None:
    person = Person()
    office, group = Office(feed), Group([person])
    await feed.deliver(group.offered(person), group.taken(person), group.called())
    await office.send()
    await feed.deliver(group.cancelled())
    await office.send()
    assert office.kinds[-1] == "start_cancelled"
