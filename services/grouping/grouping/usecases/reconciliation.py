"""Compare what grouping knows with a list of intake's sign-ups (decision 53)."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.reconciliation import compare
from grouping.store import outbox
from shared.events.reconciliation import LIST_HOLDS, UNKNOWN_AT_ONCE, Differed, Listed
from shared.kit.messaging.causes import Cause


async def on_listed(session: AsyncSession, event: Listed, *, wall: datetime, cause: Cause) -> None:
    """Answer with the ids that differ, or with none; ``wall`` is the time of lists."""
    if event.occurred_at < wall - LIST_HOLDS:
        return
    known = await store.signups.statuses(session, event.after, event.up_to)
    missing, contradicted, unknown = compare(event.states, known)
    answer = Differed(
        **cause.stamp(Differed, "grouping", wall),
        after=event.after,
        up_to=event.up_to,
        service="grouping",
        listed_at=event.occurred_at,
        missing=missing,
        contradicted=contradicted,
        unknown=unknown[:UNKNOWN_AT_ONCE],
    )
    await outbox.add(session, answer)
