"""Data of the pages about people: sign-ups without contact details, which only ``usecases.contacts`` reads."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.requirements import Requirements
from intake.domain.signups import SignupState, Step
from intake.store import Signup, signups
from shared.reference.centres import Centres

PAGE_SIZE: Final = 50  # sign-ups


async def page(
    session: AsyncSession, centre_ids: Collection[str], state: SignupState | None, number: int
) -> tuple[Sequence[Signup], bool]:
    """
    Return one page of sign-ups with these centres in waiting-list order, and whether there are more.

    Args:
        session: The caller's transaction.
        centre_ids: The centres.
        state: The state to show; None for all.
        number: The page, from 1.
    """
    states = [state] if state else list(SignupState)
    offset = (number - 1) * PAGE_SIZE
    rows = await signups.page_of_centres(session, centre_ids, states, limit=PAGE_SIZE + 1, offset=offset)
    return rows[:PAGE_SIZE], len(rows) > PAGE_SIZE


async def signups_of(session: AsyncSession, person_id: UUID, centre_ids: Collection[str]) -> tuple[Signup, ...]:
    """Return a person's sign-ups with these centres, oldest first."""
    return tuple(row for row in await signups.of_person(session, person_id) if row.centre in centre_ids)


def pending_steps(centres: Centres, row: Signup) -> tuple[Step, ...]:
    """Return the steps before the waiting list that remain for a sign-up."""
    centre = centres.get(row.centre)
    return signups.progress_of(row).pending_steps(Requirements.of(centre.policy)) if centre else ()
