"""Data of the staff overview: tasks of today and numbers by state."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.signups import SignupState
from intake.queries.people import pending_steps
from intake.store import Signup, signups
from shared.reference.centres import Centres


@dataclass(frozen=True, slots=True)
class Overview:
    """
    Tasks and numbers of some centres; tasks are in waiting-list order.

    Attributes:
        to_call: Sign-ups without an e-mail address that staff must confirm by phone.
        to_talk: Confirmed sign-ups before their forsamtale.
        to_read: Confirmed sign-ups before the information is read.
        first_waiting: The first sign-up on the waiting list.
    """

    to_call: tuple[Signup, ...]
    to_talk: tuple[Signup, ...]
    to_read: tuple[Signup, ...]
    first_waiting: Signup | None


async def overview(session: AsyncSession, centres: Centres, centre_ids: Collection[str]) -> Overview:
    """Return the tasks of these centres."""
    received = await signups.page_of_centres(session, centre_ids, [SignupState.RECEIVED])
    confirmed = await signups.page_of_centres(session, centre_ids, [SignupState.CONFIRMED])
    ready = await signups.page_of_centres(session, centre_ids, [SignupState.READY], limit=1)
    return Overview(
        to_call=tuple(row for row in received if not row.by_mail),
        to_talk=tuple(row for row in confirmed if "talk" in pending_steps(centres, row)),
        to_read=tuple(row for row in confirmed if "read" in pending_steps(centres, row)),
        first_waiting=ready[0] if ready else None,
    )


async def counts(session: AsyncSession, centre_ids: Collection[str]) -> Mapping[SignupState, int]:
    """Return the number of sign-ups with these centres in each state."""
    return await signups.count_by_state(session, centre_ids)
