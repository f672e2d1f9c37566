"""Fill the journal of erasures at the broker again from those in intake, after a loss of the broker's data."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from nats.aio.client import Client

from intake.store import Erasure
from intake.vault.tables import erasures
from selvhjelp.installation import Installation
from selvhjelp.operations.sessions import database_session
from shared.events import Stream
from shared.events.base import ERASURE_KEPT
from shared.events.people import Erased
from shared.kit.ids import derived_id
from shared.kit.messaging.journal import entries


async def refill_journal(installation: Installation, client: Client) -> int:
    """
    Publish once more the erasures of the last weeks that the journal has not; return their number.

    A service that has handled one finds nothing to delete.
    """
    times = await _times(installation, "intake") | await _times(installation, "intake_keys")
    newest = max(times.values(), default=None)
    if newest is None:
        return 0
    known = {event.person_id async for event in entries(client, None)}
    missing = {id_: at for id_, at in times.items() if at > newest - ERASURE_KEPT and id_ not in known}
    for person_id, erased_at in sorted(missing.items(), key=lambda item: item[1]):
        event_id = derived_id("journal", person_id)
        event = Erased(
            event_id=event_id, occurred_at=erased_at, correlation_id=event_id, person_id=person_id, signup_ids=()
        )
        await client.jetstream().publish(
            event.subject,
            event.model_dump_json().encode(),
            stream=Stream.PEOPLE.value,
            headers={"Nats-Msg-Id": str(event_id)},
        )
    return len(missing)


async def _times(installation: Installation, database: str) -> dict[UUID, datetime]:
    table = erasures if database == "intake_keys" else sa.inspect(Erasure).local_table
    async with database_session(installation.database_url(database)) as session:
        rows = await session.execute(sa.select(table.c.person_id, table.c.erased_at))
        return {row.person_id: row.erased_at for row in rows}
