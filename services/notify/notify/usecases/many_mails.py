"""Acts of staff on many mails at once, some in each transaction; each mail has its row in the audit log."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery
from notify.domain.delivery import Delivery
from notify.domain.mail_lists import ListName, MailFilter
from notify.mails.registry import MailRegistry
from notify.store import Mail, audit_log, mail_lists, mails
from notify.usecases import mail_tasks
from shared.kit.audit import Actor

SOME: Final = 200
"""Number of mails in one transaction."""


class ManyAct(StrEnum):
    """An act on all mails of a list."""

    HOLD = "hold"
    RELEASE = "release"
    RETRY = "retry"


LIST_OF: Final[Mapping[ManyAct, ListName]] = MappingProxyType(
    {ManyAct.HOLD: "ko", ManyAct.RELEASE: "holdt", ManyAct.RETRY: "feil"}
)
"""The list whose mails an act is about."""

_ACTIONS: Final = {ManyAct.HOLD: "mail.held", ManyAct.RELEASE: "mail.released", ManyAct.RETRY: "mail.retried"}


async def act_on_some(
    session: AsyncSession, registry: MailRegistry, act: ManyAct, chosen: MailFilter, *, actor: Actor
) -> int:
    """
    Do an act on up to :data:`SOME` of its mails, and return their number; fewer than that means that none is left.

    A failed mail is sent again with all counts from the start; one whose address was refused is not among them.
    """
    rows = await mail_lists.lock_together(session, LIST_OF[act], chosen, limit=SOME)
    for mail in rows:
        after = _after(act, mail, actor)
        assert after is not None
        mail.apply(after, actor.now)
    await audit_log.record_each(session, actor, _ACTIONS[act], "mail", [(mail.id, mail.centre) for mail in rows])
    await _follow_up(session, registry, act, rows, actor)
    return len(rows)


def _after(act: ManyAct, mail: Mail, actor: Actor) -> Delivery | None:
    match act:
        case ManyAct.HOLD:
            return delivery.hold(mail.delivery, actor.now)
        case ManyAct.RELEASE:
            return delivery.release(mail.delivery)
        case ManyAct.RETRY:
            return delivery.retry_by_hand(mail.delivery, actor.now)


async def _follow_up(
    session: AsyncSession, registry: MailRegistry, act: ManyAct, rows: Sequence[Mail], actor: Actor
) -> None:
    if act is ManyAct.RETRY:
        await mail_tasks.sync(session, registry, rows, now=actor.now, cause=actor.cause)
    if act is not ManyAct.HOLD and rows:
        await mails.wake(session)
