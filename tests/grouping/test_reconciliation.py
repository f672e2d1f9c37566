"""Grouping answers a list of intake's sign-ups with the ids that it knows otherwise."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from grouping.domain.reconciliation import compare
from shared.events.reconciliation import LIST_HOLDS, Differed, Listed
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
