"""Erase whoever has an id: a person who waits or is a member, or an igangsetter."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.store import outbox
from grouping.usecases import igangsetter_accounts, signups
from grouping.usecases.context import GroupingContext
from shared.events import people
from shared.events.erasures import Reported
from shared.kit.messaging.causes import Cause


async def on_erased(
    session: AsyncSession, context: GroupingContext, event: people.Erased, *, now: datetime, cause: Cause
) -> None:
    """Delete every row about who is erased; events that come later bring none back."""
    if event.wants_receipt:
        deleted = await store.signups.rows_of_person(session, event.person_id)
        stamp = cause.stamp(Reported, "grouping", now)
        await outbox.add(session, Reported(**stamp, person_id=event.person_id, service="grouping", deleted=deleted))
    await signups.on_erased(session, context, event, now=now, cause=cause)
    await igangsetter_accounts.forget_igangsetter(session, context, event.person_id, now=now, cause=cause)
