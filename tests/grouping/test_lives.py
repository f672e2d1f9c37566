"""The life of a started group through use cases, jobs and events."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from grouping.store import Base, Exclusion, Life, Meeting, Seat, Signup
from grouping.usecases import departures, lives, meetings, members, votes
from shared.errors import DomainError, NotFoundError
from shared.events import group_life, groups
from shared.events.base import GroupEvent
from shared.events.kontaktmoter import ReplyGiven
from shared.kit.audit import Actor
from shared.kit.messaging.causes import Cause
from tests.grouping.support.world import OSLO, World, person_id, signup_id

TRONDHEIM: dict[str, Any] = {
    "centre": "link",
    "area": "trondheim",
    "kommune": "5001",
    "latitude": 63.43,
    "longitude": 10.40,
}
ALONE: dict[str, Any] = {
    "centre": "selvhjelp-norge",
    "area": "selvhjelp-norge-landet",
    "kommune": "1103",
    "latitude": 58.97,
    "longitude": 5.73,
}
WEEK = timedelta(weeks=1)


async def start_group(world: World, **place: Any) -> UUID:
    """Five people form a group, which starts."""
    for number in range(1, 6):
        await world.deliver(world.ready(number, **place))
    await world.all_say_yes()
    await world.until((await world.start_meeting()).ends_at)
    await world.live()
    return (await world.group()).id


async def life_of(world: World) -> Life:
    (life,) = await world.rows(Life)
    assert isinstance(life, Life)
    return life


async def do(world: World, command: Callable[..., Awaitable[object]], *ids: object, **fields: Any) -> None:
    """Run a use case as a page does; it is pressed twice, and the second press changes nothing or is refused."""
    for press in range(2):
        try:
            async with world.database.transaction() as session:
                await command(session, world.context, *ids, **fields)
        except DomainError:
            if press == 0:
                raise


async def as_member(world: World, command: Callable[..., Awaitable[object]], *ids: object, **fields: Any) -> None:
    await do(world, command, *ids, **fields, now=world.clock.now(), cause=Cause.fresh())


async def as_staff(world: World, command: Callable[..., Awaitable[object]], *ids: object, **fields: Any) -> None:
    await do(world, command, *ids, **fields, actor=Actor("kari", world.clock.now(), Cause.fresh()))


async def seat_ids(world: World) -> list[UUID]:
    return [(await world.seat_of(number)).id for number in range(1, 6)]


async def ahead(world: World) -> list[Meeting]:
    rows: list[Meeting] = await world.rows(Meeting)
    weekly = [row for row in rows if row.kind == "weekly" and row.state in {"called", "moved"}]
    return sorted(weekly, key=lambda row: row.starts_at)


async def hand_over(world: World) -> UUID:
    """Hand the group over, and return the secret of its return link."""
    await as_staff(world, lives.record_agreement, (await world.group()).id)
    (event,) = await world.published_of(group_life.HandedOver)
    return event.return_id


async def versions(world: World) -> list[int]:
    return [event.version for event in await world.published() if isinstance(event, GroupEvent)]


async def test_started_group_is_called_to_four_weekly_meetings_once(world: World) -> None:
    await start_group(world)
    start = await world.start_meeting()

    called = [event for event in await world.published_of(groups.MeetingCalled) if event.kind == "weekly"]

    assert [event.starts_at for event in called] == [start.starts_at + week * WEEK for week in range(1, 5)]
    assert all(len(event.seats) == 5 for event in called)
    await world.live(days=8)
    assert len([one for one in await world.published_of(groups.MeetingCalled) if one.kind == "weekly"]) == 5
    assert await versions(world) == list(range(1, len(await versions(world)) + 1))


async def test_skipped_meeting_is_published_once_to_all_and_audited(world: World) -> None:
    group_id = await start_group(world)
    first = (await ahead(world))[0]

    await as_staff(world, lives.skip_meeting, group_id, first.id)

    (event,) = await world.published_of(group_life.MeetingCancelled)
    assert (event.meeting_id, event.sequence, event.reason, len(event.seats)) == (first.id, 1, "skipped", 5)
    assert [entry.action for entry in await world.audit_entries()] == ["life.meeting_skipped"]
    assert len(await ahead(world)) == 4


async def test_absence_tells_the_four_others_once_and_stores_nothing(world: World) -> None:
    await start_group(world)
    seat, meeting = (await seat_ids(world))[0], (await ahead(world))[0]
    before = await world.dump()

    await do(world, members.tell_absence, seat, meeting.id, now=world.clock.now())

    (event,) = await world.published_of(group_life.AbsenceTold)
    assert seat not in {one.seat_id for one in event.seats}
    assert len(event.seats) == 4
    after = await world.dump()
    del before["groups"], after["groups"]  # the version of the event
    assert after == before


async def test_handover_by_all_members_erases_them_where_policy_says_none(world: World) -> None:
    """LINK Bergen: "gruppene står ikke registrert noe sted"."""
    group_id = await start_group(world)
    await world.live(days=22)
    seats = await seat_ids(world)

    for seat in seats:
        await as_member(world, members.act_as_member, seat, "ready")

    (event,) = await world.published_of(group_life.HandedOver)
    assert (event.by, event.memory, len(event.seats)) == ("members", "none", 5)
    assert len(await world.published_of(group_life.MembersForgotten)) == 1
    assert await world.seats() == []
    assert await world.statuses() == {}
    life = await life_of(world)
    assert (life.state, life.size, life.handover_yes, life.forgotten) == ("independent", 5, [], True)
    async with world.database.transaction() as session:
        assert await members.group_of_return_link(session, event.return_id) == group_id
        with pytest.raises(NotFoundError):
            await members.group_of_return_link(session, UUID(int=1))
    assert str(event.return_id) not in str(await all_rows(world, "group_lives"))
    assert await ahead(world) == []


async def all_rows(world: World, table: str) -> list[str]:
    async with world.database.transaction() as session:
        return list(await session.scalars(text(f"SELECT t::text FROM {table} t")))


async def test_members_are_kept_until_start_can_no_longer_be_revoked(world: World) -> None:
    """Stavanger has no centre: the group is on its own at once, and its members are known for two weeks."""
    await start_group(world, **ALONE)
    life = await life_of(world)
    assert (life.state, life.handed_over_by) == ("independent", "start")
    assert len(await world.seats(state="taken")) == 5

    await world.live(days=14)

    assert await world.seats() == []


async def test_revoked_start_takes_the_life_back(world: World) -> None:
    group_id = await start_group(world)

    await as_staff(world, meetings.meeting_not_held, group_id)
    await world.live()

    assert await world.rows(Life) == []
    cancelled = await world.published_of(group_life.MeetingCancelled)
    assert [event.reason for event in cancelled] == ["start_revoked"] * 4
    assert len(await world.seats(state="taken")) == 5


async def test_return_visit_is_due_once_three_weeks_after_handover_in_oslo(world: World) -> None:
    """LINK Oslo: "etter at gruppen har jobbet alene tre-fire ganger kommer vi tilbake"."""
    group_id = await start_group(world, **OSLO)
    handed_over_at = world.clock.now()
    await hand_over(world)
    await world.live(days=20)
    assert await world.published_of(group_life.FollowUpDue) == []

    await world.live(days=10)

    (event,) = await world.published_of(group_life.FollowUpDue)
    assert 3 * WEEK <= event.occurred_at - handed_over_at <= 4 * WEEK
    assert (event.meetings, len(event.seats)) == (3, 5)
    assert {task.kind for task in await world.open_tasks()} == {"follow_up_due"}
    at = world.clock.now() + timedelta(days=3)
    fields = {"starts_at": at, "ends_at": at + timedelta(hours=1), "place_text": "Storstua"}
    await as_staff(world, lives.agree_visit, group_id, event.visit_id, **fields)
    (agreed,) = await world.published_of(group_life.VisitAgreed)
    assert (agreed.kind, agreed.starts_at) == ("return_visit", at)
    assert await world.open_tasks() == []
    await world.live(days=5)
    assert await world.seats() == []
    await world.live(days=200)
    assert len(await world.published_of(group_life.FollowUpDue)) == 1


async def test_group_on_its_own_asks_the_centre_back_by_its_return_link(world: World) -> None:
    """LINK Bergen: "gruppa kan invitere igangsetter tilbake, ved behov"."""
    await start_group(world)
    await world.live(days=22)
    return_id = await hand_over(world)

    await as_member(world, members.act_by_return_link, return_id, "visit")

    (asked,) = await world.published_of(group_life.VisitAsked)
    assert asked.kind == "visit"
    assert [task.kind for task in await world.open_tasks()] == ["visit_asked"]
    await as_staff(world, lives.decline_visit, asked.group_id, asked.visit_id)
    (declined,) = await world.published_of(group_life.VisitDeclined)
    assert (declined.by, declined.seats) == ("centre", ())
    assert await world.open_tasks() == []


def reply_given(world: World, group_id: UUID | None, version: int) -> ReplyGiven:
    stamp = Cause.fresh().stamp(ReplyGiven, version, world.clock.now())
    about = {"kontaktmote_id": UUID(int=5), "version": version, "centre": "link-oslo", "coming": 0, "waiting": 0}
    return ReplyGiven.model_validate({**stamp, **about, "group_id": group_id})


async def test_answer_to_an_invitation_says_that_the_group_still_meets(world: World) -> None:
    group_id = await start_group(world, **OSLO)
    await hand_over(world)
    await world.deliver(reply_given(world, group_id, 1))
    assert await world.published_of(group_life.KeptAlive) == []  # nobody has asked yet
    await world.live(days=370)
    for event in (reply_given(world, group_id, 2), reply_given(world, UUID(int=9), 3), reply_given(world, None, 4)):
        await world.deliver(event)
        await world.deliver(event)
    assert len(await world.published_of(group_life.KeptAlive)) == 1


async def test_member_who_leaves_is_forgotten_and_nobody_is_told(world: World) -> None:
    group_id = await start_group(world)
    seat = (await seat_ids(world))[0]

    await as_member(world, departures.leave_group, seat)

    (event,) = await world.published_of(group_life.MemberLeft)
    assert (event.seat.seat_id, event.reason, event.size) == (seat, "left", 4)
    assert signup_id(1) not in await world.statuses()
    await world.live(days=8)
    called = await world.published_of(groups.MeetingCalled)
    assert len(called[-1].seats) == 4
    assert (await world.group()).state == "started"
    await world.deliver(*(world.ready(number) for number in range(10, 20)))
    assert {row.group_id for row in await world.seats(state="taken")} == {group_id}
    assert len(await world.seats(state="taken")) == 4


@pytest.mark.parametrize(("event", "reason", "size"), [("withdrawn", "withdrawn", 4), ("erased", "erased", 5)])
async def test_member_who_withdraws_or_is_erased_leaves_once(world: World, event: str, reason: str, size: int) -> None:
    await start_group(world)

    await world.deliver(getattr(world, event)(1))
    await world.live()

    (left,) = await world.published_of(group_life.MemberLeft)
    assert (left.reason, left.size) == (reason, size)
    assert (await life_of(world)).size == size


async def start_vote(world: World) -> group_life.VoteOpened:
    await start_group(world, **TRONDHEIM)
    await as_member(world, votes.open_vote, (await seat_ids(world))[0], "admission")
    (opened,) = await world.published_of(group_life.VoteOpened)
    assert len(opened.ballots) == 5
    assert {ballot.seat.seat_id for ballot in opened.ballots if ballot.seat} == set(await seat_ids(world))
    return opened


async def vote(world: World, opened: group_life.VoteOpened, answers: list[bool]) -> None:
    for ballot, yes in zip(opened.ballots, answers, strict=False):
        await do(world, votes.answer_vote, ballot.ballot_id, yes=yes, now=world.clock.now())


async def test_dissolved_group_gives_each_member_one_way_on(world: World) -> None:
    await start_group(world)
    seats = await seat_ids(world)
    signed_up_at = {row.signup_id: row.signed_up_at for row in await signups_of(world)}
    for seat in seats:
        await as_member(world, members.act_as_member, seat, "dissolve")
    (dissolved,) = await world.published_of(group_life.Dissolved)
    assert (dissolved.by, len(dissolved.seats)) == ("group", 5)
    assert set((await world.statuses()).values()) == {"member"}

    await as_member(world, departures.choose_way_on, seats[0], "new_group")
    await as_member(world, departures.choose_way_on, seats[1], "pause")
    await as_member(world, departures.choose_way_on, seats[2], "goodbye")
    await as_member(world, departures.choose_way_on, seats[3], "new_group", with_same_people=True)

    rows = {row.signup_id: row for row in await signups_of(world)}
    assert (rows[signup_id(1)].status, rows[signup_id(1)].paused) == ("waiting", False)
    assert (rows[signup_id(2)].status, rows[signup_id(2)].paused) == ("waiting", True)
    assert signup_id(3) not in rows
    assert rows[signup_id(1)].signed_up_at == signed_up_at[signup_id(1)]
    ways = [(event.way, event.with_same_people) for event in await world.published_of(group_life.WayOnChosen)]
    assert ways == [("new_group", False), ("pause", False), ("goodbye", False), ("new_group", True)]
    await world.live(days=31)
    assert await world.seats() == []
    assert set(await world.statuses()) == {signup_id(1), signup_id(2), signup_id(4)}
    pairs = {frozenset((row.one, row.other)) for row in await world.rows(Exclusion)}
    assert pairs == {frozenset(map(person_id, pair)) for pair in ((1, 2), (1, 4), (2, 4))}


async def signups_of(world: World) -> list[Any]:
    return await world.rows(Signup)


async def test_group_with_igangsetter_tells_staff_what_is_missing(world: World) -> None:
    group_id = await start_group(world)
    kinds = {task.kind for task in await world.open_tasks()}
    assert kinds == {"pledge_missing"}

    await as_staff(world, lives.record_pledge, group_id, world.clock.now().date())

    (event,) = await world.published_of(group_life.PledgeRecorded)
    assert event.mode == "agreed"
    assert await world.open_tasks() == []
    await world.live(days=22)
    assert [task.kind for task in await world.open_tasks()] == ["handover_question"]
    await as_staff(world, lives.continue_with_igangsetter, group_id, "Gruppa vil ha en gang til.")
    assert await world.open_tasks() == []


async def test_any_member_of_another_group_is_refused(world: World) -> None:
    await start_group(world)

    async def stranger(session: AsyncSession, context: Any, seat: UUID, **fields: Any) -> None:
        await members.act_as_member(session, context, seat, "ready", **fields)

    with pytest.raises(NotFoundError):
        await as_member(world, stranger, UUID(int=5))


async def test_seat_in_started_group_without_decision_is_refused_by_database(world: World) -> None:
    group_id = await start_group(world)
    seat = await world.seat_of(1)

    fields = {column.name: getattr(seat, column.name) for column in Base.metadata.tables["seats"].columns}
    changed = {"id": UUID(int=3), "person_id": UUID(int=4), "signup_id": UUID(int=5), "group_id": group_id}

    async def insert() -> None:
        async with world.database.transaction() as session:
            session.add(Seat(**fields | changed))

    with pytest.raises(IntegrityError, match="the group is closed"):
        await insert()
