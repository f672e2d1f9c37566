"""Withdrawal of a sign-up, by the person or by staff on the person's behalf."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.signups import SignupState
from intake.store import Signup, outbox, signups
from intake.usecases import signup_events, signup_tasks
from intake.usecases.locks import lock_row
from intake.usecases.signup_audit import record_signup
from intake.usecases.talk_frees import free
from shared.errors import DomainError
from shared.kit.audit import Actor
from shared.kit.messaging.causes import Cause


async def withdraw(session: AsyncSession, signup_id: UUID, *, now: datetime, cause: Cause) -> bool:
    """Withdraw a sign-up and publish it; return False if it was withdrawn before or is unknown."""
    return await _withdraw(session, signup_id, now, cause) is not None


async def withdraw_by_staff(session: AsyncSession, signup_id: UUID, *, shown: str = "", actor: Actor) -> None:
    """
    Withdraw a sign-up as a member of staff, and record the act. Idempotent.

    Args:
        session: The transaction.
        signup_id: The sign-up.
        shown: The state of the sign-up on the page of the member of staff; empty where any state may be left.
        actor: The member of staff.

    Raises:
        DomainError: ``answered_otherwise`` if somebody has recorded another answer since the page was shown.
    """
    shown_row = await lock_row(session, signup_id)
    if shown and shown_row is not None and shown_row.state not in {shown, SignupState.WITHDRAWN}:
        raise DomainError("answered_otherwise", signup_id=signup_id)
    row = await _withdraw(session, signup_id, actor.now, actor.cause)
    if row is not None:
        await record_signup(session, actor, "signup.withdrawn", row)


async def _withdraw(session: AsyncSession, signup_id: UUID, now: datetime, cause: Cause) -> Signup | None:
    row = await lock_row(session, signup_id)
    if row is None or row.state == SignupState.WITHDRAWN:
        return None
    await free(session, row, "over", now=now, cause=cause)
    signups.write_progress(row, signups.progress_of(row).withdraw(), now)
    await outbox.add(session, signup_events.withdrawn(cause, row, now))
    await signup_tasks.close(session, signup_id, now=now, cause=cause)
    return row
