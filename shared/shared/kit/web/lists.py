"""
Lists of staff pages: ordered by a column, a page at a time, and all rows as a file.

The choices stand in the address (``rekke``, ``per``, ``side``), beside the filters of the page; ``list_macros.html``
draws headings, pages and buttons. A file has the columns of the page, and its making is an act in the audit log.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from shared.kit.audit import Actor, AuditLog
from shared.kit.spreadsheets import CSV_TYPE, XLSX_TYPE, Cell, Sheet, csv_file, xlsx_file
from shared.kit.web.paging import page_count, page_number

SIZES: Final = (25, 50, 100)  # rows of a page
SIZE: Final = 50
FILE_ROWS: Final = 10_000
"""The most rows of a file."""

EXPORTED: Final = "list.exported"
"""The action in the audit log; each service has its sentence."""

R = TypeVar("R")


@dataclass(frozen=True)
class Column(Generic[R]):
    """
    One column of a list.

    Attributes:
        key: Its word in the address.
        title: In the reader's language.
        cell: What a file has for a row.
        order: The key by which rows are sorted in memory; None if the list is not ordered by this column.
    """

    key: str
    title: str
    cell: Callable[[R], Cell]
    order: Callable[[R], Any] | None = None


@dataclass(frozen=True)
class ListChoice:
    """
    The order and the part of a list that an address names.

    Attributes:
        column: Key of the column; empty for the order that the list has by itself.
        size, number: Rows of a page, and the number of the page, from 1.
    """

    column: str = ""
    descending: bool = False
    size: int = SIZE
    number: int = 1

    @property
    def offset(self) -> int:
        """The number of rows before the page."""
        return (self.number - 1) * self.size

    def on(self, total: int) -> "ListChoice":
        """Return the choice with a page that exists; a number beyond the last one is the last one."""
        return replace(self, number=min(self.number, page_count(total, self.size)))


async def _list_choice(rekke: str = "", per: str = "", side: str = "1") -> ListChoice:
    size = int(per) if per in map(str, SIZES) else SIZE
    return ListChoice(rekke.removeprefix("-"), rekke.startswith("-"), size, page_number(side))


ChosenList = Annotated[ListChoice, Depends(_list_choice)]
"""What the address chooses; a FastAPI dependency."""


@dataclass(frozen=True)
class Heading:
    """
    The heading of a column.

    Attributes:
        href: The list ordered by it, or the other way round; None if it cannot be ordered by it.
        sorted: ``ascending`` or ``descending``; empty if the list is not ordered by it.
    """

    title: str
    href: str | None
    sorted: str


@dataclass(frozen=True)
class ListPage(Generic[R]):
    """
    One page of a list.

    Attributes:
        path: The address without choices.
        words: The filters that the address has.
        rows: Of this page.
        total: Number of rows on all pages.
    """

    path: str
    columns: Sequence[Column[R]]
    words: Mapping[str, str]
    choice: ListChoice
    rows: Sequence[R]
    total: int

    @property
    def pages(self) -> int:
        """The number of pages, at least 1."""
        return page_count(self.total, self.choice.size)

    @property
    def number(self) -> int:
        """The number of this page, from 1."""
        return self.choice.number

    @property
    def headings(self) -> list[Heading]:
        """The headings, with the way to another order."""
        return [self._heading(column) for column in self.columns]

    @property
    def file_ends_at(self) -> int:
        """The number of rows of the file, if that is not all of them; else 0."""
        return FILE_ROWS if self.total > FILE_ROWS else 0

    def title(self, key: str) -> str:
        """
        Return the title of a column.

        Raises:
            StopIteration: There is none of that key.
        """
        return next(column.title for column in self.columns if column.key == key)

    @property
    def sizes(self) -> list[tuple[int, str]]:
        """The possible sizes of a page, each with its address; none if all rows fit on the smallest one."""
        return [(size, self.link(per=str(size), side=None)) for size in SIZES] if self.total > SIZES[0] else []

    def link(self, **changes: str | None) -> str:
        """Return the address of the list with some parts changed; by default of this page."""
        choice = self.choice
        own = {
            "rekke": ("-" if choice.descending else "") + choice.column if choice.column else "",
            "per": "" if choice.size == SIZE else str(choice.size),
            "side": "" if choice.number == 1 else str(choice.number),
        }
        words = {name: word for name, word in {**self.words, **own, **changes}.items() if word}
        return f"{self.path}?{urlencode(words)}" if words else self.path

    def _heading(self, column: Column[R]) -> Heading:
        current = column.key == self.choice.column
        descending = current and self.choice.descending
        way = ("descending" if descending else "ascending") if current else ""
        turned = column.key if descending or not current else f"-{column.key}"
        return Heading(column.title, self.link(rekke=turned, side=None) if column.order else None, way)


def listed(
    path: str, columns: Sequence[Column[R]], rows: Sequence[R], choice: ListChoice, words: Mapping[str, str]
) -> ListPage[R]:
    """Return one page of rows that are in memory; a column that orders nothing leaves them as they are."""
    rows = ordered(columns, rows, choice)
    choice = choice.on(len(rows))
    part = rows[choice.offset : choice.offset + choice.size]
    return ListPage(path, columns, words, choice, part, len(rows))


def ordered(columns: Sequence[Column[R]], rows: Sequence[R], choice: ListChoice) -> Sequence[R]:
    """Return rows in the chosen order; equal ones stay as they were."""
    order = next((column.order for column in columns if column.key == choice.column), None)
    return sorted(rows, key=order, reverse=choice.descending) if order is not None else rows


async def list_file(
    session: AsyncSession,
    audit_log: AuditLog,
    columns: Sequence[Column[R]],
    rows: Sequence[R],
    name: str,
    kind: str,
    *,
    centres: Collection[str],
    actor: Actor,
) -> Response:
    """
    Return rows as a file with a heading for each column, and record the act for these centres.

    The file is XLSX if that is the ``kind``; whatever else is asked for is CSV.
    """
    rows = rows[:FILE_ROWS]
    details = {"list": name, "rows": str(len(rows))}
    await audit_log.record_for(session, actor, EXPORTED, centres, details=details)
    cells: list[list[Cell]] = [[column.title for column in columns]]
    cells += [[column.cell(row) for column in columns] for row in rows]
    if kind == "xlsx":
        content = await asyncio.to_thread(xlsx_file, [Sheet(name, cells)], name, actor.now)
        media, ending = XLSX_TYPE, "xlsx"
    else:
        content, media, ending = csv_file(cells), CSV_TYPE, "csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}-{actor.now.date().isoformat()}.{ending}"'}
    return Response(content, media_type=media, headers=headers)
