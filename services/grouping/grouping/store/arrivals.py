"""Those who have just signed up, and how many do."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, select, union
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain.matching.cells import WaitingPerson as Who
from grouping.domain.signups import SignupStatus
from grouping.store.matching import WHO, who_of
from grouping.store.tables import Arrival, Forgotten, Seat, Waiting

RECENT = 300
"""Of so many of the newest sign-ups it is asked what they want."""

# SQLModel types an attribute as its value; in a query it is a column.
_Waiting: Any = Waiting
_Seat: Any = Seat
_Forgotten: Any = Forgotten
_Arrival: Any = Arrival

_NEW_ARRIVALS = insert(Arrival)
_COUNT_ARRIVALS = _NEW_ARRIVALS.on_conflict_do_update(
    index_elements=["area", "day"], set_={"count": _Arrival.count + _NEW_ARRIVALS.excluded["count"]}
)


async def count(session: AsyncSession, counts: Mapping[tuple[str, date], int]) -> None:
    """So many more have signed up, by area and day."""
    rows = [{"area": area, "day": day, "count": count} for (area, day), count in sorted(counts.items())]
    await session.execute(_COUNT_ARRIVALS, rows)


# The table, not the class: there is nothing for a session to remember.
_WRITE = insert(_Waiting.__table__)
_IDS = func.any(bindparam("ids", type_=ARRAY(Uuid)))
_HEARD_OF = union(
    select(_Waiting.person_id).where(_Waiting.person_id == _IDS),
    select(_Waiting.signup_id).where(_Waiting.signup_id == _IDS),
    select(_Seat.person_id).where(_Seat.person_id == _IDS),
    select(_Forgotten.id).where(_Forgotten.id == _IDS),
)


async def heard_of(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Those of these people and sign-ups of which anything is known here, be it that they were erased."""
    return set(await session.scalars(_HEARD_OF, {"ids": list(ids)}))


def columns(event: Any) -> dict[str, Any]:
    """What an event with wishes says of a sign-up, by the names of the columns."""
    plain = ("version", "centre", "area", "kommune", "latitude", "longitude")
    more = ("max_travel_km", "wheelchair", "language", "signed_up_at")
    lists = ("slots", "languages", "groups_also", "groups_only")
    return {name: getattr(event, name) for name in (*plain, *more)} | {
        name: list(getattr(event, name)) for name in lists
    }


async def write(session: AsyncSession, events: Sequence[Any]) -> None:
    """Write down sign-ups of people of whom nothing is known here, in their order; each is an event with wishes."""
    rows = [
        {"signup_id": event.signup_id, "person_id": event.person_id, "status": SignupStatus.WAITING.value}
        | columns(event)
        for event in events
    ]
    await session.execute(_WRITE, rows)


async def since(session: AsyncSession, area: str, day: date) -> tuple[int, date | None]:
    """How many have signed up in an area since a day, and the first day on which anybody did."""
    query = select(func.coalesce(func.sum(_Arrival.count), 0), func.min(_Arrival.day))
    row = (await session.execute(query.where(_Arrival.area == area, _Arrival.day >= day))).one()
    return int(row[0]), row[1]


async def recent(session: AsyncSession, area: str) -> tuple[Who, ...]:
    """What the newest sign-ups of an area want, whether they wait or have a seat; nothing is known of who has left."""
    query = select(*WHO).where(_Waiting.area == area).order_by(_Waiting.signed_up_at.desc()).limit(RECENT)
    return tuple(who_of(row) for row in (await session.execute(query)).all())
