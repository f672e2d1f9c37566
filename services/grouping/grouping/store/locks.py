"""
Who may decide what at one time.

Always in this order, or two transactions could wait for each other: the person, then the areas in the order of their
names, then rows. Each lock lasts as long as the transaction.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession


async def lock_person(session: AsyncSession, person_id: UUID) -> None:
    """One event about a person at a time."""
    await _lock(session, f"person:{person_id}")


async def lock_areas(session: AsyncSession, areas: Iterable[str]) -> None:
    """One decision in an area at a time."""
    for area in sorted(set(areas)):
        await _lock(session, f"area:{area}")


async def _lock(session: AsyncSession, what: str) -> None:
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(what, 0))))
