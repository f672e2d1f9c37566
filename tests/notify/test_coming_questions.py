"""The questions whether members still come: a week and two days before the start meeting, by day, and never twice."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from notify.domain.hours import is_night
from shared.events import Event
from shared.timezone import OSLO_TZ
from tests.notify.support.desk import Desk
from tests.notify.support.events import NOON, Group, Person

QUESTIONS = ("still_coming", "still_coming_again")
MEETS = datetime(2026, 1, 29, 17, tzinfo=UTC)
"""A Thursday at 18.00, 24 days after everything is agreed."""
DAY = timedelta(days=1)


def at(days: int, hour: int = 18) -> datetime:
    """A Norwegian hour some days before the meeting."""
    return datetime.combine(MEETS.astimezone(OSLO_TZ).date() - days * DAY, datetime.min.time(), OSLO_TZ).replace(
        hour=hour
    )


async def agreed(
    desk: Desk, *people: Person, now: datetime = NOON, policy: str = "asked", starts_at: datetime = MEETS
) -> Group:
    """Call a group to a start meeting, to which all have said yes; the news of it has left."""
    group = Group(people)
    for person in people:
        await desk.deliver(person.ready(now), group.offered(person, now), group.taken(person, now))
    await desk.deliver(called(group, now=now, policy=policy, starts_at=starts_at))
    await desk.mailer()
    return group


def called(group: Group, *, policy: str = "asked", **changes: Any) -> Any:
    return group.called(coming_question=policy, **{"starts_at": MEETS, **changes})  # type: ignore[arg-type]


async def until(desk: Desk, end: datetime) -> None:
    """Let the mailer work whenever a mail is due."""
    while True:
        now = desk.clock.now()
        waiting = [mail.next_at for mail in await desk.mails() if mail.next_at is not None and mail.next_at > now]
        desk.clock.set(min([*waiting, end]))
        await desk.mailer()
        if desk.clock.now() >= end:
            return


async def questions(desk: Desk, person: Person) -> list[tuple[str, datetime]]:
    """Kind and Norwegian time of each question that has left."""
    rows = await desk.mails(person_id=person.id)
    sent = [(mail.kind, mail.settled_at) for mail in rows if mail.kind in QUESTIONS and mail.status == "sent"]
    return sorted((kind, left_at.astimezone(OSLO_TZ)) for kind, left_at in sent if left_at)


def member(desk: Desk) -> Person:
    return desk.intake.add(Person())


async def test_silent_member_is_asked_a_week_and_two_days_before(desk: Desk) -> None:
    person = member(desk)
    await agreed(desk, person)
    await until(desk, MEETS)
    an_hour_late = at(2) + timedelta(hours=1)
    assert await questions(desk, person) == [("still_coming", at(7)), ("still_coming_again", an_hour_late)]


@pytest.mark.parametrize("starts_at", [MEETS.replace(hour=5), MEETS.replace(hour=21, minute=30), MEETS])
async def test_question_leaves_by_day_whatever_the_hour_of_the_meeting(desk: Desk, starts_at: datetime) -> None:
    person = member(desk)
    await agreed(desk, person, starts_at=starts_at)
    await until(desk, starts_at)
    asked = await questions(desk, person)
    assert len(asked) == 2
    assert not any(is_night(moment) for _, moment in asked)


async def test_change_of_the_clock_does_not_move_the_hour_of_the_question(desk: Desk) -> None:
    starts_at = datetime(2026, 3, 31, 16, tzinfo=UTC)  # Tuesday 18.00; the clock changed on Sunday
    person = member(desk)
    await agreed(desk, person, now=NOON + 60 * DAY, starts_at=starts_at)
    desk.clock.set(starts_at - 10 * DAY)
    await until(desk, starts_at)
    assert [(moment.day, moment.hour) for _, moment in await questions(desk, person)] == [(24, 18), (29, 19)]


@pytest.mark.parametrize(("answered_days_before", "kinds"), [(6, ["still_coming"]), (8, [])])
async def test_member_who_says_yes_is_not_asked_again(desk: Desk, answered_days_before: int, kinds: list[str]) -> None:
    person, silent = member(desk), member(desk)
    group = await agreed(desk, person, silent)
    await until(desk, at(answered_days_before))
    await desk.deliver(group.comes(person, MEETS, desk.clock.now()))
    await until(desk, MEETS)
    assert [kind for kind, _ in await questions(desk, person)] == kinds
    assert [kind for kind, _ in await questions(desk, silent)] == list(QUESTIONS)


async def test_yes_does_not_hold_for_another_time(desk: Desk) -> None:
    person = member(desk)
    group = await agreed(desk, person)
    await desk.deliver(group.comes(person, MEETS), called(group, sequence=1, starts_at=MEETS + 7 * DAY))
    await until(desk, MEETS + 7 * DAY)
    assert [kind for kind, _ in await questions(desk, person)] == list(QUESTIONS)


async def test_yes_holds_for_another_place(desk: Desk) -> None:
    person = member(desk)
    group = await agreed(desk, person)
    await desk.deliver(group.comes(person, MEETS), called(group, sequence=1, place="Kulturhuset"))
    await until(desk, MEETS)
    assert await questions(desk, person) == []


@pytest.mark.parametrize(
    ("days_before", "kinds"), [(10, list(QUESTIONS)), (9, ["still_coming_again"]), (5, ["still_coming_again"]), (4, [])]
)
async def test_member_who_took_the_seat_lately_is_left_in_peace(desk: Desk, days_before: int, kinds: list[str]) -> None:
    first, late = member(desk), member(desk)
    group = await agreed(desk, first)
    await until(desk, at(days_before, 12))
    now = desk.clock.now()
    group.add_member(late)
    await desk.deliver(late.ready(now), group.offered(late, now), group.taken(late, now), called(group, now=now))
    await until(desk, MEETS)
    assert [kind for kind, _ in await questions(desk, late)] == kinds
    assert [kind for kind, _ in await questions(desk, first)] == list(QUESTIONS)


async def test_news_of_an_address_stands_for_the_question(desk: Desk) -> None:
    """Nobody gets an address, a question and a reminder on three days in a row."""
    person = member(desk)
    group = await agreed(desk, person)
    await until(desk, at(3))
    await desk.deliver(called(group, sequence=1, place="Kulturhuset", now=desk.clock.now()))
    await until(desk, MEETS)
    assert [kind for kind, _ in await questions(desk, person)] == ["still_coming"]
    left = [mail for mail in await desk.mails(person_id=person.id) if mail.status == "sent" and mail.settled_at]
    days = Counter(mail.settled_at.astimezone(OSLO_TZ).date() for mail in left if mail.settled_at)
    assert max(days[MEETS.date() - number * DAY] + days[MEETS.date() - (number + 1) * DAY] for number in (1, 2)) <= 2


@pytest.mark.parametrize("happens", ["released", "postponed", "cancelled", "withdrawn"])
async def test_question_is_dropped_when_it_is_moot(desk: Desk, happens: str) -> None:
    person = member(desk)
    group = await agreed(desk, person)
    now = desk.clock.now()
    events: dict[str, Event] = {
        "released": group.released(person, "declined", now),
        "postponed": group.postponed(starts_at=MEETS, now=now),
        "cancelled": group.cancelled(now=now),
        "withdrawn": person.withdrawn(now),
    }
    await desk.deliver(events[happens])
    await until(desk, MEETS)
    assert await questions(desk, person) == []


async def test_policy_off_asks_nobody(desk: Desk) -> None:
    person = member(desk)
    await agreed(desk, person, policy="off")
    await until(desk, MEETS)
    assert await questions(desk, person) == []


@pytest.mark.parametrize(("policy", "calls"), [("asked", []), ("asked_then_called", ["coming_unanswered"])])
async def test_silence_is_a_call_only_where_the_policy_says_so(desk: Desk, policy: str, calls: list[str]) -> None:
    silent, coming = member(desk), member(desk)
    group = await agreed(desk, silent, coming, policy=policy)
    await until(desk, at(2, 20))
    await desk.deliver(group.comes(coming, MEETS, desk.clock.now()))
    await until(desk, at(1, 8))
    assert await desk.open_calls(silent) == []
    await until(desk, at(1, 9))
    assert await desk.open_calls(silent) == calls
    assert await desk.open_calls(coming) == []
    await desk.deliver(group.comes(silent, MEETS, desk.clock.now()))
    assert await desk.open_calls(silent) == []
    assert not await desk.open_tasks()


async def test_silence_before_a_monday_is_a_call_when_staff_are_at_work(desk: Desk) -> None:
    monday = datetime(2026, 2, 2, 17, tzinfo=UTC)
    person = member(desk)
    await agreed(desk, person, policy="asked_then_called", starts_at=monday)
    await until(desk, monday - timedelta(hours=10))
    assert await desk.open_calls(person) == []
    await until(desk, monday - timedelta(hours=8))
    assert await desk.open_calls(person) == ["coming_unanswered"]


async def test_person_without_address_is_called_once_about_the_question(desk: Desk) -> None:
    person = desk.intake.add(Person(), email=None)
    group = await agreed(desk, person, policy="asked_then_called")
    await desk.press(await desk.call(person, "group_confirmed"), "sagt")
    await until(desk, at(7))
    assert await desk.open_calls(person) == ["still_coming"]
    mail = await desk.call(person, "still_coming")
    page = await desk.page(mail.id)
    assert "Kommer du fortsatt?" in page
    assert f'action="/stab/plasser/{mail.seat_id}/svar"' in page
    await until(desk, at(1, 10))
    assert await desk.open_calls(person) == ["still_coming_again"]
    await desk.deliver(group.comes(person, MEETS, desk.clock.now()))
    assert (await desk.call(person, "still_coming_again")).status == "called"
    await until(desk, at(1, 17))
    assert await desk.open_calls(person) == []


async def test_person_without_number_is_not_called(desk: Desk) -> None:
    person = member(desk)
    contact = desk.intake.by_person[person.id]
    desk.intake.by_person[person.id] = contact.model_copy(update={"mobile": None})
    await agreed(desk, person, policy="asked_then_called")
    await until(desk, MEETS)
    assert [mail.reason for mail in await desk.mails(kind="coming_unanswered")] == ["no_number"]
