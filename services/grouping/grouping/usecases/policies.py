"""Keep the newest policy of each centre."""

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.usecases.context import GroupingContext
from shared.events.centres import PolicyChanged


async def on_policy_changed(session: AsyncSession, context: GroupingContext, event: PolicyChanged) -> None:
    """Store a version that is newer than the known one; the commit lets it hold in this process."""
    content = {"policy": event.policy, "texts": event.texts}
    await store.policy_book.write(session, event.centre, event.number, content, context.directory.apply)
