"""
The members of started groups: intake keeps them for as long as grouping knows them, and no longer.

grouping forgets the members of a group as its policy says, and names them in every event of its life until then.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from secrets import randbelow
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.signups import IN_MATCHING, SignupProgress, SignupState
from intake.store import Signup, contact_readings, forgotten_groups, outbox, policies, sealed_addresses, signups
from intake.usecases import pauses, signup_events, signup_tasks
from intake.usecases.locks import lock_row, lock_rows
from intake.usecases.quiet_pairs import publish_wishes
from intake.usecases.talk_frees import free
from shared.events import signups as signup_payloads
from shared.events.base import GroupEvent
from shared.events.group_life import MemberLeft, MembersForgotten, WayOnChosen
from shared.events.groups import Seat
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centres
from shared.reference.retention import Data, kept_for

SPREAD_SECONDS: Final = 24 * 3600
"""The members of a group are erased at random moments of this span, one after a day at the earliest."""

_HAS_SEAT: Final = frozenset({SignupState.SEATED, SignupState.MEMBER})
_CAN_WAIT: Final = IN_MATCHING | {SignupState.MEMBER}


async def remember(session: AsyncSession, event: GroupEvent, seats: Iterable[Seat]) -> None:
    """Store the seats of members whose group started before intake kept them, so that their group decides."""
    forgotten = await forgotten_groups.get(session, event.group_id)
    if forgotten is not None and event.version < forgotten.version:
        return
    seat_ids = {seat.signup_id: seat.seat_id for seat in seats}
    for row in (await lock_rows(session, seat_ids)).values():
        if row.state != SignupState.MEMBER or row.seat_id is not None or row.forgotten_at is not None:
            continue
        if row.group_id is None:  # cleared two weeks after the start
            row.group_id, row.group_version = event.group_id, event.version
        if row.group_id == event.group_id:
            row.seat_id = seat_ids[row.signup_id]


async def forget_members(session: AsyncSession, event: MembersForgotten, *, now: datetime) -> None:
    """Delete the link between a group and its members, except those who asked to be kept; a day later all of them."""
    keep_until = event.occurred_at + kept_for(Data.GROUP_FACT)
    await forgotten_groups.write(
        session, event.group_id, event.version, event.kept, event.sealed, keep_until=keep_until
    )
    await policies.forget_moment(session, event.group_id)
    rows = await lock_rows(session, await signups.ids_of_group(session, event.group_id))
    for signup_id in sorted(rows):
        row = rows[signup_id]
        if row.group_id == event.group_id:
            await forget_if_forgotten(session, row, now=now)


async def forget_if_forgotten(session: AsyncSession, row: Signup, *, now: datetime) -> None:
    """Forget a locked sign-up whose group is forgotten; events about the group may come in any order."""
    if row.group_id is None or row.group_version is None or row.state not in _HAS_SEAT:
        return
    forgotten = await forgotten_groups.get(session, row.group_id)
    if forgotten is None or row.group_version > forgotten.version or row.seat_id in forgotten.kept:
        return
    if row.seat_id in forgotten.sealed:
        await sealed_addresses.put_in_line(session, row.person_id, row.group_id, row.centre)
    await contact_readings.forget_shared(session, row.person_id)
    # A random moment: the same one, or erasures one after the other, would link the members of a group.
    row.state = SignupState.MEMBER.value
    row.group_id = row.group_version = row.seat_id = row.seat_slot = row.seat_starts_at = None
    row.placed_at = row.forgotten_at = now - timedelta(seconds=randbelow(SPREAD_SECONDS))


async def leave(session: AsyncSession, event: MemberLeft | WayOnChosen, *, now: datetime, cause: Cause) -> None:
    """
    Withdraw the sign-up of a member who has left the group, or said goodbye after its end.

    No event follows: that of grouping has told everybody.
    """
    row = await lock_row(session, event.seat.signup_id)
    if row is None or row.state == SignupState.WITHDRAWN or not _is_news(row, event):
        return
    row.forgotten_at = None
    await free(session, row, "over", now=now, cause=cause)
    signups.write_progress(row, signups.progress_of(row).withdraw(), now)
    await signup_tasks.close(session, row.signup_id, now=now, cause=cause)


async def take_way_on(session: AsyncSession, event: WayOnChosen, *, now: datetime, cause: Cause) -> None:
    """
    Do what a member of a dissolved group has chosen: wait again with the place they had, pause, or say goodbye.

    Whoever has signed up again in the meantime waits with that sign-up, and has the place in the queue of this one.
    """
    if event.way == "goodbye":
        await leave(session, event, now=now, cause=cause)
        return
    row = await lock_row(session, event.seat.signup_id)
    if row is None or row.state not in _CAN_WAIT or not _is_news(row, event):
        return
    row.forgotten_at = None
    others = await signups.lock_other_active(session, row.person_id, row.signup_id)
    if others:
        await _replace(session, row, others[0], now=now, cause=cause)
        return
    row.state = SignupState.READY.value
    row.group_id, row.group_version, row.placed_at = event.group_id, event.version, event.occurred_at
    row.seat_id = row.seat_slot = row.seat_starts_at = None
    row.renewed_at, row.renewal_deadline = now, None
    row.paused_at = None  # a pause that crossed with the start of the group
    if event.way == "pause":
        await pauses.pause(session, row.signup_id, now=now, cause=cause)


async def return_to_matching(
    session: AsyncSession, row: Signup, progress: SignupProgress, *, now: datetime, cause: Cause
) -> SignupProgress:
    """
    Return the progress of a locked sign-up whose group did not start after all.

    A newer sign-up of the same person and this one become one: the one with a seat, with the newer wishes.
    """
    others = await signups.lock_other_active(session, row.person_id, row.signup_id)
    other = next((signup for signup in others if signup.state in IN_MATCHING), None)
    if other is None:
        return progress
    if other.state != SignupState.READY:  # offered a seat since, so the one in this group is released by now
        await _replace(session, row, other, now=now, cause=cause)
        return signups.progress_of(row)
    was_paused = other.paused_at is not None
    signups.copy_wishes(other, row)
    signups.keep_steps(other, row)
    await _replace(session, other, row, now=now, cause=cause)
    await session.flush()
    signups.write_progress(row, progress, now)
    await publish_wishes(session, signup_payloads.Changed, cause, row, now)
    await pauses.end_pause(session, row, now=now, cause=cause)
    if was_paused:
        await pauses.pause(session, row.signup_id, now=now, cause=cause)
    return signups.progress_of(row)


async def delete_forgotten_groups(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    """Delete what is kept about forgotten groups once no event can be about them any more."""
    await forgotten_groups.delete_until(session, now)


async def _replace(session: AsyncSession, row: Signup, other: Signup, *, now: datetime, cause: Cause) -> None:
    """Withdraw a sign-up in favour of another one of the same person, which gets its place in the queue."""
    if row.signed_up_at < other.signed_up_at:
        other.signed_up_at = row.signed_up_at
        if other.state in IN_MATCHING:
            await publish_wishes(session, signup_payloads.Changed, cause, other, now)
    await free(session, row, "over", now=now, cause=cause)
    signups.write_progress(row, signups.progress_of(row).withdraw(), now)
    await outbox.add(session, signup_events.withdrawn(cause, row, now, replaced=True))
    await signup_tasks.close(session, row.signup_id, now=now, cause=cause)


def _is_news(row: Signup, event: MemberLeft | WayOnChosen) -> bool:
    """Return True unless a newer event has been applied, of the same group or of another that has a seat for them."""
    if row.group_id is None or row.group_version is None or row.placed_at is None:
        return True
    if row.group_id == event.group_id:
        return row.group_version < event.version
    return row.placed_at < event.occurred_at
