"""What each event brings about, every one delivered twice, and in whatever order."""

import random
from datetime import timedelta
from itertools import pairwise

import pytest

from notify.domain.kinds import Kind
from shared.events import Event, signups
from shared.timezone import OSLO_TZ
from tests.notify.conftest import Hearing
from tests.notify.events import NOON, GroupLife, Person


async def test_received_asks_to_confirm(hearing: Hearing) -> None:
    person = Person(language="nn")
    await hearing.hear(person.received())
    (mail,) = await hearing.mails()
    assert (mail.kind, mail.cause_id, mail.language) == ("address_to_confirm", person.confirmation_id, "nn")
    assert mail.status == "queued"


async def test_confirmed_tells_what_is_left_only_where_something_is(hearing: Hearing) -> None:
    one, other = Person(), Person()
    await hearing.hear(one.received(), one.confirmed(awaits=("talk",)), other.received(), other.confirmed())
    assert "talk_to_come" in await hearing.queued(one)
    assert "talk_to_come" not in await hearing.queued(other)


async def test_ready_is_told_once_however_often_somebody_comes_back(hearing: Hearing) -> None:
    person = Person()
    group = GroupLife([person])
    await hearing.hear(person.ready(), group.offered(person), group.released(person, "lapsed"), person.ready())
    assert await hearing.queued(person) == ["on_the_list"]


async def test_a_meeting_is_told_reminded_of_and_changed(hearing: Hearing) -> None:
    members = [Person() for _ in range(5)]
    group = GroupLife(members)
    await hearing.hear(group.called())
    assert [await hearing.queued(person) for person in members] == [["group_confirmed", "meeting_tomorrow"]] * 5
    late = Person()
    group.join(late)
    await hearing.hear(group.called())
    assert await hearing.queued(late) == ["group_confirmed", "meeting_tomorrow"]
    assert len(await hearing.mails(kind="group_confirmed")) == 6
    assert len(await hearing.mails(kind="meeting_tomorrow")) == 6
    later = NOON + timedelta(days=9, hours=6)
    await hearing.hear(group.called(sequence=1, starts_at=later))
    for person in group.members:
        assert await hearing.queued(person) == ["group_confirmed", "meeting_tomorrow", "plan_changed"]
    reminders = await hearing.mails(kind="meeting_tomorrow", status="queued")
    assert {mail.next_at for mail in reminders} == {later - timedelta(days=1)}
    await hearing.hear(group.called(sequence=2, place="Et annet sted", starts_at=later))
    changed = await hearing.mails(kind="plan_changed", status="queued")
    assert {mail.sequence for mail in changed} == {2}


async def test_a_newcomer_after_a_change_is_told_once(hearing: Hearing) -> None:
    members = [Person() for _ in range(5)]
    group = GroupLife(members)
    await hearing.hear(group.called(), group.called(sequence=1))
    late = Person()
    group.join(late)
    await hearing.hear(group.called(sequence=1))
    assert await hearing.queued(late) == ["group_confirmed", "meeting_tomorrow"]


async def test_nobody_is_reminded_of_what_is_too_near(hearing: Hearing) -> None:
    group = GroupLife([Person()])
    await hearing.hear(group.called(starts_at=NOON + timedelta(hours=20)))
    assert await hearing.queued() == ["group_confirmed"]
    (reminder,) = await hearing.mails(kind="meeting_tomorrow")
    assert (reminder.status, reminder.reason) == ("cancelled", "too_late")


@pytest.mark.parametrize("reason", ["declined", "lapsed", "withdrawn"])
async def test_whoever_gives_up_a_seat_hears_no_more_of_it(hearing: Hearing, reason: str) -> None:
    one, other = Person(), Person()
    group = GroupLife([one, other])
    await hearing.hear(group.offered(one), group.offered(other), group.called(), group.released(one, reason))
    assert await hearing.queued(one) == []
    assert await hearing.queued(other) == ["group_confirmed", "meeting_tomorrow", "seat_offered"]


async def test_a_start_that_did_not_come_is_told(hearing: Hearing) -> None:
    one, other = Person(), Person()
    group = GroupLife([one, other])
    await hearing.hear(group.offered(one), group.offered(other), group.released(other, "declined"), group.called(one))
    await hearing.hear(group.cancelled(one), group.released(one, "cancelled"))
    assert await hearing.queued(one) == ["start_cancelled"]
    assert await hearing.queued(other) == []


async def test_a_seat_that_was_taken_back_is_told(hearing: Hearing) -> None:
    person = Person()
    group = GroupLife([person])
    await hearing.hear(group.called(), group.released(person, "moved"))
    assert await hearing.queued(person) == ["start_cancelled"]


