"""Questions for a confirmation that were postponed because the mailbox or the number was asked enough."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.signups import SignupState
from intake.store import confirmations, outbox, submissions
from intake.usecases import signup_events
from intake.usecases.locks import lock_row
from intake.usecases.mail_budget import DEFAULT_CAPS, MailBudget, MailCaps, take_one
from intake.vault.vault import Vault
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centres
from shared.reference.retention import Data, kept_for

DUE_MAX: Final = 1000  # confirmations of one run


async def postponed(session: AsyncSession, vault: Vault, caps: MailCaps = DEFAULT_CAPS, *, now: datetime) -> list[UUID]:
    """Return postponed confirmations that may be sent now, however many that may not are older."""
    budget = await MailBudget.load(session, vault, [], caps, now=now)
    due: list[UUID] = []
    after: UUID | None = None
    while len(due) < DUE_MAX and (page := await confirmations.postponed(session, after)):
        await budget.read(session, {mailbox for _, mailbox, _ in page if mailbox is not None})
        due += [each for each, mailbox, proven in page if mailbox is None or budget.take(mailbox, proven=proven)]
        after = page[-1][0]
    return due[:DUE_MAX]


async def send_postponed(
    session: AsyncSession,
    vault: Vault,
    centres: Centres,
    confirmation_id: UUID,
    caps: MailCaps = DEFAULT_CAPS,
    *,
    now: datetime,
) -> bool:
    """Publish the ``Received`` of a postponed confirmation; return False if it is no longer due."""
    await submissions.lock(session)  # limits hold however many processes ask
    unlocked = await confirmations.get(session, confirmation_id)
    row = await lock_row(session, unlocked.signup_id) if unlocked is not None else None
    confirmation = await confirmations.get(session, confirmation_id)
    if confirmation is None or confirmation.asked_at is not None or confirmation.confirmed_at is not None:
        return False
    if row is None or row.state != SignupState.RECEIVED:
        return False
    if not (found := await confirmations.postponed(session, only=confirmation_id)):
        return False
    _, mailbox, proven = found[0]
    if mailbox is not None and not await take_one(session, vault, mailbox, caps, proven=proven, now=now):
        return False
    centre = centres.get(row.centre)
    confirmation.asked_at = now
    confirmation.expires_at = now + kept_for(Data.UNCONFIRMED_SIGNUP, centre.policy if centre else None)
    row.expires_at = confirmation.expires_at
    row.version += 1
    cause = Cause.tick("ask", confirmation.confirmation_id)
    await outbox.add(session, signup_events.received(cause, dict(row), confirmation.confirmation_id, now))
    return True
