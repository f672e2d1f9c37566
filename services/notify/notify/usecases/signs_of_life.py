"""Let nobody wait a month without a word: plan a mail for people who have heard nothing for so long."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.mails.registry import MailRegistry
from notify.store import people, projections
from notify.usecases.mail_plan import sync_signup_mails
from shared.kit.ids import derived_id
from shared.kit.messaging.causes import Cause

LONGEST_SILENCE: Final = timedelta(days=30)
MOST_AT_ONCE: Final = 500


async def due(session: AsyncSession, *, now: datetime) -> list[tuple[UUID, UUID]]:
    """Return sign-ups on the waiting list whose people have heard nothing for a month, each with its person."""
    return await people.waiting_without_word(session, now - LONGEST_SILENCE, MOST_AT_ONCE)


async def plan(
    session: AsyncSession, registry: MailRegistry, signup_id: UUID, person_id: UUID, *, now: datetime
) -> None:
    """Plan a sign of life, once for each month without a word; harmless if the person has heard something meanwhile."""
    await projections.lock(session, person_ids=[person_id])
    signup = await projections.signup(session, signup_id)
    if signup is None or not signup.facts.waiting or await people.has_seat(session, signup_id):
        return
    heard_at = await people.last_heard_at(session, signup)
    if heard_at is not None and heard_at >= now - LONGEST_SILENCE:
        return
    signup.sign_of_life_id = derived_id("sign_of_life", signup_id, heard_at)
    await session.flush()
    cause = Cause.tick("sign_of_life", signup_id, heard_at)
    await sync_signup_mails(session, registry, signup, now=now, cause=cause)
