"""Publish again what the outboxes keep, for a service whose database was restored or that missed events."""

from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from typing import Final

from selvhjelp.installation import Installation
from selvhjelp.operations.sessions import database_session
from shared.events import Stream
from shared.events.broker_access import BROKER_ACCESS
from shared.kit.messaging.outbox import Outbox

READS: Final[Mapping[str, frozenset[Stream]]] = {access.service: frozenset(access.consumes) for access in BROKER_ACCESS}
"""The streams that each service reads."""


async def replay(installation: Installation, reader: str | None, since: datetime | None) -> dict[str, int]:
    """
    Have the relays send again what was sent to some streams; return the number of events of each publisher.

    Args:
        installation: The installation.
        reader: The service that is to hear them; None for all.
        since: The oldest event; without it all that are kept.
    """
    wanted = READS[reader] if reader else frozenset().union(*READS.values())
    counts: dict[str, int] = {}
    for access in BROKER_ACCESS:
        streams = [stream for stream in access.publishes if stream in wanted]
        if not streams:
            continue
        outbox: Outbox = import_module(f"{access.service}.store").outbox
        async with database_session(installation.database_url(access.service)) as session:
            counts[access.service] = await outbox.replay(session, streams=streams, since=since)
    return counts
