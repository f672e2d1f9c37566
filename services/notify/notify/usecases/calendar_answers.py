"""Record what a recipient's calendar answers about a meeting of the centre."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain.kontaktmoter.calendar_answers import CalendarAnswer, is_news
from notify.mails.registry import MailRegistry
from notify.store import inbox, kontaktmoter
from notify.usecases import kontaktmote_replies
from notify.usecases.reports import CONSUMER
from shared.kit.messaging.causes import Cause


async def record(
    session: AsyncSession,
    registry: MailRegistry,
    invitation_id: UUID,
    answer: CalendarAnswer,
    *,
    answer_id: UUID,
    now: datetime,
) -> bool:
    """
    Record an answer as if it were given on the page of the invitation, once.

    Args:
        session: The caller's transaction.
        registry: The mails.
        invitation_id: The invitation whose keyed address the answer came to.
        answer: The answer.
        answer_id: The same for each delivery of the same answer.
        now: The present time.

    Returns:
        True if it changed something.

    Raises:
        DomainError: As on the page: ``meeting_has_begun``, ``kontaktmote_is_cancelled``, ``meeting_is_full``.
    """
    invited = await kontaktmoter.invited(session, invitation_id)
    if invited is None or not is_news(answer, invited.meeting, invited.invitation.reply):
        return False
    if not await inbox.first_time(session, CONSUMER, answer_id):
        return False
    people = 1 if answer.comes else 0
    await kontaktmote_replies.answer(
        session, registry, invitation_id, people, for_group=False, now=now, cause=Cause.fresh()
    )
    return True
