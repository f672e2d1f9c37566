"""Events about a meeting of the centre."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from notify.store import KontaktmoteRow, outbox
from shared.events.kontaktmoter import KontaktmoteEvent
from shared.kit.messaging.causes import Cause


async def publish(
    session: AsyncSession,
    row: KontaktmoteRow,
    kind: type[KontaktmoteEvent],
    *,
    now: datetime,
    cause: Cause,
    **fields: object,
) -> None:
    """Publish the next event about a meeting, with the fields of its kind."""
    row.version += 1
    stamp = cause.stamp(kind, f"{row.id}|{row.version}", now)
    common = {"kontaktmote_id": row.id, "version": row.version, "centre": row.centre}
    await outbox.add(session, kind.model_validate({**stamp, **common, **fields}))
