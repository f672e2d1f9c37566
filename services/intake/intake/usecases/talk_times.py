"""Times for talks: a centre opens one or a row of them, and closes them again."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.talk_times import Span
from intake.store import TalkTime, audit_log, talks
from intake.usecases import signup_tasks
from intake.usecases.locks import lock_if_known
from intake.usecases.talk_frees import answer_until, free
from shared.errors import DomainError, NotFoundError
from shared.kit.audit import Actor
from shared.kit.ids import derived_id
from shared.reference.centres import Centres


@dataclass(frozen=True)
class NewTimes:
    """
    Times that a centre opens at once.

    Attributes:
        way: Whether the centre phones, or the person comes to the office.
        held_by: Whom the person will talk with; empty if the centre does not say.
    """

    centre: str
    spans: tuple[Span, ...]
    way: Literal["phone", "office"]
    held_by: str = ""


async def open_times(session: AsyncSession, new: NewTimes, *, actor: Actor) -> int:
    """
    Open times, and record the act; return how many.

    Raises:
        DomainError: ``talk_time_past`` if one has begun, ``talk_times_overlap`` if whoever holds the talk has another
            one then; none is opened.
    """
    await talks.lock_centre(session, new.centre)
    for number, span in enumerate(new.spans):
        if span.starts_at <= actor.now:
            raise DomainError("talk_time_past")
        if await talks.overlapping(session, new.centre, new.held_by, span.starts_at, span.ends_at) is not None:
            raise DomainError("talk_times_overlap")
        session.add(
            TalkTime(
                time_id=derived_id(actor.cause.id, "talk time", number),
                centre=new.centre,
                starts_at=span.starts_at,
                ends_at=span.ends_at,
                way=new.way,
                held_by=new.held_by,
                opened_at=actor.now,
            )
        )
        await session.flush()
    await audit_log.record(
        session, actor, "talks.opened", "centre", new.centre, scope=new.centre, details={"count": str(len(new.spans))}
    )
    return len(new.spans)


async def close_time(session: AsyncSession, centres: Centres, time_id: UUID, *, actor: Actor) -> None:
    """
    Close a time, and record the act; whoever has it is told, and offered the other times. Idempotent.

    Raises:
        NotFoundError: ``unknown_talk_time``.
        DomainError: ``talk_time_changed`` if somebody has booked it, or given it up, in this moment.
    """
    holder = await talks.signup_with(session, time_id)
    locked = await lock_if_known(session, holder) if holder is not None else None
    time = await talks.lock_time(session, time_id)
    if time is None:
        raise NotFoundError("unknown_talk_time", time_id=time_id)
    if await talks.signup_with(session, time_id) != holder:
        raise DomainError("talk_time_changed", time_id=time_id)
    if time.closed_at is not None:
        return
    time.closed_at = actor.now
    await audit_log.record(session, actor, "talks.closed", "talk_time", time_id, scope=time.centre)
    if locked is not None:
        person, row = locked
        by_mail = person.email_sealed is not None
        freed = await free(session, row, "closed", now=actor.now, cause=actor.cause)
        talk = freed.offer(
            derived_id(actor.cause.id, "talk", row.signup_id),
            answer_until(centres, row, actor.now) if by_mail else None,
            None if by_mail else actor.now,
        )
        await talks.write(session, row.signup_id, talk, actor.now)
        await signup_tasks.sync(session, centres, person, row.signup_id, now=actor.now, cause=actor.cause)
