"""Store the seat changes in grouping's events with the sign-ups."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.signups import SeatChange, SignupState
from intake.store import signups
from shared.events.base import GroupEvent
from shared.events.groups import MeetingCalled, Seat, SeatOffered


async def record_seat_change(
    session: AsyncSession, event: GroupEvent, seats: Iterable[Seat], state: SignupState, *, now: datetime
) -> None:
    """
    Apply a seat change to the sign-ups of these seats.

    Events may arrive in any order and more than once; withdrawn and deleted sign-ups are left alone.
    """
    change = SeatChange(event.group_id, event.version, event.occurred_at)
    for signup_id in sorted(seat.signup_id for seat in seats):
        await _apply(session, signup_id, state, change, now, event)


async def record_meeting(session: AsyncSession, event: MeetingCalled) -> None:
    """Store the start of the first meeting with the sign-ups of its seats, for the pages that tell of the seat."""
    if event.kind != "start":
        return
    for signup_id in sorted(seat.signup_id for seat in event.seats):
        row = await signups.lock(session, signup_id)
        if row is not None and row.group_id == event.group_id:
            row.seat_starts_at = event.starts_at


async def _apply(
    session: AsyncSession, signup_id: UUID, state: SignupState, change: SeatChange, now: datetime, event: GroupEvent
) -> None:
    row = await signups.lock(session, signup_id)
    if row is None:
        return
    signups.write_progress(row, signups.progress_of(row).apply_seat_change(state, change), now)
    if isinstance(event, SeatOffered) and row.group_id == event.group_id:
        row.seat_slot, row.seat_starts_at = event.slot, event.starts_at
    if row.state == SignupState.SEATED:  # who takes a seat wants a group
        row.renewed_at, row.renewal_deadline = change.at, None
