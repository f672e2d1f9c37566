"""Rows of tables: what a new one has, and that a change of one is written."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.orm import registry
from sqlmodel import Field

from devtools.testing.fixtures import Databases
from shared.kit.database.columns import TEXTS, empty_list
from shared.kit.database.engine import Database
from shared.kit.database.rows import Row


class Base(Row, registry=registry()):
    """Base class with its own MetaData."""


class Book(Base, table=True):
    """A table with each kind of default."""

    number: int = Field(primary_key=True)
    title: str
    subtitle: str | None = None
    copies: int = 1
    lent: bool = False
    readers: list[str] = Field(default_factory=empty_list, sa_type=TEXTS)


@pytest.fixture
async def database(database_url: Databases) -> AsyncIterator[Database]:
    database = Database(SecretStr(await database_url("books", Base.metadata)))
    yield database
    await database.dispose()


async def stored(database: Database) -> list[tuple[Any, ...]]:
    """Return the books as the database has them."""
    async with database.transaction() as session:
        rows = await session.execute(sa.text("SELECT * FROM book ORDER BY number"))
        return [tuple(row) for row in rows]


async def test_row_new_has_its_defaults(database: Database) -> None:
    first, second = Book(number=1, title="Vinter"), Book(number=2, title="Vår", copies=0, readers=["a"])
    assert (first.subtitle, first.copies, first.lent, first.readers) == (None, 1, False, [])
    assert first.readers is not Book(number=3, title="Sommer").readers
    assert first.model_dump() == {
        "number": 1, "title": "Vinter", "subtitle": None, "copies": 1, "lent": False, "readers": []
    }  # fmt: skip
    async with database.transaction() as session:
        session.add_all([first, second])
    assert await stored(database) == [(1, "Vinter", None, 1, False, []), (2, "Vår", None, 0, False, ["a"])]


async def test_row_changed_is_written(database: Database) -> None:
    async with database.transaction() as session:
        session.add(Book(number=1, title="Vinter"))
    async with database.transaction() as session:
        book = await session.get(Book, 1)
        assert book is not None
        book.subtitle, book.copies, book.readers = "i fjellet", 3, ["a", "b"]
        assert book in session.dirty
    async with database.transaction() as session:
        book = await session.get(Book, 1)
        assert book is not None
        book.title = book.title
        assert not session.is_modified(book)
    assert await stored(database) == [(1, "Vinter", "i fjellet", 3, False, ["a", "b"])]


@pytest.mark.parametrize("name", ["titel", "Title", "metadata", "id", "copies_"])
def test_row_value_without_column_is_refused(name: str) -> None:
    values: dict[str, Any] = {name: "x"}
    with pytest.raises(TypeError, match=f"Book has no column {name}"):
        Book(number=1, title="Vinter", **values)
