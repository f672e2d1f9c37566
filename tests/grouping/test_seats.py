"""Offers that lapse, when the people who remain are too few for the group."""

import pytest

from grouping.domain.groups import GroupState
from grouping.domain.signups import SignupStatus
from tests.grouping.support.world import World, signup_id

FULL_GROUP = 8
MINIMUM = 5


@pytest.mark.parametrize(("silent", "waiting"), [(5, 1), (6, 1), (7, 2), (8, 1), (8, 4), (7, 3)])
async def test_expire_offers_with_too_few_newcomers_cancels_the_group(world: World, silent: int, waiting: int) -> None:
    """A full group loses so many that even with those who waited for it the minimum is not reached."""
    people = range(1, FULL_GROUP + waiting + 1)
    await world.deliver(*(world.ready(number) for number in people))
    group = await world.group()
    seated = [number for number in people if await world.status(number) == SignupStatus.OFFERED]
    for number in seated[silent:]:
        await world.answer(number)

    await world.pass_time(days=30)

    assert len(seated) == FULL_GROUP
    assert FULL_GROUP - silent + waiting < MINIMUM
    assert [one.state for one in await world.groups(id=group.id)] == [GroupState.CANCELLED]
    assert {seat.state for seat in await world.seats(group_id=group.id)} == {"released"}
    statuses = await world.statuses()
    assert set(statuses) == {signup_id(number) for number in people}
    assert set(statuses.values()) == {SignupStatus.WAITING}
