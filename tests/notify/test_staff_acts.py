"""Acts of staff on a mail: each writes one row of the audit log, in its own transaction."""

from typing import Final, Protocol
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from notify.queries import mails as queries
from notify.store import audit_log
from notify.usecases import mails as usecases
from shared.errors import DomainError, NotFoundError
from shared.kit.audit import Actor, AuditEntry
from shared.kit.messaging.causes import Cause
from tests.notify.support.events import CENTRE, NOON, Person
from tests.notify.support.world import Feed


class Act(Protocol):
    """A use case of staff on one mail."""

    async def __call__(self, session: AsyncSession, mail_id: UUID, /, *, actor: Actor) -> None: ...


QUEUED: Final = "status = 'queued', next_at = created_at"
FAILED: Final = "status = 'failed', next_at = NULL, reason = '550'"
CALL: Final = "status = 'call', next_at = NULL, reason = 'no_email'"
SENT: Final = "status = 'sent', next_at = NULL"
ACTS: Final[dict[str, Act]] = {
    "mail.previewed": usecases.preview,
    "mail.cancelled": usecases.cancel,
    "mail.retried": usecases.retry,
    "mail.called": usecases.mark_called,
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
        ("mail.retried", FAILED, "queued"),
        ("mail.called", CALL, "called"),
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
        ("mail.retried", "mail_not_stuck"),
        ("mail.called", "nothing_to_call_about"),
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
    assert set(audit_log.actions) == set(ACTS)
