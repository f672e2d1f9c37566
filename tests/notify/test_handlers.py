"""Effects of each event on the queue; every event is delivered twice."""

import random
from datetime import timedelta
from itertools import pairwise

import pytest

from shared.events import Event, groups
from shared.timezone import OSLO_TZ
from tests.notify.support.events import NOON, Group, Person
from tests.notify.support.world import Feed


async def test_received_queues_mail_to_confirm_address(feed: Feed) -> None:
    person = Person(language="nn")
    await feed.deliver(person.received())
    (mail,) = await feed.mails()
    assert (mail.kind, mail.cause_id, mail.language) == ("address_to_confirm", person.confirmation_id, "nn")
    assert mail.status == "queued"


async def test_confirmed_queues_talk_mail_only_with_remaining_steps(feed: Feed) -> None:
    with_talk, without = Person(), Person()
    await feed.deliver(with_talk.received(), with_talk.confirmed(awaits=("talk",)))
    await feed.deliver(without.received(), without.confirmed())
    assert "talk_to_come" in await feed.queued(with_talk)
    assert "talk_to_come" not in await feed.queued(without)


async def test_ready_twice_queues_one_waiting_list_mail(feed: Feed) -> None:
    person = Person()
    group = Group([person])
    await feed.deliver(person.ready(), group.offered(person), group.released(person, "lapsed"), person.ready())
    assert await feed.queued(person) == ["on_the_list"]


async def test_meeting_called_queues_invitation_reminder_and_change(feed: Feed) -> None:
    members = [Person() for _ in range(5)]
    group = Group(members)
    await feed.deliver(group.called())
    assert [await feed.queued(person) for person in members] == [["group_confirmed", "meeting_tomorrow"]] * 5
    late = Person()
    group.add_member(late)
    await feed.deliver(group.called())
    assert await feed.queued(late) == ["group_confirmed", "meeting_tomorrow"]
    assert len(await feed.mails(kind="group_confirmed")) == 6
    assert len(await feed.mails(kind="meeting_tomorrow")) == 6
    later = NOON + timedelta(days=9, hours=6)
    await feed.deliver(group.called(sequence=1, starts_at=later))
    for person in group.members:
        assert await feed.queued(person) == ["group_confirmed", "meeting_tomorrow", "plan_changed"]
    reminders = await feed.mails(kind="meeting_tomorrow", status="queued")
    assert {mail.next_at for mail in reminders} == {later - timedelta(days=1)}
    await feed.deliver(group.called(sequence=2, place="Et annet sted", starts_at=later))
    changed = await feed.mails(kind="plan_changed", status="queued")
    assert {mail.sequence for mail in changed} == {2}


async def test_newcomer_after_plan_change_gets_no_change_mail(feed: Feed) -> None:
    members = [Person() for _ in range(5)]
    group = Group(members)
    await feed.deliver(group.called(), group.called(sequence=1))
    late = Person()
    group.add_member(late)
    await feed.deliver(group.called(sequence=1))
    assert await feed.queued(late) == ["group_confirmed", "meeting_tomorrow"]


async def test_reminder_of_near_meeting_is_cancelled_as_too_late(feed: Feed) -> None:
    group = Group([Person()])
    await feed.deliver(group.called(starts_at=NOON + timedelta(hours=20)))
    assert await feed.queued() == ["group_confirmed"]
    (reminder,) = await feed.mails(kind="meeting_tomorrow")
    assert (reminder.status, reminder.reason) == ("cancelled", "too_late")


@pytest.mark.parametrize("reason", ["declined", "lapsed", "withdrawn"])
async def test_seat_released_cancels_its_mails(feed: Feed, reason: groups.ReleaseReason) -> None:
    leaving, staying = Person(), Person()
    group = Group([leaving, staying])
    await feed.deliver(group.offered(leaving), group.offered(staying), group.called(), group.released(leaving, reason))
    assert await feed.queued(leaving) == []
    assert await feed.queued(staying) == ["group_confirmed", "meeting_tomorrow", "seat_offered"]


async def test_group_cancelled_queues_mail_to_kept_seats_only(feed: Feed) -> None:
    keeping, declining = Person(), Person()
    group = Group([keeping, declining])
    await feed.deliver(
        group.offered(keeping), group.offered(declining), group.released(declining, "declined"), group.called(keeping)
    )
    await feed.deliver(group.cancelled(keeping), group.released(keeping, "cancelled"))
    assert await feed.queued(keeping) == ["start_cancelled"]
    assert await feed.queued(declining) == []


async def test_seat_moved_away_queues_cancellation(feed: Feed) -> None:
    person = Person()
    group = Group([person])
    await feed.deliver(group.called(), group.released(person, "moved"))
    assert await feed.queued(person) == ["seat_gone"]


async def test_withdrawn_cancels_all_mails_but_goodbye(feed: Feed) -> None:
    person = Person()
    group = Group([person])
    await feed.deliver(person.received(), person.confirmed(awaits=("talk",)), person.ready())
    await feed.deliver(group.offered(person), group.called(), person.withdrawn())
    assert await feed.queued(person) == ["goodbye"]
    await feed.deliver(group.called(sequence=1), group.cancelled())
    assert await feed.queued(person) == ["goodbye"]


