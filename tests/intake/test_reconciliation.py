"""Intake lists its sign-ups for the other services, and publishes again what one of them has missed twice."""

import itertools
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from intake.handlers import consumers
from intake.queries.figures import COMPARED, DIFFERING, DIFFERING_OLDEST, read_figures
from intake.store import Signup, inbox, outbox
from intake.usecases.reconciliation import LIST_SECONDS, MOST_PUBLISHED, list_signups
from shared.events import Stream
from shared.events.base import TRANSIENT_EVENT_KEPT
from shared.events.reconciliation import LIST_HOLDS, Differed, Listed, SeatKnown
from shared.events.signups import Changed
from shared.kit.messaging.causes import Cause
from shared.kit.staff import wall_now
from tests.intake.support.world import World

SEAT = uuid4()
EVERY = timedelta(seconds=LIST_SECONDS)


async def with_states(world: World, *states: str) -> list[UUID]:
    """Add confirmed sign-ups in these states, in the order of their ids."""
    ids = sorted([await world.confirmed(email=f"p{number}@example.org") for number in range(len(states))])
    async with world.transaction() as session:
        for id_, state in zip(ids, states, strict=True):
            change = sa.update(Signup).where(Signup.signup_id == id_).values(state=state)  # type: ignore[arg-type]
            await session.execute(change)
    return ids


async def lists(world: World, now: datetime, **options: Any) -> list[Listed]:
    """Return what one run publishes."""
    before = {event.event_id for event in await world.all_events()}
    async with world.transaction() as session:
        await list_signups(session, now=now, **options)
    events = await world.all_events()
    return [event for event in events if isinstance(event, Listed) and event.event_id not in before]


async def answer(world: World, listed_at: datetime, **differences: Any) -> None:
    """Deliver the answer of grouping to a whole list, twice."""
    stamp = Cause.fresh().stamp(Differed, "grouping", listed_at)
    fields: dict[str, Any] = {"after": None, "up_to": None, "service": "grouping"} | differences
    (consumer,) = [each for each in consumers(world.clock) if each.stream is Stream.RECONCILIATION]
    for _ in range(2):
        async with world.transaction() as session:
            await consumer.handle(session, inbox, Differed(**stamp, listed_at=listed_at, **fields))


async def changes(world: World) -> list[UUID]:
    return [event.signup_id for event in await world.events() if isinstance(event, Changed)]


async def figures(world: World) -> dict[tuple[str, ...], float]:
    async with world.transaction() as session:
        samples = await read_figures(session, world.clock.now)
    families = {DIFFERING, DIFFERING_OLDEST, COMPARED}
    return {(each.family.name, *each.labels): each.value for each in samples if each.family in families}


async def test_list_signups_names_those_that_others_know(world: World) -> None:
    ready, offered, _, member = await with_states(world, "ready", "offered", "confirmed", "member")
    (listed,) = await lists(world, wall_now())
    assert (listed.after, listed.up_to) == (None, None)
    assert listed.states == {ready: "ready", offered: "offered", member: "member"}


async def test_list_signups_without_any_is_an_empty_list(world: World) -> None:
    (listed,) = await lists(world, wall_now())
    assert (listed.after, listed.up_to, listed.states) == (None, None, {})


