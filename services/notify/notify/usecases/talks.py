"""Store the facts in intake's events about talks, and plan the mails."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from notify.mails.registry import MailRegistry
from notify.store import Talk, talks
from notify.usecases.mail_plan import sync_signup_mails
from notify.usecases.signups import load_signup
from shared.events.talks import TalkBooked, TalkCancelled, TalkEvent, TalkHeld, TalkOffered
from shared.kit.messaging.causes import Cause


async def on_talk(
    session: AsyncSession, registry: MailRegistry, event: TalkEvent, *, now: datetime, cause: Cause
) -> None:
    """Store what happened to a talk, in any order of events, and plan its mails."""
    booked = event if isinstance(event, TalkBooked | TalkOffered) else None
    signup = await load_signup(session, event)
    if signup is None:
        return
    if booked is not None:
        signup.centre, signup.confirmed = booked.centre, True
    _write(await talks.ensure(session, event.talk_id, signup), event)
    await session.flush()
    await sync_signup_mails(session, registry, signup, now=now, cause=cause)


def _write(row: Talk, event: TalkEvent) -> None:
    match event:
        case TalkBooked() if row.sequence is None or event.sequence > row.sequence:
            row.sequence, row.way = event.sequence, event.way
            row.starts_at, row.ends_at = event.starts_at, event.ends_at
        case TalkCancelled():
            row.cancelled_sequence, row.cancelled_reason = event.sequence, event.reason
            row.cancelled_by_mail = event.by_mail
        case TalkOffered() if event.number > row.offered:
            row.offered, row.offered_by_mail = event.number, event.by_mail
        case TalkHeld():
            row.outcome = event.outcome
