"""A fresh world for each test."""

from collections.abc import AsyncIterator

import pytest_asyncio

from shared.kit.clock import ManualClock
from shared.kit.testing.fixtures import Databases
from tests.grouping.world import World, world_on


@pytest_asyncio.fixture
async def world(database_url: Databases, manual_clock: ManualClock) -> AsyncIterator[World]:
    async with world_on(await database_url("grouping"), manual_clock) as world:
        yield world
