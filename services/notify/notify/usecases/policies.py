"""Keep the newest policy of each centre."""

from sqlalchemy.ext.asyncio import AsyncSession

from notify.store import policy_book
from shared.events.centres import PolicyChanged
from shared.reference.centres import CentreDirectory


async def on_policy_changed(session: AsyncSession, directory: CentreDirectory, event: PolicyChanged) -> None:
    """Store a version that is newer than the known one; the commit lets it hold in this process."""
    content = {"policy": event.policy, "texts": event.texts}
    await policy_book.write(session, event.centre, event.number, content, directory.apply)
