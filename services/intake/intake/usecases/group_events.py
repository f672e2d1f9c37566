"""Store the seat changes in grouping's events with the sign-ups."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.signups import IN_MATCHING, SeatChange, SignupState
from intake.store import Signup, group_meetings, policies, sealed_addresses, signups
from intake.usecases import memberships
from intake.usecases.locks import lock_rows
from shared.events import groups
from shared.events.base import GroupEvent
from shared.events.group_life import HandedOver
from shared.events.groups import MeetingCalled, Seat, SeatOffered
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centres
from shared.reference.retention import Data, kept_for


async def record_seat_change(
    session: AsyncSession, event: GroupEvent, seats: Iterable[Seat], state: SignupState, *, now: datetime
) -> None:
    """
    Apply a seat change to the sign-ups of these seats.

    Events may arrive in any order and more than once; withdrawn and deleted sign-ups are left alone.
    """
    change = SeatChange(event.group_id, event.version, event.occurred_at)
    by_signup = {seat.signup_id: seat for seat in seats}
    rows = await lock_rows(session, by_signup)
    for signup_id in sorted(rows):
        await _apply(session, rows[signup_id], by_signup[signup_id], state, change, now, event)


async def record_meeting(session: AsyncSession, event: MeetingCalled) -> None:
    """Store the start meeting, and its start with the sign-ups of its seats, for the pages that tell of the seat."""
    if event.kind != "start":
        await memberships.remember(session, event, event.seats)
        return
    await group_meetings.write(
        session,
        event.group_id,
        event.version,
        starts_at=event.starts_at,
        place_text=event.place_text,
        keep_until=event.starts_at + kept_for(Data.GROUP_FACT),
    )
    for row in (await lock_rows(session, [seat.signup_id for seat in event.seats])).values():
        if row.group_id == event.group_id:
            row.seat_starts_at = event.starts_at


async def record_no_meeting(session: AsyncSession, event: groups.MeetingPostponed | groups.Cancelled) -> None:
    """Store that a group has no start meeting with a date."""
    await group_meetings.write(
        session,
        event.group_id,
        event.version,
        starts_at=None,
        place_text=None,
        keep_until=event.occurred_at + kept_for(Data.GROUP_FACT),
    )


async def record_policy(session: AsyncSession, event: groups.Proposed, *, now: datetime) -> None:
    """Store the version of the policy that a group keeps, for the page of the centre's policy."""
    await policies.write_group(
        session,
        event.group_id,
        centre=event.centre,
        place=event.place,
        slot=event.slot,
        policy_version=event.policy_version,
        now=now,
    )


async def record_end(session: AsyncSession, event: GroupEvent, *, now: datetime) -> None:
    """Store that a group is no longer one that keeps a version, and delete the addresses sealed for it."""
    await policies.write_group(session, event.group_id, ended=True, now=now)
    await sealed_addresses.delete_group(session, event.group_id)


async def record_handover(session: AsyncSession, event: HandedOver, *, now: datetime) -> None:
    """Store that the igangsetter of a group has withdrawn, and sees nobody of it any more."""
    await policies.write_group(session, event.group_id, handed_over=True, now=now)


async def delete_old_meetings(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    """Delete meetings that are kept no longer."""
    await group_meetings.delete_until(session, now)


async def _apply(
    session: AsyncSession,
    row: Signup,
    seat: Seat,
    state: SignupState,
    change: SeatChange,
    now: datetime,
    event: GroupEvent,
) -> None:
    before = signups.progress_of(row)
    after = before.apply_seat_change(state, change)
    if before.state is SignupState.MEMBER and after.state in IN_MATCHING:
        after = await memberships.return_to_matching(session, row, after, now=now, cause=Cause.of(event))
    signups.write_progress(row, after, now)
    if after != before and row.state != SignupState.WITHDRAWN:
        row.seat_id = None if row.state == SignupState.READY else seat.seat_id
    if row.state == SignupState.MEMBER:
        await memberships.forget_if_forgotten(session, row, now=now)
    if isinstance(event, SeatOffered) and row.group_id == event.group_id:
        row.seat_slot, row.seat_starts_at = event.slot, event.starts_at
    if row.state == SignupState.SEATED:  # who takes a seat wants a group
        row.renewed_at, row.renewal_deadline = change.at, None
