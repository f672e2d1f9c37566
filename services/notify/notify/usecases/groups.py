"""Store the facts in grouping's events about groups, seats and meetings, and plan the mails."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.mails.registry import MailRegistry
from notify.store import Group, Meeting, Seat, projections
from notify.usecases.mail_plan import sync_group_mails
from shared.events import groups
from shared.events.base import GroupEvent
from shared.kit.messaging.causes import Cause


async def on_seat_offered(
    session: AsyncSession, registry: MailRegistry, event: groups.SeatOffered, *, now: datetime, cause: Cause
) -> None:
    """Plan the mail that offers a seat."""
    group, (seat,) = await _load(session, event, [event.seat])
    if seat is None:
        return
    seat.offered = True
    seat.slot, seat.spoken_language = event.slot, event.spoken_language
    seat.size, seat.deadline = event.size, event.deadline
    await sync_group_mails(session, registry, group, "overtaken", now=now, cause=cause)


async def on_seat_taken(session: AsyncSession, event: groups.SeatTaken) -> None:
    """Store that the seat is taken, so that a mail that asks for an answer is dropped."""
    _, (seat,) = await _load(session, event, [event.seat])
    if seat is not None:
        seat.taken = True


async def on_meeting_called(
    session: AsyncSession, registry: MailRegistry, event: groups.MeetingCalled, *, now: datetime, cause: Cause
) -> None:
    """Store the plan of a meeting, and plan its mails to each called seat: time and place, a change, the reminder."""
    group, seats = await _load(session, event, event.seats)
    await _store_plan(session, event)
    await session.flush()
    called = {seat.id for seat in seats if seat is not None}
    await projections.call_seats(session, event.meeting_id, called, event.sequence)
    await sync_group_mails(session, registry, group, "plan_changed", now=now, cause=cause)


async def on_seat_released(
    session: AsyncSession, registry: MailRegistry, event: groups.SeatReleased, *, now: datetime, cause: Cause
) -> None:
    """Cancel queued mails about a seat that was released."""
    group, seats = await _load(session, event, [event.seat])
    _release(seats, event.reason, event.version)
    await session.flush()
    await sync_group_mails(session, registry, group, f"seat_{event.reason}", now=now, cause=cause)


async def on_cancelled(
    session: AsyncSession, registry: MailRegistry, event: groups.Cancelled, *, now: datetime, cause: Cause
) -> None:
    """Close the group, and plan the mail to each person with a seat; it is dropped for people who do not know of it."""
    group, seats = await _load(session, event, event.seats)
    _release(seats, "cancelled", event.version)
    group.closed_at = group.closed_at or now
    await session.flush()
    await sync_group_mails(session, registry, group, "group_cancelled", now=now, cause=cause)


async def on_started(
    session: AsyncSession, registry: MailRegistry, event: groups.Started, *, now: datetime, cause: Cause
) -> None:
    """Close the group, and cancel queued mails about its start."""
    group, _ = await _load(session, event, event.seats)
    group.closed_at = group.closed_at or now
    await session.flush()
    await sync_group_mails(session, registry, group, "group_started", now=now, cause=cause)


async def _store_plan(session: AsyncSession, event: groups.MeetingCalled) -> None:
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


def _release(seats: Iterable[Seat | None], reason: str, version: int) -> None:
    """Release seats. The release with the lowest version gives the reason, in any order of arrival."""
    for seat in seats:
        if seat is not None and (seat.released_version is None or version < seat.released_version):
            seat.released, seat.released_version = reason, version


async def _load(
    session: AsyncSession, event: GroupEvent, seats: Iterable[groups.Seat]
) -> tuple[Group, list[Seat | None]]:
    """Lock the group and all its people, and return it with these seats; None stands for an erased person's seat."""
    event_seats = list(seats)
    await projections.lock(session, group_id=event.group_id)
    rows = await projections.seats_of_group(session, event.group_id)
    people = {seat.person_id for seat in rows} | {seat.person_id for seat in event_seats}
    await projections.lock(session, person_ids=people)
    erased = await projections.erased(session, people)
    group = await projections.ensure_group(session, event.group_id, event.centre, event.area)
    loaded = [None if seat.person_id in erased else await _seat(session, event.group_id, seat) for seat in event_seats]
    return group, loaded


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
