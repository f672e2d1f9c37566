"""The question to people who have waited long, whether they still want a group, and its answers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.signups import ACTIVE, SignupState
from intake.store import Signup, outbox, signups
from intake.usecases import signup_events, signup_tasks
from intake.usecases.locks import lock_row
from intake.usecases.signup_audit import record_signup
from intake.usecases.talk_frees import free
from shared.errors import DomainError
from shared.kit.audit import Actor
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centres
from shared.reference.retention import Data, cutoffs, kept_for


async def renew(session: AsyncSession, signup_id: UUID, *, now: datetime, cause: Cause) -> bool:
    """Record that the wish for a group still holds; return False unless the person waits or has a seat."""
    return await _renew(session, signup_id, now, cause) is not None


async def renew_by_staff(session: AsyncSession, signup_id: UUID, *, actor: Actor) -> None:
    """
    Record as a member of staff that the wish for a group still holds, and record the act.

    Raises:
        DomainError: ``signup_not_waiting``.
    """
    row = await _renew(session, signup_id, actor.now, actor.cause)
    if row is None:
        raise DomainError("signup_not_waiting", signup_id=signup_id)
    await record_signup(session, actor, "signup.renewed", row)


async def due_questions(session: AsyncSession, centres: Centres, *, now: datetime) -> list[UUID]:
    """Return sign-ups that wait so long that the person is to be asked."""
    return await signups.ids_to_renew(
        session, signups.Cutoffs(cutoffs(centres, Data.UNASKED_WAIT, now), now - kept_for(Data.UNASKED_WAIT))
    )


async def ask(session: AsyncSession, centres: Centres, signup_id: UUID, *, now: datetime) -> bool:
    """Publish the question to a person who has waited long; return False if it is no longer due. Idempotent."""
    row = await lock_row(session, signup_id)
    if row is None or row.renewal_deadline is not None or not _waits(row):
        return False
    since = row.renewed_at or row.confirmed_at
    centre = centres.get(row.centre)
    policy = centre.policy if centre else None
    if since is None or since > now - kept_for(Data.UNASKED_WAIT, policy):
        return False
    # Counted from the question as well, so that a system that stood still gives everybody time to answer.
    time_to_answer = kept_for(Data.WAITING_SIGNUP, policy) - kept_for(Data.UNASKED_WAIT, policy)
    row.renewal_deadline = max(since + kept_for(Data.WAITING_SIGNUP, policy), now + time_to_answer)
    cause = Cause.tick("renewal", signup_id, row.renewal_deadline)
    await outbox.add(session, signup_events.renewal_asked(cause, row, now, row.renewal_deadline))
    return True


async def unanswered(session: AsyncSession, *, now: datetime) -> list[UUID]:
    """Return waiting sign-ups whose question was not answered in time."""
    return await signups.ids_unanswered(session, now)


async def withdraw_unanswered(session: AsyncSession, signup_id: UUID, *, now: datetime) -> bool:
    """Withdraw a sign-up whose question was not answered in time; return False if it is no longer due."""
    row = await lock_row(session, signup_id)
    if row is None or row.renewal_deadline is None or row.renewal_deadline > now or not _waits(row):
        return False
    cause = Cause.tick("unanswered", signup_id, row.renewal_deadline)
    await free(session, row, "over", now=now, cause=cause)
    signups.write_progress(row, signups.progress_of(row).withdraw(), now)
    await outbox.add(session, signup_events.withdrawn(cause, row, now, "no_answer"))
    await signup_tasks.close(session, signup_id, now=now, cause=cause)
    return True


async def _renew(session: AsyncSession, signup_id: UUID, now: datetime, cause: Cause) -> Signup | None:
    row = await lock_row(session, signup_id)
    if row is None or row.state not in ACTIVE or row.paused_at is not None:
        return None
    row.renewed_at, row.renewal_deadline = now, None
    await outbox.add(session, signup_events.renewed(cause, row, now))
    return row


def _waits(row: Signup) -> bool:
    return row.state in (SignupState.CONFIRMED, SignupState.READY) and row.paused_at is None
