"""Fixtures of intake."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from pydantic import SecretStr

from intake import schema
from intake.app import build
from shared.kit.clock import ManualClock
from shared.kit.database import migrations
from shared.kit.database.engine import Database
from tests.intake.support.browser import Browser, settings
from tests.intake.support.world import World, new_directory, vault_on

Databases = Callable[..., Awaitable[str]]


async def _build(url: str) -> None:
    await migrations.upgrade(SecretStr(url), schema.MIGRATIONS)


async def _build_keys(url: str) -> None:
    await migrations.upgrade(SecretStr(url), schema.KEYS_MIGRATIONS)


@pytest_asyncio.fixture
async def intake_urls(database_url: Databases) -> tuple[str, str]:
    """Fresh databases, migrated as in production: people, and keys."""
    return await database_url("intake", _build), await database_url("intake_keys", _build_keys)


@pytest_asyncio.fixture
async def world(intake_urls: tuple[str, str], manual_clock: ManualClock) -> AsyncIterator[World]:
    """Intake without its pages; see ``support.world``."""
    db, keys = Database(SecretStr(intake_urls[0])), Database(SecretStr(intake_urls[1]))
    yield World(db, keys, vault_on(keys), manual_clock, new_directory())
    await db.dispose()
    await keys.dispose()


@pytest.fixture
def centres_of_presets() -> list[str]:
    """Return the ids of the centres that the system ships with."""
    return [centre.id for centre in new_directory().current().all]


@pytest_asyncio.fixture
async def browser(world: World) -> AsyncIterator[Browser]:
    """A browser at intake's pages, without a broker."""
    app = build(settings(world), world.clock)
    # A new connection takes as long as a page.
    app.state.deps.database.engine = world.db.engine
    app.state.deps.vault._transaction.__self__.engine = world.keys.engine
    visitor = Browser(app)
    yield visitor
    await visitor.close()
