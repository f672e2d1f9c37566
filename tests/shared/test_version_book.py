"""Every process of a service shows the newest settings of each tenant, whatever order they came in."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import MetaData

from devtools.testing.fixtures import Databases
from shared.kit.database.engine import Database
from shared.kit.metrics import UNREADABLE_VERSIONS
from shared.kit.version_book import Follower, VersionBook, _apply
from shared.reference.centres import CentreDirectory
from tests.shared.support.eventually import eventually

METADATA = MetaData()
BOOK = VersionBook(METADATA, "settings_of_tenants")


class Process:
    """The settings that one process shows."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.shown: dict[str, Any] = {}

    def apply(self, tenant: str, number: int, content: Mapping[str, Any]) -> None:
        if content.get("broken"):
            raise ValueError("unreadable")
        if number > self.numbers.get(tenant, 0):
            self.numbers[tenant], self.shown[tenant] = number, content["size"]


@pytest.fixture
async def database(database_url: Databases) -> AsyncIterator[Database]:
    database = Database(SecretStr(await database_url("version_book", METADATA)))
    yield database
    await database.dispose()


async def write(database: Database, process: Process, tenant: str, number: int, **content: Any) -> bool:
    async with database.transaction() as session:
        return await BOOK.write(session, tenant, number, content or {"size": number}, process.apply)


async def shows(process: Process, tenant: str, size: int) -> bool:
    return process.shown.get(tenant) == size


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3))), ids=str)
async def test_book_versions_in_any_order_newest_holds(database: Database, order: tuple[int, ...]) -> None:
    writer, reader = Process(), Process()
    for number in (*order, *order):
        await write(database, writer, "bergen", number)
    assert writer.shown == {"bergen": 3}
    await Follower(database, BOOK, reader.apply).load()
    assert reader.shown == {"bergen": 3}


async def test_follower_other_process_shows_new_version(database: Database) -> None:
    writer, reader = Process(), Process()
    following = asyncio.create_task(Follower(database, BOOK, reader.apply).run())
    try:
        for number in (1, 2, 5):
            await write(database, writer, "oslo", number)
            await eventually(partial(shows, reader, "oslo", number))
    finally:
        following.cancel()


async def test_book_rolled_back_version_holds_nowhere(database: Database) -> None:
    process = Process()
    with suppress(LookupError):
        async with database.transaction() as session:
            await BOOK.write(session, "oslo", 1, {"size": 1}, process.apply)
            raise LookupError
    await Follower(database, BOOK, process.apply).load()
    assert process.shown == {}


@pytest.mark.parametrize(
    "content", [{"broken": True}, {"": 1}, {"policy": {}}, {"policy": None, "texts": {}}, {"policy": [], "texts": "x"}]
)
async def test_follower_unreadable_version_leaves_the_others(database: Database, content: dict[str, Any]) -> None:
    """Also one that lacks what every version has: a service whose book has one must start and follow the others."""
    process, before = Process(), UNREADABLE_VERSIONS._value.get()
    await write(database, process, "bergen", 1)
    await write(database, process, "bergen", 2, **content)
    await write(database, process, "oslo", 4)
    await Follower(database, BOOK, process.apply).load_if_possible()
    assert process.shown == {"bergen": 1, "oslo": 4}
    assert UNREADABLE_VERSIONS._value.get() == before + 1

    await write(database, process, "bergen", 3)
    assert UNREADABLE_VERSIONS._value.get() == before


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"texts": {}},
        {"policy": "x"},
        {"policy": None, "texts": None},
        {"policy": [], "texts": "x"},
        {"policy": {"undecided": 3}},
        {"group_size": "mye"},
    ],
)
def test_directory_unreadable_policy_keeps_the_one_before(content: dict[str, Any]) -> None:
    directory = CentreDirectory.from_file(None)
    before = directory.current()
    centre = before.all[0].id

    _apply(directory.apply, centre, 999, content)
    assert directory.current().get(centre) == before.get(centre)
