"""Publish anew, from the tables, what a stream must have and the outbox no longer keeps (decision 44)."""

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store import Erasure, PolicyVersion, outbox
from shared.events import Stream
from shared.events.base import ERASURE_KEPT
from shared.events.centres import PolicyChanged
from shared.events.people import Erased
from shared.kit.ids import derived_id
from shared.kit.messaging.known_streams import Rebuild


async def publish_policies(session: AsyncSession) -> int:
    """Publish the newest version of each centre's policy, for readers whose database does not have it."""
    newest = sa.select(PolicyVersion).ext(distinct_on(col(PolicyVersion.centre)))
    rows = (await session.scalars(newest.order_by(col(PolicyVersion.centre), col(PolicyVersion.number).desc()))).all()
    for row in rows:
        event_id = derived_id("policy-again", row.centre, row.number)
        await outbox.add(
            session,
            PolicyChanged(
                event_id=event_id,
                occurred_at=row.created_at,
                correlation_id=event_id,
                centre=row.centre,
                number=row.number,
                version=row.version,
                policy=row.policy,
                texts=row.texts,
                valid_from=row.created_at,
            ),
        )
    return len(rows)


async def publish_erasures(session: AsyncSession) -> int:
    """Publish every erasure of the time that the journal keeps; the id is that under which `migrate` sends it."""
    since = sa.func.now() - ERASURE_KEPT
    query = (
        sa.select(Erasure)
        .where(col(Erasure.erased_at) > since)
        .order_by(col(Erasure.erased_at), col(Erasure.person_id))
    )
    rows = (await session.scalars(query)).all()
    for row in rows:
        event_id = derived_id("journal", row.person_id)
        await outbox.add(
            session,
            Erased(
                event_id=event_id,
                occurred_at=row.erased_at,
                correlation_id=event_id,
                person_id=row.person_id,
                signup_ids=(),
            ),
        )
    return len(rows)


REBUILD: Final[Mapping[Stream, Rebuild]] = {
    Stream.CENTRES: publish_policies,
    Stream.PEOPLE: publish_erasures,
}
