"""Commands of staff about a message of the centre: write, change, delete, send once, and take back."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery, planning
from notify.domain.centre_messages import DAY, MOST_IN_A_DAY, UNDO_WITHIN, Audience, State, Words
from notify.mails.registry import MailRegistry
from notify.store import CentreMessageRow, audit_log, centre_messages, locks, mails, projections
from notify.store.mails import NewMail
from notify.usecases import mail_tasks
from shared.errors import DomainError, NotFoundError
from shared.kit.audit import Actor
from shared.kit.ids import new_id


@dataclass(frozen=True)
class Draft:
    """
    Words and audience of a message that staff write.

    Attributes:
        areas, kommuner: The ids of the area that ``part`` belongs to, and the kommuner of the part; empty for all.
    """

    centre: str
    audience: Audience
    texts: Mapping[str, Words]
    group_id: UUID | None = None
    part: str | None = None
    areas: tuple[str, ...] = ()
    kommuner: tuple[str, ...] = ()


async def write(session: AsyncSession, draft: Draft, *, actor: Actor) -> UUID:
    """
    Store a draft; nobody is told.

    Raises:
        DomainError: ``group_on_its_own`` or ``group_is_over``.
    """
    await _require_reachable(session, draft.group_id)
    row = CentreMessageRow(id=new_id(), centre=draft.centre, audience=draft.audience.value, created_at=actor.now)
    _fill(row, draft)
    session.add(row)
    await session.flush()
    await _record(session, actor, "message.written", row)
    return row.id


async def change(session: AsyncSession, message_id: UUID, draft: Draft, *, actor: Actor) -> None:
    """
    Change a draft of the same centre.

    Raises:
        NotFoundError: ``unknown_message``.
        DomainError: ``message_is_…``, ``group_on_its_own`` or ``group_is_over``.
    """
    row = await _load(session, message_id)
    row.facts.require_draft()
    await _require_reachable(session, draft.group_id)
    _fill(row, draft)
    row.revision += 1
    await _record(session, actor, "message.changed", row)


async def delete_draft(session: AsyncSession, message_id: UUID, *, actor: Actor) -> None:
    """
    Delete a draft, of which nobody has been told.

    Raises:
        NotFoundError: ``unknown_message``.
        DomainError: ``message_is_…``.
    """
    row = await _load(session, message_id)
    row.facts.require_draft()
    await _record(session, actor, "message.deleted", row)
    await session.delete(row)


async def send(session: AsyncSession, registry: MailRegistry, message_id: UUID, revision: int, *, actor: Actor) -> None:
    """
    Queue a message for everybody who belongs to its audience now; a second press changes nothing.

    The mails leave when :data:`UNDO_WITHIN` is over. A person who has left the audience before
    a mail leaves does not get it.

    Raises:
        NotFoundError: ``unknown_message``.
        DomainError: ``message_is_taken_back``, ``message_changed_meanwhile``, ``messages_used_up``, ``nobody_to_tell``,
            ``group_on_its_own`` or ``group_is_over``.
    """
    row = await _load(session, message_id)
    if row.state == State.SENT:
        return
    row.facts.require_draft()
    row.facts.require_previewed(revision)
    await locks.hold(session, f"messages of {row.centre}")
    if await centre_messages.sent_since(session, row.centre, actor.now - DAY) >= MOST_IN_A_DAY:
        raise DomainError("messages_used_up", message_id=row.id)
    if row.group_id is not None:
        await projections.lock(session, group_id=row.group_id)
    await _require_reachable(session, row.group_id)
    recipients = await centre_messages.addressed(session, row)
    if not recipients:
        raise DomainError("nobody_to_tell", message_id=row.id)
    row.state, row.sent_at, row.leaves_at = State.SENT.value, actor.now, actor.now + UNDO_WITHIN
    row.recipients = len(recipients)
    new_mails = [
        NewMail(
            mail,
            delivery.queued(mail.not_before or actor.now, is_reminder=mail.spec.is_reminder),
            actor.cause.correlation_id,
        )
        for mail in planning.plan_message(registry, row.facts, recipients)
    ]
    await mails.add(session, *new_mails, now=actor.now)
    await _record(session, actor, "message.sent", row)
    await mails.wake(session)


async def take_back(session: AsyncSession, registry: MailRegistry, message_id: UUID, *, actor: Actor) -> None:
    """
    Cancel the mails and calls of a message that have not left; a second press changes nothing.

    Raises:
        NotFoundError: ``unknown_message``.
        DomainError: ``message_is_draft``, or ``message_has_left`` if nothing of it waits any more.
    """
    row = await _load(session, message_id)
    if row.state == State.TAKEN_BACK:
        return
    if row.state == State.DRAFT:
        raise DomainError("message_is_draft", message_id=row.id)
    rows = await centre_messages.mails_of(session, row.id)
    pending = [mail for mail in rows if mail.delivery.pending]
    if not pending:
        raise DomainError("message_has_left", message_id=row.id)
    for mail in pending:
        mail.apply(delivery.cancel(mail.delivery, "not_addressed"), actor.now)
    row.state = State.TAKEN_BACK.value
    await mail_tasks.sync(session, registry, pending, now=actor.now, cause=actor.cause)
    await _record(session, actor, "message.taken_back", row)


def _fill(row: CentreMessageRow, draft: Draft) -> None:
    row.audience, row.group_id, row.part = draft.audience.value, draft.group_id, draft.part
    row.areas, row.kommuner = list(draft.areas), list(draft.kommuner)
    row.texts = {
        language: {"subject": words.subject, "body": words.body} for language, words in sorted(draft.texts.items())
    }


async def _require_reachable(session: AsyncSession, group_id: UUID | None) -> None:
    if group_id is not None and (reason := await centre_messages.unreached(session, group_id)) is not None:
        raise DomainError(reason.value, group_id=group_id)


async def _load(session: AsyncSession, message_id: UUID) -> CentreMessageRow:
    row = await centre_messages.get(session, message_id, lock=True)
    if row is None:
        raise NotFoundError("unknown_message", message_id=message_id)
    return row


async def _record(session: AsyncSession, actor: Actor, action: str, row: CentreMessageRow) -> None:
    await audit_log.record(session, actor, action, "message", row.id, scope=row.centre)
