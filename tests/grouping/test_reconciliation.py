"""Grouping answers a list of intake's sign-ups with the ids that it knows otherwise."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest

from grouping.domain.reconciliation import compare
from shared.events.groups import SeatReleased, SeatTaken
from shared.events.reconciliation import LIST_HOLDS, Differed, Listed, SeatKnown
from shared.kit.messaging.causes import Cause
from shared.kit.staff import wall_now
from tests.grouping.support.world import World, signup_id

ONE, TWO = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("listed", "known", "found"),
    [
        ({ONE: "ready"}, {ONE: "waiting"}, ((), {}, ())),
        ({ONE: "ready"}, {}, ((ONE,), {}, ())),
        ({ONE: "ready"}, {ONE: "unready"}, ((ONE,), {}, ())),
        ({ONE: "offered"}, {ONE: "waiting"}, ((), {"waiting": (ONE,)}, ())),
        ({ONE: "seated"}, {}, ((), {"unready": (ONE,)}, ())),
        ({ONE: "ready"}, {ONE: "gone"}, ((), {"gone": (ONE,)}, ())),
        ({ONE: "member"}, {}, ((), {}, ())),
        ({}, {ONE: "gone", TWO: "member"}, ((), {}, ())),
        ({}, {ONE: "waiting", TWO: "seated"}, ((), {}, (ONE, TWO))),
    ],
)
def test_compare_tells_missing_contradicted_and_unknown(
    listed: dict[UUID, str], known: dict[UUID, str], found: tuple[Any, ...]
) -> None:
    assert compare(listed, known) == found


async def listed(
    world: World, *ready: UUID, ago: timedelta = timedelta(0), after: UUID | None = None, up_to: UUID | None = None
) -> list[Differed]:
    stamp = Cause.fresh().stamp(Listed, "first", wall_now() - ago)
    await world.deliver(Listed(**stamp, after=after, up_to=up_to, by_state={"ready": ready}))
    return await world.published_of(Differed)


async def test_listed_with_a_lost_sign_up_names_it_once(world: World) -> None:
    await world.deliver(world.ready(1), world.ready(2))
    (differed,) = await listed(world, signup_id(1), signup_id(3))
    assert (differed.missing, differed.contradicted) == ((signup_id(3),), {})
    assert differed.unknown == (signup_id(2),)


async def test_listed_as_known_answers_without_differences(world: World) -> None:
    await world.deliver(world.ready(1))
    (differed,) = await listed(world, signup_id(1))
    assert (differed.missing, differed.contradicted, differed.unknown) == ((), {}, ())


async def test_listed_slice_says_nothing_about_other_ids(world: World) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 4)))
    low, _, high = sorted(signup_id(number) for number in range(1, 4))
    (differed,) = await listed(world, high, after=low, up_to=high)
    assert len(differed.unknown) == 1
    assert low < differed.unknown[0] < high


async def test_listed_long_ago_is_not_answered(world: World) -> None:
    assert await listed(world, signup_id(1), ago=LIST_HOLDS * 2) == []


async def seat_known(
    world: World, number: int, *, seat_id: UUID | None, other: Mapping[str, UUID] = MappingProxyType({})
) -> None:
    """Deliver what intake knows of the answer of a person who is offered a seat here, twice."""
    seat = await world.seat_of(number)
    ids = {"signup_id": seat.signup_id, "person_id": seat.person_id, "group_id": seat.group_id, **other}
    stamp = Cause.fresh().stamp(SeatKnown, seat.id, wall_now())
    await world.deliver(
        SeatKnown.model_validate({**stamp, **ids, "version": 9, "group_version": 40, "seat_id": seat_id})
    )


async def offered(world: World) -> int:
    """Return the number of one of eight people with an offer."""
    await world.deliver(*(world.ready(number) for number in range(1, 9)))
    return 1


async def test_seat_known_as_taken_is_taken_under_the_next_version(world: World) -> None:
    number = await offered(world)
    await seat_known(world, number, seat_id=(await world.seat_of(number)).id)
    assert await world.status(number) == "seated"
    assert [event.version for event in await world.published_of(SeatTaken)] == [41]


async def test_seat_known_as_declined_is_released_once(world: World) -> None:
    number = await offered(world)
    await seat_known(world, number, seat_id=None)
    (released,) = await world.published_of(SeatReleased)
    assert (released.reason, released.version) == ("declined", 41)


@pytest.mark.parametrize("other", [{}, {"group_id": ONE}, {"signup_id": ONE}, {"group_id": ONE, "signup_id": TWO}])
async def test_seat_known_of_another_offer_changes_nothing(world: World, other: dict[str, UUID]) -> None:
    number = await offered(world)
    await seat_known(world, number, seat_id=TWO, other=other)
    assert await world.status(number) == "offered"
    assert (await world.group()).version < 40


async def test_seat_known_after_the_answer_changes_nothing(world: World) -> None:
    number = await offered(world)
    await world.answer(number)
    await seat_known(world, number, seat_id=None)
    assert await world.status(number) == "seated"
