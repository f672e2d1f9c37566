"""Compare what notify knows with a list of intake's sign-ups (decision 53)."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from notify.store import outbox, people
from shared.events.reconciliation import LIST_HOLDS, Differed, Listed
from shared.kit.messaging.causes import Cause


async def on_listed(session: AsyncSession, event: Listed, *, wall: datetime, cause: Cause) -> None:
    """Answer with the ids of those who wait and are unknown here, or with none; ``wall`` is the time of lists."""
    if event.occurred_at < wall - LIST_HOLDS:
        return
    waiting = event.by_state.get("ready", ())
    known = await people.known_signups(session, waiting)
    answer = Differed(
        **cause.stamp(Differed, "notify", wall),
        after=event.after,
        up_to=event.up_to,
        service="notify",
        listed_at=event.occurred_at,
        missing=tuple(sorted(set(waiting) - known)),
    )
    await outbox.add(session, answer)
