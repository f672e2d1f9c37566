"""A fresh world for each test, and the service's app on the same database."""

from collections.abc import AsyncIterator

import pytest_asyncio
from fastapi import FastAPI

from devtools.testing.fixtures import Databases
from grouping.app import build
from shared.kit.clock import ManualClock
from tests.grouping.support.browser import settings
from tests.grouping.support.world import World, world_on


@pytest_asyncio.fixture
async def world(database_url: Databases, manual_clock: ManualClock) -> AsyncIterator[World]:
    async with world_on(await database_url("grouping"), manual_clock) as world:
        yield world


@pytest_asyncio.fixture
async def app(world: World) -> FastAPI:
    """The pages, with the broker away: they need none."""
    app = build(settings(world), world.clock)
    app.state.deps.database.engine = world.database.engine  # a new connection takes as long as a page
    return app
