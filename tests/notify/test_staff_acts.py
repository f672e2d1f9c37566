"""Acts of staff on a mail: each writes one row of the audit log, in its own transaction."""

from datetime import timedelta
from typing import Final, Protocol
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from notify.mails.registry import MailRegistry, mail_registry
from notify.queries import mails as queries
from notify.store import audit_log
from notify.usecases import calls
from notify.usecases import mails as usecases
from shared.errors import DomainError, NotFoundError
from shared.kit.audit import Actor, AuditEntry
from shared.kit.messaging.causes import Cause
from tests.notify.support.events import CENTRE, NOON, Person
from tests.notify.support.world import Feed


class Act(Protocol):
    """A use case of staff on one mail."""

    async def __call__(self, session: AsyncSession, mail_id: UUID, /, *, actor: Actor) -> None: ...


class CallAct(Protocol):
    """A use case of staff that needs the registry."""

    async def __call__(
        self, session: AsyncSession, registry: MailRegistry, mail_id: UUID, /, *, actor: Actor
    ) -> None: ...


def with_registry(act: CallAct) -> Act:
    async def acting(session: AsyncSession, mail_id: UUID, /, *, actor: Actor) -> None:
        await act(session, mail_registry(), mail_id, actor=actor)

    return acting


async def no_answer(session: AsyncSession, mail_id: UUID, /, *, actor: Actor) -> None:
    again = actor.now + timedelta(hours=2)
    await calls.record_no_answer(session, mail_registry(), mail_id, next_at=again, actor=actor)


QUEUED: Final = "status = 'queued', next_at = created_at"
FAILED: Final = "status = 'failed', next_at = NULL, reason = '550'"
CALL: Final = "status = 'call', next_at = NULL, reason = 'no_email'"
NOT_REACHED: Final = "status = 'not_reached', next_at = NULL, reason = 'not_reached'"
HELD: Final = "status = 'queued', next_at = created_at + interval '7 days', held_due_at = created_at"
SENDING: Final = "status = 'sending', next_at = NULL, worker = 1, sending_since = created_at"
UNKNOWN: Final = "status = 'unknown', next_at = NULL, unknowns = 2, reason = 'outcome_unknown'"
SENT: Final = "status = 'sent', next_at = NULL"
ACTS: Final[dict[str, Act]] = {
    "mail.previewed": usecases.preview,
    "mail.cancelled": usecases.cancel,
    "mail.held": usecases.hold,
    "mail.released": usecases.release,
    "mail.call_chosen": with_registry(usecases.call_instead),
    "mail.retried": with_registry(usecases.retry),
    "mail.set_aside": with_registry(usecases.set_aside),
    "call.told": with_registry(calls.record_told),
    "call.no_answer": no_answer,
    "call.noted": with_registry(calls.note_not_reached),
}


def actor() -> Actor:
    return Actor("kari", NOON, Cause.fresh())


async def mail_in(feed: Feed, state: str) -> UUID:
    """The id of a mail in this state."""
    await feed.deliver(Person().ready())
    (mail,) = await feed.mails()
    async with feed.database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(f"UPDATE mails SET {state}")
    return mail.id


async def history(feed: Feed, mail_id: UUID) -> list[AuditEntry]:
    async with feed.database.transaction() as session:
        return await queries.history(session, mail_id)


@pytest.mark.parametrize(
    ("action", "state", "status"),
    [
        ("mail.previewed", SENT, "sent"),
        ("mail.cancelled", QUEUED, "cancelled"),
        ("mail.cancelled", HELD, "cancelled"),
        ("mail.cancelled", SENDING, "sending"),
        ("mail.held", QUEUED, "queued"),
        ("mail.released", HELD, "queued"),
        ("mail.retried", FAILED, "queued"),
        ("mail.retried", UNKNOWN, "queued"),
        ("mail.set_aside", FAILED, "failed"),
        ("call.told", CALL, "called"),
        ("call.told", NOT_REACHED, "called"),
        ("call.no_answer", CALL, "call"),
        ("call.noted", NOT_REACHED, "not_reached"),
    ],
)
async def test_act_on_mail_writes_one_audit_entry(feed: Feed, action: str, state: str, status: str) -> None:
    mail_id = await mail_in(feed, state)
    async with feed.database.transaction() as session:
        await ACTS[action](session, mail_id, actor=actor())
    (entry,) = await history(feed, mail_id)
    assert (entry.actor, entry.action, entry.at) == ("kari", action, NOON)
    assert (entry.object_kind, entry.object_id, entry.scope) == ("mail", str(mail_id), CENTRE)
    assert [mail.status for mail in await feed.mails()] == [status]


@pytest.mark.parametrize(
    ("action", "slug"),
    [
        ("mail.cancelled", "mail_not_open"),
        ("mail.held", "mail_not_waiting"),
        ("mail.released", "mail_not_held"),
        ("mail.call_chosen", "mail_not_stuck"),
        ("mail.retried", "mail_not_stuck"),
        ("mail.set_aside", "mail_not_stuck"),
        ("call.told", "nothing_to_call_about"),
        ("call.no_answer", "nothing_to_call_about"),
        ("call.noted", "nothing_to_call_about"),
    ],
)
async def test_refused_act_writes_no_audit_entry(feed: Feed, action: str, slug: str) -> None:
    mail_id = await mail_in(feed, SENT)
    with pytest.raises(DomainError) as refusal:
        async with feed.database.transaction() as session:
            await ACTS[action](session, mail_id, actor=actor())
    assert refusal.value.slug == slug
    assert await history(feed, mail_id) == []


@pytest.mark.parametrize("action", ACTS)
async def test_act_on_missing_mail_is_not_found(feed: Feed, action: str) -> None:
    async with feed.database.transaction() as session:
        with pytest.raises(NotFoundError, match="unknown_mail"):
            await ACTS[action](session, uuid4(), actor=actor())


def test_every_audit_action_has_an_act() -> None:
    """``mail.called`` is kept for old rows; others are tested where their pages are."""
    others = ("kontaktmote.", "list.", "message.", "mail_text.")
    about_mails = {action for action in audit_log.actions if not action.startswith(others)}
    assert about_mails == set(ACTS) | {"mail.called"}
