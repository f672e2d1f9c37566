"""What the staff can see of the mails, and do with them. Every deed and every look at a mail is written down."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery
from notify.store import Mail, StaffAction, projections, queue
from shared.errors import DomainError


async def find(session: AsyncSession, mail_id: UUID, *, centres: Collection[str] | None) -> Mail:
    """
    One mail of these centres, or of any.

    Raises:
        DomainError: ``no_such_mail``, also where it is another centre's.
    """
    return await _mine(session, mail_id, centres)


async def history(session: AsyncSession, mail: Mail) -> list[StaffAction]:
    """What the staff did with a mail, newest first."""
    return list(await queue.actions(session, mail.id))


async def note_preview(session: AsyncSession, mail: Mail, *, username: str, now: datetime) -> None:
    """Somebody looks at what is written to a person."""
    queue.audit(session, username=username, action="mail.previewed", mail_id=mail.id, now=now)


async def cancel(
    session: AsyncSession, mail_id: UUID, *, centres: Collection[str] | None, username: str, now: datetime
) -> None:
    """
    Do not send this mail.

    Raises:
        DomainError: ``mail_not_open`` where it is out already, or being sent.
    """
    mail = await _mine(session, mail_id, centres, lock=True)
    if mail.next_at is None:
        raise DomainError("mail_not_open", mail_id=mail_id)
    mail.now_is(delivery.cancel(mail.delivery, "by_staff"), now)
    queue.audit(session, username=username, action="mail.cancelled", mail_id=mail.id, now=now)


async def retry(
    session: AsyncSession, mail_id: UUID, *, centres: Collection[str] | None, username: str, now: datetime
) -> None:
    """
    Send a mail once more that failed, or of which nobody knows; a refused address counts as corrected.

    Raises:
        DomainError: ``mail_not_stuck``.
    """
    mail = await _mine(session, mail_id, centres, lock=True)
    again = delivery.retry_by_hand(mail.delivery, now)
    if again is None:
        raise DomainError("mail_not_stuck", mail_id=mail_id)
    await projections.clear_bounces(session, mail.person_id)
    mail.now_is(again, now)
    queue.audit(session, username=username, action="mail.retried", mail_id=mail.id, now=now)
    await queue.wake(session)


async def note_called(
    session: AsyncSession, mail_id: UUID, *, centres: Collection[str] | None, username: str, now: datetime
) -> None:
    """
    The centre has told the person by phone.

    Raises:
        DomainError: ``nothing_to_call_about``.
    """
    mail = await _mine(session, mail_id, centres, lock=True)
    done = delivery.called(mail.delivery)
    if done is None:
        raise DomainError("nothing_to_call_about", mail_id=mail_id)
    mail.now_is(done, now)
    queue.audit(session, username=username, action="mail.called", mail_id=mail.id, now=now)


async def _mine(session: AsyncSession, mail_id: UUID, centres: Collection[str] | None, *, lock: bool = False) -> Mail:
    mail = await queue.get(session, mail_id, lock=lock)
    if mail is None or (centres is not None and mail.centre not in centres):
        raise DomainError("no_such_mail", mail_id=mail_id)
    return mail
