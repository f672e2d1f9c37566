"""Store the facts in grouping's events about groups, seats and meetings, and plan the mails."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import announcements
from notify.domain.announcements import Announcement
from notify.mails.registry import MailRegistry
from notify.store import Group, Seat, Signup, group_life, people, projections
from notify.usecases import contact_groups
from notify.usecases.mail_plan import sync_group_mails, sync_signup_mails
from notify.usecases.replacements import tell_of_lost_seat
from shared.events import groups
from shared.events.base import GroupEvent
from shared.kit.messaging.causes import Cause


async def on_seat_offered(
    session: AsyncSession, registry: MailRegistry, event: groups.SeatOffered, *, now: datetime, cause: Cause
) -> None:
    """Plan the mail that offers a seat."""
    group, (seat,) = await load(session, event, [event.seat])
    if seat is None:
        return
    seat.offered = True
    if event.version > (seat.offer_version or 0):
        seat.offer_version = event.version
        seat.slot, seat.spoken_language = event.slot, event.spoken_language
        seat.size, seat.deadline = event.size, event.deadline
        seat.taken_count, seat.place_text = event.taken, event.place_text
        seat.starts_at, seat.earliest_at = event.starts_at, event.earliest_at
        seat.instead_of = event.instead_of
    await sync_group_mails(session, registry, group, "overtaken", now=now, cause=cause)
    await tell_of_lost_seat(session, registry, seat, now=now, cause=cause)


async def on_seat_taken(
    session: AsyncSession, registry: MailRegistry, event: groups.SeatTaken, *, now: datetime, cause: Cause
) -> None:
    """Store that the seat is taken, so that a mail, or a call, that asks for an answer is dropped."""
    group, (seat,) = await load(session, event, [event.seat])
    if seat is not None and not seat.taken:
        seat.taken, seat.taken_at = True, event.occurred_at
        await sync_group_mails(session, registry, group, "overtaken", now=now, cause=cause)


async def on_coming_confirmed(
    session: AsyncSession, registry: MailRegistry, event: groups.ComingConfirmed, *, now: datetime, cause: Cause
) -> None:
    """Store that the person still comes, so that they are not asked again."""
    group, (seat,) = await load(session, event, [event.seat])
    if seat is not None and event.version > (seat.coming_version or 0):
        seat.coming_version, seat.comes_to = event.version, event.starts_at
        await session.flush()
        await sync_group_mails(session, registry, group, "answered", now=now, cause=cause)


async def on_meeting_called(
    session: AsyncSession, registry: MailRegistry, event: groups.MeetingCalled, *, now: datetime, cause: Cause
) -> None:
    """Store the plan of a meeting, and plan its mails to each called seat: time and place, a change, the reminder."""
    group, seats = await load(session, event, event.seats)
    await _store_plan(session, event)
    await session.flush()
    called = {seat.id for seat in seats if seat is not None}
    await projections.call_seats(session, event.meeting_id, called, event.sequence)
    await contact_groups.learn(session, registry, event, group, now=now, cause=cause)
    if event.kind != "start" and event.sequence > 0:
        await group_life.add_announcement(session, group.id, _moved(event), called)
    await sync_group_mails(session, registry, group, "plan_changed", now=now, cause=cause)


async def on_meeting_postponed(
    session: AsyncSession, registry: MailRegistry, event: groups.MeetingPostponed, *, now: datetime, cause: Cause
) -> None:
    """Store that the meeting has lost its time, and plan the mail about it; queued mails about the old time are off."""
    group, _ = await load(session, event, event.seats)
    meeting = await projections.ensure_meeting(session, event.meeting_id, event.group_id, event.starts_at)
    if event.version > meeting.version:
        meeting.version, meeting.sequence = event.version, event.sequence
        meeting.starts_at, meeting.postponed = event.starts_at, True
    await session.flush()
    await sync_group_mails(session, registry, group, "meeting_postponed", now=now, cause=cause)


async def on_meeting_reported(
    session: AsyncSession, registry: MailRegistry, event: groups.MeetingReported, *, now: datetime, cause: Cause
) -> None:
    """Cancel what is still queued about a meeting when staff have said how it went."""
    group, _ = await load(session, event, ())
    meeting = await projections.ensure_meeting(session, event.meeting_id, event.group_id, event.starts_at)
    meeting.reported_version = max(meeting.reported_version or 0, event.version)
    await session.flush()
    await sync_group_mails(session, registry, group, "meeting_reported", now=now, cause=cause)


async def on_seat_released(
    session: AsyncSession, registry: MailRegistry, event: groups.SeatReleased, *, now: datetime, cause: Cause
) -> None:
    """Cancel queued mails about a seat that was released; tell of the seat that it was to replace, if nobody has."""
    group, (seat,) = await load(session, event, [event.seat])
    release([seat], event.reason, event.version)
    replacing = None
    if seat is not None and event.replaced_by is not None:
        seat.replaced_by = event.replaced_by
        replacing = await projections.seat(session, event.replaced_by)
    await session.flush()
    await sync_group_mails(session, registry, group, f"seat_{event.reason}", now=now, cause=cause)
    # Whichever of the events about the two seats comes last finds that nobody has told of the first.
    for released in (seat, replacing):
        if released is not None:
            await tell_of_lost_seat(session, registry, released, now=now, cause=cause)


async def on_cancelled(
    session: AsyncSession, registry: MailRegistry, event: groups.Cancelled, *, now: datetime, cause: Cause
) -> None:
    """Close the group, and plan the mail to each person with a seat; it is dropped for people who do not know of it."""
    group, seats = await load(session, event, event.seats)
    release(seats, "cancelled", event.version)
    _close(group, "cancelled", event.version, now)
    group.cancel_reason = event.reason
    await session.flush()
    await sync_group_mails(session, registry, group, "group_cancelled", now=now, cause=cause)


async def on_started(
    session: AsyncSession, registry: MailRegistry, event: groups.Started, *, now: datetime, cause: Cause
) -> None:
    """Close the group, cancel queued mails about its start, and plan the one about what comes now."""
    group, seats = await load(session, event, event.seats)
    _close(group, "started", event.version, now)
    if group.closed_version == event.version:
        group.policy, group.starters = event.policy, event.starters
    await session.flush()
    await contact_groups.learn(session, registry, event, group, now=now, cause=cause)
    welcome = Announcement(event.event_id, announcements.STARTED, event.version, event.occurred_at)
    await group_life.add_announcement(session, group.id, welcome, [seat.id for seat in seats if seat is not None])
    await sync_group_mails(session, registry, group, "group_started", now=now, cause=cause)


async def on_start_revoked(
    session: AsyncSession, registry: MailRegistry, event: groups.StartRevoked, *, now: datetime, cause: Cause
) -> None:
    """Open a group again whose start meeting was not held, and plan the mails that follow."""
    group, _ = await load(session, event, event.seats)
    _close(group, None, event.version, now)
    await contact_groups.learn(session, registry, event, group, now=now, cause=cause)
    await sync_group_mails(session, registry, group, "overtaken", now=now, cause=cause)


async def on_offers_paused(
    session: AsyncSession, registry: MailRegistry, event: groups.OffersPaused, *, now: datetime, cause: Cause
) -> None:
    """Store that the person gets no more offers until they answer, and plan the mail that asks them."""
    seat = event.seat
    await projections.lock(session, person_ids=[seat.person_id])
    if await projections.erased(session, [seat.person_id]):
        return
    signup = await projections.signup(session, seat.signup_id)
    if signup is None:
        # Intake's events have higher versions than this one, and give the rest.
        signup = Signup(id=seat.signup_id, person_id=seat.person_id, language=seat.language, version=0)
        session.add(signup)
    signup.centre = signup.centre or event.centre
    if signup.offers_paused_at is None or event.occurred_at > signup.offers_paused_at:
        signup.offers_paused_at, signup.offers_paused_seat = event.occurred_at, seat.seat_id
    await session.flush()
    await sync_signup_mails(session, registry, signup, now=now, cause=cause)


def _moved(event: groups.MeetingCalled) -> Announcement:
    """Return the announcement that a meeting after the start has another time or place than before."""
    return Announcement(
        id=uuid5(event.meeting_id, f"moved {event.sequence}"),
        kind=announcements.MEETING_MOVED,
        version=event.version,
        at=event.occurred_at,
        meeting_id=event.meeting_id,
        details={"sequence": event.sequence},
    )


def _close(group: Group, closed_by: str | None, version: int, now: datetime) -> None:
    """Close a group, or open it again (None), unless a newer event has said otherwise."""
    if version <= (group.closed_version or 0):
        return
    group.closed_version, group.closed_by = version, closed_by
    group.closed_at = None if closed_by is None else group.closed_at or now


async def _store_plan(session: AsyncSession, event: groups.MeetingCalled) -> None:
    meeting = await projections.ensure_meeting(session, event.meeting_id, event.group_id, event.starts_at)
    if event.address_known:
        first = meeting.first_addressed
        meeting.first_addressed = event.sequence if first is None else min(first, event.sequence)
    if meeting.planned_sequence is None or event.sequence < meeting.planned_sequence:
        meeting.planned_sequence, meeting.planned_at = event.sequence, event.starts_at
    if meeting.called_sequence is None or event.sequence > meeting.called_sequence:
        meeting.called_sequence, meeting.called_at = event.sequence, _hour_of(event.occurred_at)
    elif event.sequence == meeting.called_sequence:
        meeting.called_at = min(meeting.called_at or event.occurred_at, _hour_of(event.occurred_at))
    if event.version <= meeting.version:
        return
    meeting.version, meeting.sequence = event.version, event.sequence
    meeting.coming_question, meeting.self_start = event.coming_question, event.self_start
    meeting.starts_at, meeting.ends_at = event.starts_at, event.ends_at
    meeting.place_text, meeting.address_known = event.place_text, event.address_known
    meeting.kind, meeting.postponed = event.kind, False


def _hour_of(moment: datetime) -> datetime:
    """Return the hour of a moment: the exact one would lead to the member whose yes called the meeting."""
    return moment.replace(minute=0, second=0, microsecond=0)


def release(seats: Iterable[Seat | None], reason: str, version: int) -> None:
    """Release seats. The release with the lowest version gives the reason, in any order of arrival."""
    for seat in seats:
        if seat is not None and (seat.released_version is None or version < seat.released_version):
            seat.released, seat.released_version = reason, version


async def load(
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
        change = await people.contact_change(session, seat.person_id)
        row = Seat(
            id=seat.seat_id,
            group_id=group_id,
            signup_id=seat.signup_id,
            person_id=seat.person_id,
            language=change.language if change else seat.language,
        )
        session.add(row)
    return row
