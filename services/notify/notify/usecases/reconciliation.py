"""Compare what notify knows with a list of intake's sign-ups (decision 53)."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain.reconciliation import compare
from notify.store import outbox, people
from shared.events.reconciliation import Differed, Listed
from shared.kit.messaging.causes import Cause


async def on_listed(session: AsyncSession, event: Listed, *, wall: datetime, cause: Cause) -> None:
    """Answer with the ids that differ, or with none; ``wall`` is the time of lists."""
    if not event.holds(wall):
        return
    listed = event.states
    known, with_seat = await people.known_signups(session, listed), await people.signups_with_seat(session, listed)
    differences = compare(listed, known, with_seat)
    await outbox.add(session, event.answer("notify", *differences, **cause.stamp(Differed, "notify", wall)))
