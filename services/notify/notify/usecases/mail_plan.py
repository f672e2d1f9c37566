"""Bring the queue in line with what is known: add the mails that follow, cancel those that no longer do."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery, planning
from notify.domain.kinds import Kind
from notify.domain.planning import Wanted
from notify.store import Group, Mail, Meeting, Seat, Signup, projections, queue
from shared.kit.messaging.causes import Cause


async def follow_signup(session: AsyncSession, signup: Signup, *, now: datetime, cause: Cause) -> None:
    """The mails that follow from a sign-up itself."""
    wanted = planning.of_signup(_signup(signup))
    why = "withdrawn" if signup.withdrawn else "overtaken"
    await _align(session, await queue.of_signup(session, signup.id), wanted, why, now=now, cause=cause)


async def follow_group(session: AsyncSession, group: Group, why: str, *, now: datetime, cause: Cause) -> None:
    """The mails that follow from all seats of a group; ``why`` is written beside those that are cancelled."""
    seats = await projections.seats_of_group(session, group.id)
    gone = await projections.withdrawn(session, {seat.signup_id for seat in seats})
    meeting = await projections.meeting_of(session, group.id)
    wanted = [
        mail
        for seat in seats
        for mail in planning.of_seat(
            _seat(seat), _group(group), _meeting(meeting), withdrawn=seat.signup_id in gone
        )
    ]  # fmt: skip
    await _align(session, await queue.of_group(session, group.id), wanted, why, now=now, cause=cause)


async def _align(
    session: AsyncSession, there: Sequence[Mail], wanted: Iterable[Wanted], why: str, *, now: datetime, cause: Cause
) -> None:
    missing = {(mail.kind, mail.cause_id, mail.person_id): mail for mail in wanted}
    for row in there:
        if missing.pop((Kind(row.kind), row.cause_id, row.person_id), None) is None and row.delivery.open:
            row.now_is(delivery.cancel(row.delivery, why), now)
    for mail in missing.values():
        new = delivery.queued(mail.kind, mail.not_before or now)
        if mail.not_before is not None and mail.not_before <= now:
            new = delivery.cancel(new, "too_late")
        await queue.add(session, mail, new, correlation_id=cause.correlation_id, now=now)
    if missing:
        await queue.wake(session)


def _signup(row: Signup) -> planning.Signup:
    return planning.Signup(
        id=row.id,
        person_id=row.person_id,
        language=row.language,
        centre=row.centre,
        confirmation_id=row.confirmation_id,
        awaits=tuple(row.awaits),
        ready=row.ready,
        withdrawn=row.withdrawn,
        confirmed=row.confirmed,
    )


def _group(row: Group) -> planning.Group:
    return planning.Group(row.id, row.centre, closed=row.closed_at is not None)


def _meeting(row: Meeting | None) -> planning.Meeting | None:
    return planning.Meeting(row.id, row.sequence, row.starts_at) if row else None


def _seat(row: Seat) -> planning.Seat:
    return planning.Seat(
        id=row.id,
        group_id=row.group_id,
        signup_id=row.signup_id,
        person_id=row.person_id,
        language=row.language,
        offered=row.offered,
        released=row.released,
        first_called=row.first_called,
    )
