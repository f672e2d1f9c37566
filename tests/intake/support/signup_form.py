"""The sign-up form as it was answered: its fields, its step, and drafts whose time is over."""

import httpx
import sqlalchemy as sa

from tests.intake.support.browser import forms_of
from tests.intake.support.world import World


def fields(page: httpx.Response) -> dict[str, list[str]]:
    return forms_of(page)[0].fields


def step(page: httpx.Response) -> str:
    return page.text.partition('data-step="')[2][:1]


async def expire_drafts(world: World) -> None:
    async with world.transaction() as session:
        await session.execute(sa.text("update drafts set expires_at = now() - interval '1 second'"))
