"""The end of an agreed talk without its being held; commands that end a sign-up, or pause it, use it too."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.talks import OFFER_STANDS, Talk
from intake.store import Signup, outbox, people, talks
from intake.usecases import talk_events
from intake.usecases.talk_events import CancelReason
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centres


async def free(session: AsyncSession, row: Signup, reason: CancelReason, *, now: datetime, cause: Cause) -> Talk:
    """
    Give up what is agreed about the talk of a locked sign-up: its time is free again, and a booking is cancelled.

    Return the talk that is left. The caller brings the tasks of staff in step. Does nothing if nothing is agreed.
    """
    await session.flush()
    arranged = await talks.get(session, row.signup_id)
    talk = arranged.talk
    if talk.talk_id is None and talk.time_id is None and talk.call_from is None:
        return talk
    if arranged.time is not None and not talk.past:
        person = await people.get(session, row.person_id)
        by_mail = person is not None and person.email_sealed is not None
        await outbox.add(session, talk_events.cancelled(cause, row, talk, reason, now, by_mail=by_mail))
    talk = talk.give_up()
    await talks.write(session, row.signup_id, talk, now)
    return talk


def answer_until(centres: Centres, row: Signup, now: datetime) -> datetime | None:
    """Return when an offer of times counts as unanswered; None where the talk is up to the person."""
    centre = centres.get(row.centre)
    return now + OFFER_STANDS if centre is not None and centre.policy.forsamtale == "required" else None


async def reopen(session: AsyncSession, row: Signup, *, now: datetime) -> None:
    """Let a person talk again who was not ready before a pause; the sign-up is locked."""
    talk = (await talks.get(session, row.signup_id)).talk
    if talk.reopen() != talk:
        await talks.write(session, row.signup_id, talk.reopen(), now)


async def leave_centre(session: AsyncSession, row: Signup, *, now: datetime, cause: Cause) -> None:
    """Give up a time of another centre, after the person of a locked sign-up has moved to this one."""
    time = (await talks.get(session, row.signup_id)).time
    if time is not None and time.centre != row.centre:
        await free(session, row, "given_up", now=now, cause=cause)
