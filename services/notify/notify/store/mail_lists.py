"""The mails that staff see, list by list: one page of a list, the size of each list, and outcomes day by day."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import product
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notify.domain.delivery import Status
from notify.domain.mail_lists import LISTS, ListName, MailFilter
from notify.store.mail_tables import Mail
from shared.kit.database.columns import MOMENT
from shared.timezone import OSLO_TZ, oslo_moment

NEEDS_STAFF: Final = frozenset({Status.FAILED, Status.UNKNOWN, Status.CALL, Status.CALLED, Status.NOT_REACHED})
"""States in which staff have something to do about a mail, or have done it."""

Condition = sa.ColumnElement[bool]

_TOGETHER: Final[Condition] = (col(Mail.status) != Status.FAILED.value) | (
    ~col(Mail.address_refused) & col(Mail.reason).is_distinct_from("by_staff")
)
"""Not those failed mails that would be refused again, or that staff have left as they are: each needs a look."""


@dataclass(frozen=True)
class Place:
    """The place of a mail in its list: the moment that the list is ordered by, and the id."""

    at: datetime
    id: UUID


@dataclass(frozen=True)
class DayFigures:
    """The mails that left, or were given up, on one day in Norway."""

    day: date
    sent: int = 0
    failed: int = 0
    unknown: int = 0

    @property
    def noon(self) -> datetime:
        """The middle of the day."""
        return oslo_moment(self.day, time(12))


async def page(
    session: AsyncSession,
    name: ListName,
    chosen: MailFilter,
    *,
    after: Place | None,
    limit: int,
    turned: bool = False,
) -> Sequence[Mail]:
    """Return the mails of a list that come after a place, at most ``limit``; with ``turned`` the last ones first."""
    query = page_query(name, chosen, after=after, limit=limit, turned=turned)
    return (await session.execute(query)).scalars().all()


def page_query(
    name: ListName, chosen: MailFilter, *, after: Place | None, limit: int, turned: bool = False
) -> "sa.Select[Mail]":
    """
    Build the query of :func:`page`.

    Mails that wait come in the order in which they leave; of the others the newest come first.
    """
    there = None if after is None else sa.tuple_(sa.literal(after.at, MOMENT), sa.literal(after.id, sa.Uuid()))
    order = {"ko": col(Mail.next_at), "holdt": col(Mail.held_due_at)}.get(name)
    if order is not None:
        by = _in_order((order, col(Mail.id)), descending=turned)
        query = sa.select(Mail).where(*conditions(name, chosen), order.is_not(None)).order_by(*by)
        return (query if there is None else query.where(_beyond(order, there, descending=turned))).limit(limit)
    by = _in_order((col(Mail.created_at), col(Mail.id)), descending=not turned)
    parts = []  # an index has the order of one state at one centre; of several it would read everything
    for centre, status in product(chosen.centres, LISTS[name].statuses):
        one = (col(Mail.centre) == centre, col(Mail.status) == status.value)
        found = sa.select(col(Mail.id)).where(*one, *conditions(name, chosen))
        found = found if there is None else found.where(_beyond(col(Mail.created_at), there, descending=not turned))
        parts.append(sa.select(found.order_by(*by).limit(limit).subquery().c.id))
    return sa.select(Mail).where(col(Mail.id).in_(sa.union_all(*parts))).order_by(*by).limit(limit)


def _in_order(columns: Iterable[Any], *, descending: bool) -> list[Any]:
    return [column.desc() if descending else column.asc() for column in columns]


def _beyond(column: Any, there: Any, *, descending: bool) -> Condition:
    key = sa.tuple_(column, col(Mail.id))
    beyond: Condition = key < there if descending else key > there
    return beyond


def place_of(name: ListName, mail: Mail) -> Place:
    """Return the place of a mail in a list that it is in."""
    at = {"ko": mail.next_at, "holdt": mail.held_due_at}.get(name)
    return Place(at or mail.created_at, mail.id)


async def counts(session: AsyncSession, chosen: MailFilter) -> dict[ListName, int]:
    """Return the size of each list, with one query."""
    held = col(Mail.held_due_at).is_not(None)
    query = sa.select(col(Mail.status), held, sa.func.count()).where(*_chosen(chosen))
    rows = [
        (Status(status), bool(is_held), int(number))
        for status, is_held, number in await session.execute(query.group_by(col(Mail.status), held))
    ]
    return {
        name: sum(number for status, is_held, number in rows if status in one.statuses and one.held in {None, is_held})
        for name, one in LISTS.items()
    }


async def count_together(session: AsyncSession, name: ListName, chosen: MailFilter) -> tuple[int, int]:
    """Return the number of mails in one list, and how many of them one act for all of them is about."""
    query = sa.select(sa.func.count(), sa.func.count().filter(_TOGETHER)).select_from(Mail)
    total, together = (await session.execute(query.where(*conditions(name, chosen)))).one()
    return int(total), int(together)


async def lock_together(session: AsyncSession, name: ListName, chosen: MailFilter, *, limit: int) -> Sequence[Mail]:
    """
    Lock and return some mails of a list that one act for all of them is about.

    Those that somebody else is changing right now are left out and not waited for.
    """
    query = sa.select(Mail).where(*conditions(name, chosen), _TOGETHER).limit(limit).with_for_update(skip_locked=True)
    return (await session.execute(query.execution_options(populate_existing=True))).scalars().all()


async def days(
    session: AsyncSession, centres: Collection[str], secret: Collection[str], *, first: date, last: date
) -> list[DayFigures]:
    """Return the outcomes of each day from ``first`` to ``last``, also of days without any."""
    day: sa.ColumnElement[date] = sa.cast(sa.func.timezone(OSLO_TZ.key, col(Mail.settled_at)), sa.Date)
    query = sa.select(day, col(Mail.status), sa.func.count()).where(
        col(Mail.settled_at) >= _midnight(first),
        col(Mail.settled_at) < _midnight(last + timedelta(days=1)),
        col(Mail.centre).in_(centres),
        col(Mail.status).in_((Status.SENT.value, Status.FAILED.value, Status.UNKNOWN.value)),
        is_shown(secret),
    )
    found: dict[date, dict[str, Any]] = {}
    for on, status, number in await session.execute(query.group_by(sa.text("1"), col(Mail.status))):
        found.setdefault(on, {})[status] = int(number)
    every_day = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [DayFigures(on, **found.get(on, {})) for on in every_day]


def conditions(name: ListName, chosen: MailFilter) -> list[Condition]:
    """Return the conditions for the mails of a list."""
    one = LISTS[name]
    in_list: list[Condition] = [col(Mail.status).in_([status.value for status in one.statuses])]
    if one.held is not None:
        in_list.append(col(Mail.held_due_at).is_not(None) if one.held else col(Mail.held_due_at).is_(None))
    return [*in_list, *_chosen(chosen)]


def is_shown(secret: Collection[str]) -> Condition:
    """Return the condition for the mails that staff see: of secret kinds only those that need them."""
    return col(Mail.kind).not_in(secret) | col(Mail.status).in_([status.value for status in NEEDS_STAFF])


def _chosen(chosen: MailFilter) -> list[Condition]:
    found: list[Condition] = [col(Mail.centre).in_(chosen.centres), is_shown(chosen.secret)]
    if chosen.kinds is not None or chosen.groups is not None:
        found.append(col(Mail.kind).in_(chosen.kinds or ()) | col(Mail.group_id).in_(chosen.groups or ()))
    if chosen.kind is not None:
        found.append(col(Mail.kind) == chosen.kind)
    if chosen.group_id is not None:
        found.append(col(Mail.group_id) == chosen.group_id)
    if chosen.first is not None:
        found.append(col(Mail.created_at) >= _midnight(chosen.first))
    if chosen.last is not None:
        found.append(col(Mail.created_at) < _midnight(chosen.last + timedelta(days=1)))
    if chosen.made_by is not None:
        found.append(col(Mail.created_at) <= chosen.made_by)
    return found


def _midnight(day: date) -> datetime:
    return oslo_moment(day, time())
