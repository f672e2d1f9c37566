"""Sign-ups, and the number of arrivals by area and day."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Select,
    Uuid,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from grouping.domain.matching.cells import Cell, WaitingPerson, Wishes
from grouping.domain.signups import SignupStatus
from grouping.store import quiet_pairs
from grouping.store.retention import allow_deletion_of_seats
from grouping.store.seats import LiveSeat
from grouping.store.tables import Arrival, ErasedId, Exclusion, Group, Seat, Signup
from shared.events import signups as events

RECENT: Final = 300
"""Number of sign-ups, the newest, whose wishes the forecast uses."""

RECENT_IN_WIDE_AREA: Final = 20 * RECENT

_TABLE: Final = Signup.metadata.tables["waiting"]
_WAITING_FIELDS: Final = (
    "signup_id",
    "person_id",
    "latitude",
    "longitude",
    "slots",
    "languages",
    "max_travel_km",
    "wheelchair",
    "groups_also",
    "groups_only",
    "signed_up_at",
    "declined_cells",
    "language",
    "declined_slots",
    "slots_if_needed",
    "digital",
)
WAITING_COLUMNS: Final = tuple(_TABLE.c[name] for name in _WAITING_FIELDS)
"""The columns that :func:`to_waiting` reads, in its order."""

_IDS = func.any(bindparam("ids", type_=ARRAY(Uuid)))


def to_waiting(columns: Sequence[Any]) -> WaitingPerson:
    """Convert the values of :data:`WAITING_COLUMNS` to a sign-up as matching sees it."""
    (signup_id, person_id, latitude, longitude, slots, languages, km, wheelchair, *rest) = columns
    also, only, signed_up_at, declined_cells, language, declined_slots, slots_if_needed, digital = rest
    # A slot that was declined today is not asked about again today, wherever the group would meet.
    slots = tuple(slot for slot in slots if slot not in declined_slots)
    slots_if_needed = tuple(slot for slot in slots_if_needed if slot not in declined_slots)
    accepts, requires = frozenset(also), frozenset(only)
    wishes = Wishes(
        latitude, longitude, slots, tuple(languages), km, wheelchair, accepts, requires, slots_if_needed, digital
    )
    return WaitingPerson(
        signup_id, person_id, wishes, signed_up_at, frozenset(map(Cell.from_key, declined_cells)), language
    )


def row_to_waiting(row: Signup) -> WaitingPerson:
    """Convert the row of a person who has not left to a sign-up as matching sees it."""
    return to_waiting([getattr(row, name) for name in _WAITING_FIELDS])


async def get(session: AsyncSession, signup_id: UUID) -> Signup | None:
    """Return a sign-up as it is in the database now."""
    return await session.get(Signup, signup_id, populate_existing=True)


_OF_PERSON = (
    select(Signup).where(col(Signup.person_id) == bindparam("person_id")).execution_options(populate_existing=True)
)


async def of_person(session: AsyncSession, person_id: UUID) -> list[Signup]:
    """Return all sign-ups of a person."""
    return list((await session.scalars(_OF_PERSON, {"person_id": person_id})).all())


_ERASED = (
    select(func.count().label("erased"))
    .select_from(ErasedId)
    .where(or_(col(ErasedId.id) == bindparam("person_id"), col(ErasedId.id) == bindparam("signup_id")))
    .subquery()
)
_LIVE_SEAT = (
    select(col(Seat.id), col(Seat.signup_id), col(Seat.group_id), col(Group.area))
    .select_from(Seat)
    .join(Group, col(Group.id) == col(Seat.group_id))
    .where(col(Seat.person_id) == bindparam("person_id"), col(Seat.state) != literal_column("'released'"))
    .subquery()
)
_ERASED_AND_SEAT = select(_ERASED.c.erased, _LIVE_SEAT).select_from(
    _ERASED.outerjoin(_LIVE_SEAT, literal_column("true"))
)


async def erased_and_seat(session: AsyncSession, person_id: UUID, signup_id: UUID) -> tuple[bool, LiveSeat | None]:
    """Return True if the person or the sign-up was erased, and the live seat of the person, in one query."""
    row = (await session.execute(_ERASED_AND_SEAT, {"person_id": person_id, "signup_id": signup_id})).one()
    return row[0] > 0, LiveSeat(*row[1:]) if row[1] is not None else None


async def live_seat(session: AsyncSession, person_id: UUID) -> LiveSeat | None:
    """Return the seat that a person is offered or has taken."""
    return (await erased_and_seat(session, person_id, person_id))[1]


async def rows_of_person(session: AsyncSession, person_id: UUID) -> dict[str, int]:
    """
    Count the rows that :func:`delete_person` deletes, by kind.

    The quiet pairs are left out: the receipt goes to somebody who may not know of one.
    """
    conditions = {
        "signups": (Signup, col(Signup.person_id) == person_id),
        "seats": (Seat, col(Seat.person_id) == person_id),
        "exclusions": (Exclusion, or_(col(Exclusion.one) == person_id, col(Exclusion.other) == person_id)),
    }
    return {
        kind: int(await session.scalar(select(func.count()).select_from(table).where(is_theirs)) or 0)
        for kind, (table, is_theirs) in conditions.items()
    }


def erased_ids() -> Select[Any]:
    """Return a query for the ids of the people and sign-ups that were erased."""
    return select(col(ErasedId.id))


async def delete_person(session: AsyncSession, person_id: UUID, signup_ids: Iterable[UUID], now: datetime) -> None:
    """Delete all rows about a person, and keep only the ids, so that late events are ignored."""
    await allow_deletion_of_seats(session, allowed=True)
    await session.execute(delete(Seat).where(col(Seat.person_id) == person_id))
    await allow_deletion_of_seats(session, allowed=False)
    await session.execute(delete(Signup).where(col(Signup.person_id) == person_id))
    await session.execute(
        delete(Exclusion).where(or_(col(Exclusion.one) == person_id, col(Exclusion.other) == person_id))
    )
    await quiet_pairs.delete_person(session, person_id)
    rows = [{"id": id_, "at": now} for id_ in {person_id, *signup_ids}]
    await session.execute(insert(ErasedId).values(rows).on_conflict_do_nothing())


_SET_STATUS = (
    update(Signup)
    .where(
        col(Signup.signup_id) == func.any(bindparam("signup_ids", type_=ARRAY(Uuid))),
        col(Signup.status) != literal_column(f"'{SignupStatus.GONE}'"),
    )
    .values(status=bindparam("new_status"))
    .execution_options(synchronize_session=False)
)


async def set_status(session: AsyncSession, signup_ids: Collection[UUID], status: SignupStatus) -> None:
    """Set the status of these sign-ups; those who have left stay gone."""
    if signup_ids:
        await session.execute(_SET_STATUS, {"signup_ids": list(signup_ids), "new_status": status.value})


async def set_excluded(session: AsyncSession, signup_id: UUID, reason: str | None) -> None:
    """Exclude a sign-up from matching for a reason, or with None include it again."""
    await session.execute(
        update(Signup)
        .where(col(Signup.signup_id) == signup_id)
        .values(excluded_reason=reason)
        .execution_options(synchronize_session=False)
    )


async def areas_with_waiting(session: AsyncSession) -> list[str]:
    """Return the areas with waiting sign-ups."""
    query = (
        select(col(Signup.area)).where(col(Signup.status) == SignupStatus.WAITING).distinct().order_by(col(Signup.area))
    )
    return [area for area in (await session.scalars(query)).all() if area is not None]


_KNOWN_IDS = union(
    select(col(Signup.person_id)).where(col(Signup.person_id) == _IDS),
    select(col(Signup.signup_id)).where(col(Signup.signup_id) == _IDS),
    select(col(Seat.person_id)).where(col(Seat.person_id) == _IDS),
    select(col(ErasedId.id)).where(col(ErasedId.id) == _IDS),
)


async def known_ids(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Return those of these people and sign-ups that have a row or were erased."""
    return set(await session.scalars(_KNOWN_IDS, {"ids": list(ids)}))