async def test_withdrawn_unconfirmed_address_gets_no_goodbye(feed: Feed) -> None:
    person = Person()
    await feed.deliver(person.received(), person.withdrawn())
    assert await feed.queued(person) == []


async def test_signup_replaced_by_a_newer_one_gets_no_goodbye(feed: Feed) -> None:
    person = Person()
    await feed.deliver(person.received(), person.confirmed(awaits=()), person.ready())
    await feed.deliver(person.withdrawn().model_copy(update={"replaced": True}))
    assert "goodbye" not in await feed.queued(person)


async def test_ready_after_withdrawn_still_queues_goodbye(feed: Feed) -> None:
    person = Person()
    received, ready = person.received(), person.ready()
    await feed.deliver(received, person.withdrawn(), ready)
    assert await feed.queued(person) == ["goodbye"]


async def test_started_group_has_no_open_mails_about_its_start(feed: Feed) -> None:
    members = [Person() for _ in range(5)]
    group = Group(members)
    await feed.deliver(*(group.offered(person) for person in members), group.called(), group.started())
    assert await feed.queued() == ["group_started"] * 5
    await feed.deliver(group.called(sequence=1))
    assert await feed.queued() == ["group_started"] * 5


async def test_erased_person_stays_erased_after_late_events(feed: Feed) -> None:
    person, other = Person(), Person()
    group = Group([person, other])
    events = [person.received(), person.ready(), group.offered(person), group.offered(other), group.called()]
    await feed.deliver(*events, person.erased())
    assert await feed.mails(person_id=person.id) == []
    await feed.deliver(group.called(sequence=1), group.released(person, "erased"), group.cancelled())
    await feed.deliver(person.ready(), person.withdrawn())
    assert await feed.mails(person_id=person.id) == []
    assert await feed.queued(other) == ["start_cancelled"]


async def test_changed_language_applies_to_later_mails_only(feed: Feed) -> None:
    person = Person()
    await feed.deliver(person.received())
    person.language = "en"
    await feed.deliver(person.changed(), person.withdrawn())
    mails = {mail.kind: mail.language for mail in await feed.mails()}
    assert mails == {"address_to_confirm": "nb", "goodbye": "en"}


def two_group_histories() -> list[Event]:
    """Nine people: a group that changes, loses people and is cancelled; another that is called to its meeting."""
    people = [Person() for _ in range(9)]
    events: list[Event] = []
    for person in people:
        events += [person.received(), person.confirmed(awaits=("talk",)), person.ready()]
    first, second = Group(people[:6]), Group(people[6:])
    events += [first.offered(person) for person in people[:6]] + [first.taken(person) for person in people[:5]]
    events += [first.released(people[5], "declined"), first.called(*people[:5])]
    events += [first.called(*people[:5], sequence=1, starts_at=NOON + timedelta(days=10, hours=6))]
    events += [people[0].withdrawn(), first.released(people[0], "withdrawn")]
    events += [first.released(people[1], "moved"), people[2].erased(), first.released(people[2], "erased")]
    events += [first.released(person, "cancelled") for person in people[3:5]] + [first.cancelled(*people[3:5])]
    events += [second.called(), second.called(sequence=1, place="Et annet sted")]
    return events


async def test_events_in_any_order_and_repeated_plan_the_same_mails(feed: Feed) -> None:
    events = two_group_histories()
    outcomes = []
    for seed in range(4):
        order = [*events, *events]
        if seed:
            random.Random(seed).shuffle(order)
        await feed.deliver(*order, times=1)
        outcomes.append(
            {(mail.kind, mail.cause_id, mail.person_id) for mail in await feed.mails() if mail.delivery.open}
        )
        async with feed.database.transaction() as session:
            connection = await session.connection()
            await connection.exec_driver_sql(
                "TRUNCATE mails, seats, meetings, groups, signups, forgotten, bounces, inbox CASCADE"
            )
    assert len(outcomes[0]) > 20
    assert all(outcome == after for outcome, after in pairwise(outcomes))


async def test_reminder_is_due_by_day_on_the_day_before(feed: Feed) -> None:
    for hour in range(0, 24, 3):
        starts_at = NOON + timedelta(days=8, hours=hour)
        group = Group([Person()])
        await feed.deliver(group.called(starts_at=starts_at), times=1)
        (mail,) = await feed.mails(kind="meeting_tomorrow", meeting_id=group.meeting_id)
        assert mail.next_at is not None
        due, meets = mail.next_at.astimezone(OSLO_TZ), starts_at.astimezone(OSLO_TZ)
        assert due.date() == meets.date() - timedelta(days=1)
        assert 8 <= due.hour < 21


async def test_queue_rows_hold_no_address(feed: Feed) -> None:
    person = Person()
    await feed.deliver(person.received())
    (mail,) = await feed.mails()
    for value in mail.model_dump().values():
        assert "@" not in str(value)
