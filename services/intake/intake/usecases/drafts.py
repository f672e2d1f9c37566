"""Unfinished forms: start, read, change and forget one. All times are wall time, also in a rehearsal."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.drafts import Draft, from_json, to_json
from intake.store import drafts
from intake.vault.draft_key import DraftKey
from shared.reference.retention import Data, kept_for


async def start(session: AsyncSession, draft: Draft, *, now: datetime) -> DraftKey:
    """Store a new form and return its key, which is kept nowhere."""
    key = DraftKey.new()
    await drafts.put(session, key.draft_id, key.seal(to_json(draft)), now + kept_for(Data.DRAFT))
    return key


async def read(session: AsyncSession, key: DraftKey, *, now: datetime) -> Draft | None:
    """Return a form, None if it is gone."""
    row = await drafts.get(session, key.draft_id, now)
    return from_json(key.open(row.sealed)) if row else None


async def change(
    session: AsyncSession, key: DraftKey, changed: Callable[[Draft], Draft], *, now: datetime
) -> Draft | None:
    """
    Change a form and keep it for its time from now on.

    Args:
        session: A transaction.
        key: The key of the form.
        changed: Returns the form with the change.
        now: Wall time.

    Returns:
        The changed form; None if it is gone.
    """
    row = await drafts.lock(session, key.draft_id, now)
    if row is None:
        return None
    draft = changed(from_json(key.open(row.sealed)))
    await drafts.put(
        session, key.draft_id, key.seal(to_json(draft)), now + kept_for(Data.SENT_DRAFT if draft.sent else Data.DRAFT)
    )
    return draft


async def forget(session: AsyncSession, key: DraftKey) -> None:
    """Delete a form."""
    await drafts.delete(session, key.draft_id)


async def delete_expired(session: AsyncSession, now: datetime) -> None:
    """Delete all forms whose time is over."""
    await drafts.delete_expired(session, now)