def wishes_columns(event: events.Wishes) -> dict[str, Any]:
    """Return the values of an event with wishes by column name."""
    return {
        "version": event.version,
        "centre": event.centre,
        "area": event.area,
        "kommune": event.kommune,
        "latitude": event.latitude,
        "longitude": event.longitude,
        "max_travel_km": event.max_travel_km,
        "wheelchair": event.wheelchair,
        "language": event.language,
        "signed_up_at": event.signed_up_at,
        "slots": list(event.slots),
        "languages": list(event.languages),
        "groups_also": list(event.groups_also),
        "groups_only": list(event.groups_only),
        "slots_if_needed": list(event.slots_if_needed),
        "digital": event.digital,
    }


# Into the table, not the class, so that the session does not track these rows.
_INSERT = insert(_TABLE)


async def insert_new(session: AsyncSession, arrivals: Sequence[events.Wishes]) -> None:
    """Insert sign-ups of people without any row, in the order of arrival."""
    rows = [
        {"signup_id": event.signup_id, "person_id": event.person_id, "status": SignupStatus.WAITING.value}
        | wishes_columns(event)
        for event in arrivals
    ]
    await session.execute(_INSERT, rows)


_INSERT_ARRIVALS = insert(Arrival)
_COUNT_ARRIVALS = _INSERT_ARRIVALS.on_conflict_do_update(
    index_elements=["area", "day"], set_={"count": col(Arrival.count) + _INSERT_ARRIVALS.excluded["count"]}
)


