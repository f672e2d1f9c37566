"""Mails that repeat each other within an hour become one, whatever happens in which order."""

import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.domain import contradictions
from notify.domain.contradictions import QUIET, TIME_TO_ANSWER
from notify.domain.hours import reminder_at
from tests.notify.support.desk import Desk
from tests.notify.support.events import NOON, STARTS_AT, Group, Person
from tests.notify.support.group_life import GroupLife, thursday
from tests.notify.support.kontaktmoter import Office as Planner
from tests.notify.support.kontaktmoter import allow, on_its_own
from tests.notify.support.office import REGISTRY, Office
from tests.notify.support.world import Feed

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Story = Callable[[Office, datetime], Awaitable[None]]


async def _at(office: Office, moment: datetime) -> None:
    await office.later(moment - office.now)


async def meeting_called(office: Office, before: datetime) -> None:
    await _at(office, before)
    await office.feed.deliver(Group([Person()]).called(now=office.now))


async def address_given(office: Office, before: datetime) -> None:
    group = Group([Person()])
    await office.feed.deliver(group.called(place="Bergen sentrum", address_known=False))
    await _at(office, before)
    await office.feed.deliver(group.called(sequence=1, now=office.now))


async def place_changed(office: Office, before: datetime) -> None:
    group = Group([Person()])
    await office.feed.deliver(group.called())
    await _at(office, before)
    await office.feed.deliver(group.called(sequence=1, place="Kleppestø", now=office.now))


async def talk_moved(office: Office, before: datetime) -> None:
    person, talk_id = Person(), uuid4()
    await office.feed.deliver(person.ready(), person.talk_booked(talk_id, STARTS_AT + DAY))
    await _at(office, before)
    await office.feed.deliver(person.talk_booked(talk_id, STARTS_AT, sequence=1, now=office.now))


async def talk_booked(office: Office, before: datetime) -> None:
    person = Person()
    await office.feed.deliver(person.ready())
    await _at(office, before)
    await office.feed.deliver(person.talk_booked(uuid4(), STARTS_AT, now=office.now))


STORIES: dict[Story, str] = {
    meeting_called: "meeting_tomorrow",
    address_given: "meeting_tomorrow",
    place_changed: "meeting_tomorrow",
    talk_moved: "talk_tomorrow",
    talk_booked: "talk_tomorrow",
}


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize(("minutes", "reminded"), [(10, False), (50, False), (90, True)])
async def test_reminder_after_mail_about_the_meeting_is_dropped_for_an_hour(
    feed: Feed, story: Story, minutes: int, reminded: bool
) -> None:
    office = Office(feed)
    await story(office, reminder_at(STARTS_AT) - minutes * MINUTE)
    await _at(office, STARTS_AT - HOUR)
    assert (STORIES[story] in office.kinds) is reminded
    assert len(office.kinds) > 1 or not reminded


async def test_weekly_reminder_after_change_of_the_meetings_is_dropped(feed: Feed) -> None:
    group = Group([Person(), Person()])
    office, life = Office(feed), GroupLife(group)
    await feed.deliver(
        group.called(starts_at=NOON - DAY), group.started(), life.rhythm(), life.weekly(1), life.weekly(2)
    )
    reminder = reminder_at(thursday(1))
    await _at(office, reminder - 40 * MINUTE)
    before = len(office.kinds)
    await feed.deliver(life.cancelled(2, now=office.now))
    await _at(office, thursday(1) - HOUR)
    assert office.kinds[before:] == ["meetings_changed"] * 2


async def test_reminder_of_kontaktmote_after_its_place_is_dropped(desk: Desk) -> None:
    allow(desk)
    circle = await on_its_own(desk, "opt_in")
    office = Planner(desk)
    id_ = await office.announced()
    await office.settle()
    first, second, _ = await office.invitations(id_, circle.id)
    starts_at = (await office.meeting(id_)).plan.starts_at
    await office.answer(first.id, 1)
    await office.settle()
    desk.clock.set(reminder_at(starts_at) - 30 * MINUTE)
    await office.answer(second.id, 1)
    assert [kind for kind, _ in await office.settle()] == ["kontaktmote_place"]
    assert [kind for kind, _ in await office.later(reminder_at(starts_at))] == ["kontaktmote_reminder"]


