"""
Advisory locks on people, areas and a centre's igangsettere; each lasts as long as its transaction.

Always lock in this order, or two transactions can deadlock: the person, then areas by name, then the igangsettere of a
centre, then rows.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.errors import NotYet

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))")
_LOCK_BOTH = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(:person, 0)), pg_advisory_xact_lock(hashtextextended(:area, 0))"
)
_LOCK_MANY = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) "
    "FROM unnest(CAST(:names AS text[])) WITH ORDINALITY AS names(name, number) ORDER BY number"
)
_TRY = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:what, 0))")


async def lock_person(session: AsyncSession, person_id: UUID) -> None:
    """Lock a person, so that their events are handled one at a time."""
    await session.execute(_LOCK, {"what": _person(person_id)})


async def lock_areas(session: AsyncSession, areas: Iterable[str]) -> None:
    """Lock areas, so that one transaction at a time decides there."""
    for area in sorted(set(areas)):
        await session.execute(_LOCK, {"what": _area(area)})


async def lock_starters(session: AsyncSession, centre: str) -> None:
    """Lock the assignment of a centre's igangsettere."""
    await session.execute(_LOCK, {"what": f"starters:{centre}"})


async def lock_person_and_area(session: AsyncSession, person_id: UUID, area: str) -> None:
    """Lock a person and an area in one round trip."""
    await session.execute(_LOCK_BOTH, {"person": _person(person_id), "area": _area(area)})


async def lock_people_and_areas(session: AsyncSession, people: Iterable[UUID], areas: Iterable[str]) -> None:
    """Lock people and areas in one round trip: all people before all areas, each in order."""
    names = [_person(person) for person in sorted(people)] + [_area(area) for area in sorted(areas)]
    await session.execute(_LOCK_MANY, {"names": names})


async def lock_more_areas(session: AsyncSession, areas: Iterable[str], locked: str) -> None:
    """
    Lock further areas while one is locked already.

    Raises:
        NotYet: An area that comes before the locked one is busy; waiting for it could deadlock.
    """
    for area in sorted(set(areas) - {locked}):
        if area > locked:
            await session.execute(_LOCK, {"what": _area(area)})
        elif not await session.scalar(_TRY, {"what": _area(area)}):
            raise NotYet


def _person(person_id: UUID) -> str:
    return f"person:{person_id}"


def _area(area: str) -> str:
    return f"area:{area}"
