"""Data of the pages about people: sign-ups without contact details, which only ``usecases.contacts`` reads."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.domain.requirements import Requirements
from intake.domain.signups import SignupState, Step
from intake.store import Signup, signups
from shared.kit.web.lists import ListChoice
from shared.reference.centres import Centres


@dataclass(frozen=True)
class PeopleFilter:
    """
    The part of the list of people that is shown.

    Attributes:
        state, centre: Only sign-ups in this state and with this centre; None for all.
    """

    state: SignupState | None = None
    centre: str | None = None


@dataclass(frozen=True)
class PeoplePage:
    """
    One page of sign-ups.

    Attributes:
        total: The number of sign-ups on all pages.
        choice: The order and the page that is shown.
        counts: The number of sign-ups in each state with the chosen centre.
    """

    rows: Sequence[Signup]
    total: int
    choice: ListChoice
    counts: Mapping[SignupState, int]


async def people_page(
    session: AsyncSession, centre_ids: Collection[str], chosen: PeopleFilter, choice: ListChoice, places: Sequence[str]
) -> PeoplePage:
    """
    Return one page of sign-ups with these centres; names are sealed, so the list cannot be in their order.

    Args:
        session: The caller's transaction.
        centre_ids: The centres of the member of staff.
        chosen: The part of the list.
        choice: The order, by ``sted``, ``tilstand`` or the day, and the page.
        places: Numbers of the kommuner in the order of their names.
    """
    centres = [chosen.centre] if chosen.centre else sorted(centre_ids)
    counts = await signups.count_by_state(session, centres)
    states = [chosen.state] if chosen.state else list(SignupState)
    total = sum(counts[state] for state in states)
    choice = choice.on(total)
    orders = {
        "sted": lambda: signups.by_words(col(Signup.kommune), places),
        "tilstand": lambda: signups.by_words(col(Signup.state), [state.value for state in SignupState]),
    }
    rows = await signups.page_of_centres(
        session,
        centres,
        states,
        limit=choice.size,
        offset=choice.offset,
        first_by=orders[choice.column]() if choice.column in orders else None,
        descending=choice.descending,
    )
    return PeoplePage(rows, total, choice, counts)


async def signups_of(session: AsyncSession, person_id: UUID, centre_ids: Collection[str]) -> tuple[Signup, ...]:
    """Return a person's sign-ups with these centres, oldest first."""
    return tuple(row for row in await signups.of_person(session, person_id) if row.centre in centre_ids)


def pending_steps(centres: Centres, row: Signup) -> tuple[Step, ...]:
    """Return the steps before the waiting list that remain for a sign-up."""
    centre = centres.get(row.centre)
    return signups.progress_of(row).pending_steps(Requirements.of(centre)) if centre else ()
