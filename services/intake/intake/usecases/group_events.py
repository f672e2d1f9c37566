"""Store the seat changes in grouping's events with the sign-ups."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.signups import SeatChange, SignupState
from intake.store import signups
from shared.events.base import GroupEvent
from shared.events.groups import Seat


async def record_seat_change(
    session: AsyncSession, event: GroupEvent, seats: Iterable[Seat], state: SignupState, *, now: datetime
) -> None:
    """
    Apply a seat change to the sign-ups of these seats.

    Events may arrive in any order and more than once; withdrawn and deleted sign-ups are left alone.
    """
    change = SeatChange(event.group_id, event.version, event.occurred_at)
    for signup_id in sorted(seat.signup_id for seat in seats):
        await _apply(session, signup_id, state, change, now)


async def _apply(session: AsyncSession, signup_id: UUID, state: SignupState, change: SeatChange, now: datetime) -> None:
    row = await signups.lock(session, signup_id)
    if row is None:
        return
    signups.write_progress(row, signups.progress_of(row).apply_seat_change(state, change), now)
    if row.state == SignupState.SEATED:  # who takes a seat wants a group
        row.renewed_at, row.renewal_deadline = change.at, None