async def test_leaving_ends_every_mail_but_the_goodbye(hearing: Hearing) -> None:
    person = Person()
    group = GroupLife([person])
    await hearing.hear(person.received(), person.confirmed(awaits=("talk",)), person.ready())
    await hearing.hear(group.offered(person), group.called(), person.withdrawn())
    assert await hearing.queued(person) == ["goodbye"]
    await hearing.hear(group.called(sequence=1), group.cancelled())
    assert await hearing.queued(person) == ["goodbye"]


async def test_an_address_that_nobody_confirmed_gets_no_goodbye(hearing: Hearing) -> None:
    person = Person()
    await hearing.hear(person.received(), person.withdrawn())
    assert await hearing.queued(person) == []


async def test_a_confirmation_that_comes_after_the_farewell_still_gets_one(hearing: Hearing) -> None:
    person = Person()
    received, ready = person.received(), person.ready()
    await hearing.hear(received, person.withdrawn(), ready)
    assert await hearing.queued(person) == ["goodbye"]


async def test_a_started_group_is_left_in_peace(hearing: Hearing) -> None:
    members = [Person() for _ in range(5)]
    group = GroupLife(members)
    await hearing.hear(*(group.offered(person) for person in members), group.called(), group.started())
    assert await hearing.queued() == []
    await hearing.hear(group.called(sequence=1))
    assert await hearing.queued() == []


async def test_whoever_is_erased_is_gone_and_stays_gone(hearing: Hearing) -> None:
    person, other = Person(), Person()
    group = GroupLife([person, other])
    events = [person.received(), person.ready(), group.offered(person), group.offered(other), group.called()]
    await hearing.hear(*events, person.erased())
    assert await hearing.mails(person_id=person.id) == []
    await hearing.hear(group.called(sequence=1), group.released(person, "erased"), group.cancelled())
    await hearing.hear(person.ready(), person.withdrawn())
    assert await hearing.mails(person_id=person.id) == []
    assert await hearing.queued(other) == ["start_cancelled"]


async def test_new_wishes_change_the_language_of_later_mails_only(hearing: Hearing) -> None:
    person = Person()
    await hearing.hear(person.received())
    person.language = "en"
    await hearing.hear(person.ready(kind=signups.Changed), person.withdrawn())
    mails = {mail.kind: mail.language for mail in await hearing.mails()}
    assert mails == {"address_to_confirm": "nb", "goodbye": "en"}


def a_whole_life() -> list[Event]:
    """Seven people: a group that changes, loses and gains people and is cancelled; another that starts."""
    people = [Person() for _ in range(9)]
    events: list[Event] = []
    for person in people:
        events += [person.received(), person.confirmed(awaits=("talk",)), person.ready()]
    first, second = GroupLife(people[:6]), GroupLife(people[6:])
    events += [first.offered(person) for person in people[:6]] + [first.taken(person) for person in people[:5]]
    events += [first.released(people[5], "declined"), first.called(*people[:5])]
    events += [first.called(*people[:5], sequence=1, starts_at=NOON + timedelta(days=10, hours=6))]
    events += [people[0].withdrawn(), first.released(people[0], "withdrawn")]
    events += [first.released(people[1], "moved"), people[2].erased(), first.released(people[2], "erased")]
    events += [first.released(person, "cancelled") for person in people[3:5]] + [first.cancelled(*people[3:5])]
    events += [second.called(), second.called(sequence=1, place="Et annet sted")]
    return events


async def test_any_order_and_any_repetition_ends_with_the_same_mails(hearing: Hearing) -> None:
    events = a_whole_life()
    outcomes = []
    for seed in range(4):
        order = [*events, *events]
        if seed:
            random.Random(seed).shuffle(order)
        await hearing.hear(*order, times=1)
        outcomes.append(
            {(mail.kind, mail.cause_id, mail.person_id) for mail in await hearing.mails() if mail.delivery.open}
        )
        async with hearing.database.transaction() as session:
            connection = await session.connection()
            await connection.exec_driver_sql(
                "TRUNCATE mails, seats, meetings, groups, signups, forgotten, bounces, inbox CASCADE"
            )
    assert len(outcomes[0]) > 20
    assert all(one == other for one, other in pairwise(outcomes))


async def test_reminders_are_due_by_day_before_the_meeting(hearing: Hearing) -> None:
    for hour in range(0, 24, 3):
        starts_at = NOON + timedelta(days=8, hours=hour)
        group = GroupLife([Person()])
        await hearing.hear(group.called(starts_at=starts_at), times=1)
        (mail,) = await hearing.mails(kind=Kind.MEETING_TOMORROW.value, meeting_id=group.meeting_id)
        assert mail.next_at is not None
        due, meets = mail.next_at.astimezone(OSLO_TZ), starts_at.astimezone(OSLO_TZ)
        assert due.date() == meets.date() - timedelta(days=1)
        assert 8 <= due.hour < 21


async def test_the_queue_holds_nothing_but_ids(hearing: Hearing) -> None:
    person = Person()
    await hearing.hear(person.received())
    (mail,) = await hearing.mails()
    for value in mail.model_dump().values():
        assert "@" not in str(value)
