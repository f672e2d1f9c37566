"""Data of the pages about people: sign-ups without contact details, which only ``usecases.contacts`` reads."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.requirements import Requirements
from intake.domain.signups import SignupState, Step
from intake.store import Signup, signups
from shared.reference.centres import Centres

PAGE_SIZE: Final = 50  # sign-ups


@dataclass(frozen=True)
class PeopleFilter:
    """
    The part of the list of people that is shown, and its order.

    Attributes:
        state, centre: Only sign-ups in this state and with this centre; None for all.
    """

    state: SignupState | None = None
    centre: str | None = None
    newest_first: bool = False


@dataclass(frozen=True)
class PeoplePage:
    """
    One page of sign-ups.

    Attributes:
        total: The number of sign-ups on all pages.
        number, pages: This page, and the number of pages; both from 1.
        counts: The number of sign-ups in each state with the chosen centre.
    """

    rows: Sequence[Signup]
    total: int
    number: int
    pages: int
    counts: Mapping[SignupState, int]


async def people_page(
    session: AsyncSession, centre_ids: Collection[str], chosen: PeopleFilter, number: int
) -> PeoplePage:
    """Return one page of sign-ups with these centres; a number beyond the last page is the last page."""
    centres = [chosen.centre] if chosen.centre else sorted(centre_ids)
    counts = await signups.count_by_state(session, centres)
    states = [chosen.state] if chosen.state else list(SignupState)
    total = sum(counts[state] for state in states)
    pages = max(1, -(-total // PAGE_SIZE))
    number = min(max(number, 1), pages)
    rows = await signups.page_of_centres(
        session,
        centres,
        states,
        limit=PAGE_SIZE,
        offset=(number - 1) * PAGE_SIZE,
        newest_first=chosen.newest_first,
    )
    return PeoplePage(rows, total, number, pages, counts)


async def signups_of(session: AsyncSession, person_id: UUID, centre_ids: Collection[str]) -> tuple[Signup, ...]:
    """Return a person's sign-ups with these centres, oldest first."""
    return tuple(row for row in await signups.of_person(session, person_id) if row.centre in centre_ids)


def pending_steps(centres: Centres, row: Signup) -> tuple[Step, ...]:
    """Return the steps before the waiting list that remain for a sign-up."""
    centre = centres.get(row.centre)
    return signups.progress_of(row).pending_steps(Requirements.of(centre)) if centre else ()