async def test_changes_of_a_plan_within_an_hour_are_told_twice_at_most(feed: Feed) -> None:
    office, group = Office(feed), Group([Person()])
    await feed.deliver(group.called())
    await office.later(2 * HOUR)
    for number, place in enumerate(("Kleppestø", "Loddefjord", "Åsane", "Fana"), 1):
        await feed.deliver(group.called(sequence=number, place=place, now=office.now))
        await office.later(10 * MINUTE)
    await office.later(2 * HOUR)
    assert office.kinds == ["group_confirmed", "plan_changed", "plan_changed"]
    assert [mail.place_text for mail in office.contents[1:]] == ["Kleppestø", "Fana"]


async def test_change_of_a_meeting_that_is_near_is_told_at_once(feed: Feed) -> None:
    office, group = Office(feed), Group([Person()])
    await feed.deliver(group.called())
    await _at(office, STARTS_AT - 5 * HOUR)
    for number in (1, 2):
        await feed.deliver(group.called(sequence=number, place=f"Rom {number}", now=office.now))
        await office.send()
    assert office.kinds[-2:] == ["plan_changed", "plan_changed"]


PLACES = ("Kleppestø", "Loddefjord", "Biblioteket, rom 2")


@pytest.mark.parametrize("seed", range(8))
async def test_any_history_of_a_plan_has_no_two_mails_that_say_the_same(feed: Feed, seed: int) -> None:
    """Plans move at random moments; every mail within an hour of another says something new, and the last is true."""
    chance = random.Random(seed)
    group, office, last = Group([Person()]), Office(feed), (STARTS_AT, PLACES[0])
    await feed.deliver(group.called(place=PLACES[0]))
    await _at(office, reminder_at(STARTS_AT) - 4 * HOUR)
    for number in range(1, 8):
        await office.later(chance.choice((0, 10, 30, 50, 70)) * MINUTE)
        last = STARTS_AT + chance.choice((0, 0, 1)) * DAY, chance.choice(PLACES)
        await feed.deliver(group.called(sequence=number, starts_at=last[0], place=last[1], now=office.now))
        await office.send()
    await _at(office, last[0] - HOUR)
    told = [
        (at, mail) for (at, _), mail in zip(office.sent, office.contents, strict=True) if REGISTRY[mail.kind].tells_when
    ]
    for (first_at, first), (then_at, then) in pairwise(told):
        same = (first.starts_at, first.sequence) == (then.starts_at, then.sequence)
        near = then.starts_at is not None and then.starts_at < then_at + QUIET + TIME_TO_ANSWER
        if then_at - first_at < QUIET and REGISTRY[then.kind].is_reminder:
            assert not same
        if then_at - first_at < QUIET and first.kind == then.kind == "plan_changed":
            assert near
    assert (told[-1][1].starts_at, told[-1][1].place_text) == last


@given(st.integers(-300, 300), st.integers(-300, 3000))
def test_change_waits_only_for_the_hour_and_only_with_time_to_spare(told_minutes: int, starts_minutes: int) -> None:
    told_at, starts_at = NOON - told_minutes * MINUTE, NOON + starts_minutes * MINUTE
    until = contradictions.change_waits_until(told_at, starts_at, NOON)
    assert contradictions.change_waits_until(None, starts_at, NOON) is None
    if until is not None:
        assert NOON < until == told_at + QUIET
        assert until + TIME_TO_ANSWER <= starts_at
        assert contradictions.is_told(told_at, NOON)


def test_changes_that_are_gathered_and_reminders_tell_when() -> None:
    assert {spec.kind for spec in REGISTRY if spec.gathers} <= {spec.kind for spec in REGISTRY if spec.tells_when}
    reminders = {spec.kind for spec in REGISTRY if spec.is_reminder and spec.tells_when}
    assert reminders == {"meeting_tomorrow", "weekly_reminder", "talk_tomorrow", "kontaktmote_reminder"}
