"""Totals for metrics."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.store import views


@dataclass(frozen=True, slots=True)
class Totals:
    """
    Totals of the whole service.

    Attributes:
        waiting: Number of waiting sign-ups.
        groups_by_state: Number of groups in each state that has any.
    """

    waiting: int
    groups_by_state: dict[str, int]


async def read_totals(session: AsyncSession) -> Totals:
    """Count waiting sign-ups and groups."""
    return Totals(*await views.totals(session))
