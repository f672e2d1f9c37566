"""A fresh world for each test, and the service's app on the same database."""

from collections.abc import AsyncIterator

import pytest_asyncio
from fastapi import FastAPI
from pydantic import SecretStr

from devtools.testing.fixtures import Databases
from grouping.app import build
from grouping.settings import Settings
from shared.kit.clock import ManualClock
from tests.grouping.support.keys import FORM_KEY, LINK_KEY, STAFF_KEY
from tests.grouping.support.world import World, world_on


@pytest_asyncio.fixture
async def world(database_url: Databases, manual_clock: ManualClock) -> AsyncIterator[World]:
    async with world_on(await database_url("grouping"), manual_clock) as world:
        yield world


@pytest_asyncio.fixture
async def app(world: World) -> AsyncIterator[FastAPI]:
    """The pages, with the broker away: they need none."""
    app = build(settings(world), world.clock)
    yield app
    await app.state.service.database.dispose()


def settings(world: World, nats_url: str = "nats://127.0.0.1:1") -> Settings:
    return Settings(
        database_url=SecretStr(world.database.url.get_secret_value()),
        nats_url=nats_url,
        public_url="http://testserver",
        link_key=LINK_KEY,
        form_key=FORM_KEY,
        staff_key=STAFF_KEY,
    )