async def count_arrivals(session: AsyncSession, counts: Mapping[tuple[str, date], int]) -> None:
    """Add these numbers of sign-ups, by area and day."""
    rows = [{"area": area, "day": day, "count": count} for (area, day), count in sorted(counts.items())]
    await session.execute(_COUNT_ARRIVALS, rows)


async def arrivals_since(session: AsyncSession, areas: Collection[str], day: date) -> dict[str, tuple[int, date]]:
    """Return by area the number of sign-ups since a day, and the day of the first; areas without any are missing."""
    query = (
        select(col(Arrival.area), func.sum(col(Arrival.count)), func.min(col(Arrival.day)))
        .where(col(Arrival.area).in_(areas), col(Arrival.day) >= day)
        .group_by(col(Arrival.area))
    )
    return {area: (int(count), first) for area, count, first in (await session.execute(query)).all()}


async def recent(session: AsyncSession, area: str, *, wide: bool = False) -> tuple[WaitingPerson, ...]:
    """
    Return the newest sign-ups of an area, waiting or seated; nothing is kept of those who have left.

    Args:
        session: The transaction.
        area: Its id.
        wide: True for more sign-ups, since only those in one neighbourhood count for each person.
    """
    query = (
        select(*WAITING_COLUMNS)
        .where(col(Signup.area) == area)
        .order_by(col(Signup.signed_up_at).desc(), col(Signup.signup_id).desc())
        .limit(RECENT_IN_WIDE_AREA if wide else RECENT)
    )
    return tuple(to_waiting(row) for row in (await session.execute(query)).all())


async def signed_up_at(session: AsyncSession, signup_ids: Collection[UUID]) -> list[datetime]:
    """Return when the people of these sign-ups first signed up."""
    moment = col(Signup.signed_up_at)
    query = select(moment).where(col(Signup.signup_id) == _IDS, moment.is_not(None))
    return [found for found in await session.scalars(query, {"ids": list(signup_ids)}) if found is not None]


async def statuses(session: AsyncSession, after: UUID | None, up_to: UUID | None) -> dict[UUID, str]:
    """Return the statuses of all sign-ups behind one id, up to another."""
    query = select(col(Signup.signup_id), col(Signup.status))
    if after is not None:
        query = query.where(col(Signup.signup_id) > after)
    if up_to is not None:
        query = query.where(col(Signup.signup_id) <= up_to)
    return {row.signup_id: row.status for row in await session.execute(query)}
