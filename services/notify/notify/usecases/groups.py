"""What notify makes of what grouping tells."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.store import Group, Meeting, Seat, projections
from notify.usecases.mail_plan import follow_group
from shared.events import groups
from shared.events.base import GroupEvent
from shared.kit.messaging.causes import Cause


async def offer_seat(session: AsyncSession, event: groups.SeatOffered, *, now: datetime, cause: Cause) -> None:
    """Somebody is asked whether they want a seat."""
    group, (seat,) = await _known(session, event, [event.seat])
    if seat is None:
        return
    seat.offered = True
    seat.slot, seat.spoken_language = event.slot, event.spoken_language
    seat.size, seat.deadline = event.size, event.deadline
    await follow_group(session, group, "overtaken", now=now, cause=cause)


async def note_taken(session: AsyncSession, event: groups.SeatTaken) -> None:
    """The question is answered; a mail that asks it need not go out any more."""
    _, (seat,) = await _known(session, event, [event.seat])
    if seat is not None:
        seat.taken = True


async def call_meeting(session: AsyncSession, event: groups.MeetingCalled, *, now: datetime, cause: Cause) -> None:
    """Everybody with a seat is told time and place, and again when the plan changes, and is reminded the day before."""
    group, seats = await _known(session, event, event.seats)
    for seat in seats:
        if seat is not None and (seat.first_called is None or event.sequence < seat.first_called):
            seat.first_called = event.sequence
    meeting = await projections.meeting(session, event.meeting_id)
    if meeting is None:
        session.add(
            Meeting(
                id=event.meeting_id,
                group_id=event.group_id,
                version=event.version,
                sequence=event.sequence,
                starts_at=event.starts_at,
                ends_at=event.ends_at,
                place_text=event.place_text,
            )
        )
    elif event.version > meeting.version:
        meeting.version, meeting.sequence = event.version, event.sequence
        meeting.starts_at, meeting.ends_at = event.starts_at, event.ends_at
        meeting.place_text = event.place_text
    await session.flush()
    await follow_group(session, group, "plan_changed", now=now, cause=cause)


async def release_seat(session: AsyncSession, event: groups.SeatReleased, *, now: datetime, cause: Cause) -> None:
    """Somebody no longer has their seat: what was to be said about it is not said any more."""
    group, seats = await _known(session, event, [event.seat])
    _release(seats, event.reason, event.version)
    await session.flush()
    await follow_group(session, group, f"seat_{event.reason}", now=now, cause=cause)


async def cancel_start(session: AsyncSession, event: groups.Cancelled, *, now: datetime, cause: Cause) -> None:
    """The group could not start: whoever had heard of it is told, and that they keep their place in the line."""
    group, seats = await _known(session, event, event.seats)
    _release(seats, "cancelled", event.version)
    group.closed_at = group.closed_at or now
    await session.flush()
    await follow_group(session, group, "group_cancelled", now=now, cause=cause)


async def note_started(session: AsyncSession, event: groups.Started, *, now: datetime, cause: Cause) -> None:
    """The start meeting has been held: nothing more is said about it."""
    group, _ = await _known(session, event, event.seats)
    group.closed_at = group.closed_at or now
    await session.flush()
    await follow_group(session, group, "group_started", now=now, cause=cause)


def _release(seats: Iterable[Seat | None], reason: str, version: int) -> None:
    """Of two reasons the one that came first in the group's own life stands, in whatever order they arrive."""
    for seat in seats:
        if seat is not None and (seat.released_version is None or version < seat.released_version):
            seat.released, seat.released_version = reason, version


async def _known(
    session: AsyncSession, event: GroupEvent, seats: Iterable[groups.Seat]
) -> tuple[Group, list[Seat | None]]:
    """The group and these seats, locked with everybody in the group; None for a seat of somebody who was erased."""
    named = list(seats)
    await projections.lock(session, group_id=event.group_id)
    there = await projections.seats_of_group(session, event.group_id)
    people = {seat.person_id for seat in there} | {seat.person_id for seat in named}
    await projections.lock(session, person_ids=people)
    gone = await projections.forgotten(session, people)
    group = await projections.group(session, event.group_id, event.centre, event.area)
    rows = [None if seat.person_id in gone else await _seat(session, event.group_id, seat) for seat in named]
    return group, rows


async def _seat(session: AsyncSession, group_id: UUID, seat: groups.Seat) -> Seat:
    row = await projections.seat(session, seat.seat_id)
    if row is None:
        row = Seat(
            id=seat.seat_id,
            group_id=group_id,
            signup_id=seat.signup_id,
            person_id=seat.person_id,
            language=seat.language,
        )
        session.add(row)
    return row
