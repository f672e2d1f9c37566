"""What staff sees: who needs a person today, and who is where."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.signups import State
from intake.store import Signup, people
from intake.usecases.locations import asks_of
from intake.usecases.signup_events import life_of
from shared.reference.centres import Centres

PAGE = 50  # people on one page


@dataclass(frozen=True, slots=True)
class Today:
    """
    What needs a person at the centre, oldest first.

    Attributes:
        to_call: Signed up with a phone number only; somebody calls and confirms.
        to_talk: Confirmed, and the forsamtale is still to be held.
        to_read: Confirmed, and the information is still to be read.
        longest: The one who has waited longest for a group.
    """

    to_call: tuple[Signup, ...]
    to_talk: tuple[Signup, ...]
    to_read: tuple[Signup, ...]
    longest: Signup | None


async def today(session: AsyncSession, centres: Centres, ours: Collection[str]) -> Today:
    """What needs a person at these centres."""
    received = await people.of_centres(session, ours, [State.RECEIVED])
    confirmed = await people.of_centres(session, ours, [State.CONFIRMED])
    ready = await people.of_centres(session, ours, [State.READY], limit=1)
    return Today(
        to_call=tuple(row for row in received if not row.by_mail),
        to_talk=tuple(row for row in confirmed if "talk" in awaits(centres, row)),
        to_read=tuple(row for row in confirmed if "read" in awaits(centres, row)),
        longest=ready[0] if ready else None,
    )


def awaits(centres: Centres, row: Signup) -> tuple[str, ...]:
    """What is still to be done before the waiting list."""
    centre = centres.get(row.centre)
    return life_of(row).awaits(asks_of(centre.policy)) if centre else ()


async def page_of(
    session: AsyncSession, ours: Collection[str], state: State | None, page: int
) -> tuple[Sequence[Signup], bool]:
    """One page of sign-ups with these centres, longest waiting first, and whether there are more."""
    states = [state] if state else list(State)
    rows = await people.of_centres(session, ours, states, limit=PAGE + 1, offset=(page - 1) * PAGE)
    return rows[:PAGE], len(rows) > PAGE
