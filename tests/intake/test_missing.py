"""A waiting sign-up that another service has lost is published anew."""

from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from intake.store import Signup
from intake.usecases.missing import publish_again
from shared.events.signups import Changed
from tests.intake.support.world import World


async def changed(world: World, signup_id: UUID, **columns: Any) -> bool:
    async with world.transaction() as session:
        await session.execute(sa.update(Signup).where(Signup.signup_id == signup_id).values(**columns))  # type: ignore[arg-type]
    async with world.transaction() as session:
        return await publish_again(session, signup_id, now=world.clock.now())


async def test_publish_again_sends_the_wishes_under_a_new_version(world: World) -> None:
    signup_id = await world.confirmed()
    assert await changed(world, signup_id, state="ready")
    (*_, newest) = await world.events()
    ((version, area),) = await world.rows(f"select version, area from signups where signup_id = '{signup_id}'")
    assert isinstance(newest, Changed)
    assert (newest.signup_id, newest.version, newest.area) == (signup_id, version, area)


@pytest.mark.parametrize(
    "columns",
    [
        {"state": "confirmed"},
        {"state": "offered"},
        {"state": "withdrawn", "withdrawn_at": sa.func.now()},
        {"state": "ready", "paused_at": sa.func.now()},
        {"state": "ready", "asked_consent": "2026-11-1"},
        {"state": "ready", "asked_information": "2026-11-1"},
    ],
)
async def test_publish_again_leaves_others_to_staff(world: World, columns: dict[str, Any]) -> None:
    signup_id = await world.confirmed()
    before = len(await world.events())
    assert not await changed(world, signup_id, **columns)
    assert len(await world.events()) == before


async def test_publish_again_of_an_unknown_sign_up_does_nothing(world: World) -> None:
    assert not await changed(world, uuid4(), version=2)