async def test_list_signups_of_two_copies_is_one_list(world: World) -> None:
    await with_states(world, "ready")
    now = datetime.fromtimestamp(wall_now().timestamp() // LIST_SECONDS * LIST_SECONDS, wall_now().tzinfo)
    assert len(await lists(world, now)) == 1
    assert await lists(world, now + EVERY / 2) == []


@pytest.mark.parametrize("in_run", [1, 2, 3, 4, 5])
async def test_list_signups_in_turns_covers_all_ids_once(world: World, in_run: int) -> None:
    ids = await with_states(world, *["ready"] * 5)
    runs, now = -(-5 // in_run), wall_now()
    parts = [event for run in range(runs) for event in await lists(world, now + run * EVERY, in_run=in_run)]
    assert sorted(id_ for part in parts for id_ in part.states) == ids
    bounds = sorted(((part.after, part.up_to) for part in parts), key=lambda each: str(each[0] or ""))
    assert bounds[0][0] is None
    assert bounds[-1][1] is None
    assert all(one[1] == next_[0] for one, next_ in itertools.pairwise(bounds)), "no gap, no overlap"


async def test_missing_twice_is_published_again_a_few_times(world: World) -> None:
    (waiting,) = await with_states(world, "ready")
    now = wall_now()
    await answer(world, now, missing=(waiting,))
    assert await changes(world) == [], "it may be under way"
    for run in range(1, MOST_PUBLISHED + 3):
        await answer(world, now + run * EVERY, missing=(waiting,))
    assert await changes(world) == [waiting] * MOST_PUBLISHED


@pytest.mark.parametrize("state", ["offered", "seated", "confirmed"])
async def test_missing_that_does_not_wait_is_not_published(world: World, state: str) -> None:
    (signup_id,) = await with_states(world, state)
    for run in range(3):
        await answer(world, wall_now() + run * EVERY, missing=(signup_id,))
    assert await changes(world) == []


@pytest.mark.parametrize(
    ("columns", "status", "told"),
    [
        ({"state": "seated", "seat_id": SEAT}, "offered", [SEAT]),
        ({"state": "ready"}, "offered", [None]),
        ({"state": "seated", "seat_id": SEAT}, "waiting", []),
        ({"state": "seated"}, "offered", []),
        ({"state": "ready", "group_id": None, "group_version": None}, "offered", []),
        ({"state": "member", "seat_id": SEAT}, "offered", []),
    ],
)
async def test_lost_answer_is_told_to_grouping(
    world: World, columns: dict[str, Any], status: str, told: list[UUID | None]
) -> None:
    (signup_id,) = await with_states(world, "ready")
    values = {"group_id": uuid4(), "group_version": 7, "placed_at": wall_now()} | columns
    async with world.transaction() as session:
        change = sa.update(Signup).where(Signup.signup_id == signup_id).values(**values)  # type: ignore[arg-type]
        await session.execute(change)
    for run in range(2):
        await answer(world, wall_now() + run * EVERY, contradicted={status: (signup_id,)})
    events = [event for event in await world.all_events() if isinstance(event, SeatKnown)]
    assert [(event.seat_id, event.group_version) for event in events] == [(seat_id, 7) for seat_id in told]


async def test_answers_show_in_figures_until_they_agree(world: World) -> None:
    one, two = await with_states(world, "ready", "offered")
    stranger, now = uuid4(), wall_now()
    different: dict[str, Any] = {"missing": (one,), "contradicted": {"waiting": (two,)}, "unknown": (stranger,)}
    await answer(world, now - EVERY, **different)
    seen = await figures(world)
    assert {kind: seen["selvhjelp_signups_differing", "grouping", kind] for kind in ("missing", "unknown")} == {
        "missing": 0,
        "unknown": 0,
    }
    await answer(world, now, **different)
    seen = await figures(world)
    for kind in ("missing", "contradicted", "unknown"):
        assert seen["selvhjelp_signups_differing", "grouping", kind] == 1
    assert seen["selvhjelp_signups_differing_oldest_seconds",] >= EVERY.total_seconds()
    assert seen["selvhjelp_signups_compared_seconds", "grouping"] < EVERY.total_seconds()
    await answer(world, now + EVERY)
    assert await world.count("signup_differences") == 0


async def test_answer_about_a_slice_leaves_the_others(world: World) -> None:
    low, high = sorted([uuid4(), uuid4()])
    now = wall_now()
    await answer(world, now, unknown=(low, high))
    await answer(world, now, after=low, up_to=high)
    assert [row.signup_id for row in await world.rows("select signup_id from signup_differences")] == [low]


async def test_difference_without_an_answer_for_a_week_is_forgotten(world: World) -> None:
    now = wall_now()
    await answer(world, now, unknown=(uuid4(),))
    for days, left in ((6, 1), (7, 0)):
        await lists(world, now + timedelta(days=days))
        assert await world.count("signup_differences") == left


async def test_answer_to_an_old_list_changes_nothing(world: World) -> None:
    now = wall_now()
    await answer(world, now - LIST_HOLDS - EVERY, unknown=(uuid4(),))
    assert await world.count("signup_differences") == 0


async def test_list_is_kept_for_an_hour_and_never_replayed(world: World) -> None:
    await lists(world, wall_now())
    sent = sa.update(outbox.table).where(outbox.table.c.subject == Listed.subject)
    async with world.transaction() as session:
        await session.execute(sent.values(sent_at=sa.func.now()))
        assert await outbox.replay(session, streams=[Stream.SIGNUPS]) == 0
        await outbox.delete_old(session)
    where = f"subject = '{Listed.subject}'"
    assert await world.count("outbox", where) == 1
    async with world.transaction() as session:
        await session.execute(sent.values(sent_at=wall_now() - TRANSIENT_EVENT_KEPT - EVERY))
        await outbox.delete_old(session)
    assert await world.count("outbox", where) == 0
