"""
Who may decide what at one time.

Always in this order, or two transactions could wait for each other: the person, then the areas in the order of their
names, then the igangsettere of a centre, then rows. Each lock lasts as long as the transaction.
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
    "FROM unnest(CAST(:names AS text[])) WITH ORDINALITY AS wanted(name, place) ORDER BY place"
)
_TRY = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:what, 0))")


async def lock_person(session: AsyncSession, person_id: UUID) -> None:
    """One event about a person at a time."""
    await session.execute(_LOCK, {"what": _person(person_id)})


async def lock_areas(session: AsyncSession, areas: Iterable[str]) -> None:
    """One decision in an area at a time."""
    for area in sorted(set(areas)):
        await session.execute(_LOCK, {"what": _area(area)})


async def lock_starters(session: AsyncSession, centre: str) -> None:
    """One decision at a time about who starts which of a centre's groups."""
    await session.execute(_LOCK, {"what": f"starters:{centre}"})


async def lock_person_and_area(session: AsyncSession, person_id: UUID, area: str) -> None:
    """Both at once, in one round trip."""
    await session.execute(_LOCK_BOTH, {"person": _person(person_id), "area": _area(area)})


async def lock_people_and_areas(session: AsyncSession, people: Iterable[UUID], areas: Iterable[str]) -> None:
    """Many of both in one round trip, all people before all areas, each in their order."""
    names = [_person(person) for person in sorted(people)] + [_area(area) for area in sorted(areas)]
    await session.execute(_LOCK_MANY, {"names": names})


async def lock_more_areas(session: AsyncSession, areas: Iterable[str], held: str) -> None:
    """
    Further areas when one is held already, as for somebody who moves.

    Raises:
        NotYet: One that comes before the held one is busy; to wait for it could be to wait for each other.
    """
    for area in sorted(set(areas) - {held}):
        if area > held:
            await session.execute(_LOCK, {"what": _area(area)})
        elif not await session.scalar(_TRY, {"what": _area(area)}):
            raise NotYet


def _person(person_id: UUID) -> str:
    return f"person:{person_id}"


def _area(area: str) -> str:
    return f"area:{area}"
