"""Votes of a started group, and what follows from them, through use cases, jobs and events."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from grouping.domain.votes import OPEN_FOR
from grouping.usecases import departures, members, votes
from shared.errors import DomainError
from shared.events import group_life
from tests.grouping.support.world import OSLO, World, signup_id
from tests.grouping.test_lives import (
    TRONDHEIM,
    all_rows,
    as_member,
    as_staff,
    hand_over,
    seat_ids,
    start_group,
    start_vote,
    vote,
)


@pytest.mark.parametrize(
    ("answers", "agreed"),
    [([True] * 5, True), ([True] * 4 + [False], False), ([True] * 4, False), ([], False), ([False] * 5, False)],
)
async def test_vote_tells_one_bit_and_leaves_no_row(world: World, answers: list[bool], agreed: bool) -> None:
    opened = await start_vote(world)
    before = [event.event_id for event in await world.published()]

    await vote(world, opened, answers)

    assert [event.event_id for event in await world.published()] == before
    await world.live(seconds=(OPEN_FOR - timedelta(minutes=1)).total_seconds())
    assert await world.published_of(group_life.VoteClosed) == []
    await world.live(minutes=2)
    (closed,) = await world.published_of(group_life.VoteClosed)
    assert closed.agreed is agreed
    (decided,) = await world.published_of(group_life.AdmissionDecided)
    assert decided.admitted is agreed
    for table in ("votes", "vote_turnouts", "vote_boxes"):
        assert await all_rows(world, table) == []
    assert await world.audit_entries() == []


async def test_database_looks_alike_after_any_answers_but_for_the_seals(world: World) -> None:
    opened = await start_vote(world)

    async def shape() -> dict[str, Any]:
        async with world.database.transaction() as session:
            return {
                "boxes": (await session.execute(text("SELECT length(sealed) FROM vote_boxes"))).all(),
                "turnouts": (await session.execute(text("SELECT length(sealed) FROM vote_turnouts"))).all(),
                "votes": (await session.execute(text("SELECT * FROM votes"))).all(),
                "others": await world.dump(),
            }

    before = await shape()
    await vote(world, opened, [True, False, True])

    assert await shape() == before


async def test_group_that_decides_itself_lets_one_waiting_person_in(world: World) -> None:
    """A LINK centre: "da kommer ingen nye inn uten at deltakerne selv bestemmer det"."""
    opened = await start_vote(world)
    group_id = (await world.group()).id
    await world.deliver(*(world.ready(number, **TRONDHEIM) for number in (6, 7)))
    with pytest.raises(DomainError, match="group_closed"):
        await as_staff(world, departures.admit_member, group_id, signup_id(6))
    await vote(world, opened, [True] * 5)
    await world.live(days=8)

    await as_staff(world, departures.admit_member, group_id, signup_id(6))

    (event,) = await world.published_of(group_life.MemberAdmitted)
    assert (event.size, len(event.seats)) == (6, 5)
    assert await world.status(6) == "member"
    with pytest.raises(DomainError, match="group_closed"):
        await as_staff(world, departures.admit_member, group_id, signup_id(7))
    await world.check()


@pytest.mark.parametrize("place", [{}, OSLO])
async def test_closed_group_can_hold_no_vote_on_newcomers(world: World, place: dict[str, Any]) -> None:
    await start_group(world, **place)

    with pytest.raises(DomainError, match="group_closed"):
        await as_member(world, votes.open_vote, (await seat_ids(world))[0], "admission")


async def test_conflict_visit_needs_every_yes_and_is_then_a_task(world: World) -> None:
    """LINK Oslo: "forutsetningen [er] at hele gruppen er enige og ønsker at vi skal komme tilbake"."""
    await start_group(world, **OSLO)
    await hand_over(world)
    with pytest.raises(DomainError, match="vote_needed"):
        await as_member(world, members.act_as_member, (await seat_ids(world))[0], "conflict_visit")
    await as_member(world, votes.open_vote, (await seat_ids(world))[2], "conflict_visit")
    (opened,) = await world.published_of(group_life.VoteOpened)
    assert await world.open_tasks() == []

    await vote(world, opened, [True] * 5)
    await world.live(days=7)

    (asked,) = await world.published_of(group_life.VisitAsked)
    assert asked.kind == "conflict_visit"
    assert [task.kind for task in await world.open_tasks()] == ["conflict_visit_agreed"]
    with pytest.raises(DomainError, match="vote_rest"):
        await as_member(world, votes.open_vote, (await seat_ids(world))[2], "conflict_visit")
