"""Tell whether the system is at rest, and find the next moment at which something is due."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from nats.aio.client import Client

from selvhjelp.installation import SERVICES
from shared.events import STREAMS


class Rows(Protocol):
    """Reads rows of a service."""

    async def __call__(self, service: str, query: str, *arguments: object) -> list[dict[str, Any]]: ...


GRACE: Final = timedelta(minutes=1)
"""Time after which what is due is handled."""

DEADLINES: Final = (
    ("notify", "SELECT min(next_at) AS due FROM mails WHERE next_at > $1"),
    ("notify", "SELECT min(next_at) AS due FROM calls WHERE next_at > $1"),
    ("grouping", "SELECT min(deadline) AS due FROM seats WHERE state = 'offered' AND deadline > $1"),
    ("grouping", "SELECT min(deadline) AS due FROM starter_questions WHERE state = 'open' AND deadline > $1"),
    ("grouping", "SELECT min(publish_at) AS due FROM groups WHERE publish_at > $1"),
    ("grouping", "SELECT min(filling_until) AS due FROM groups WHERE filling_until > $1"),
    ("grouping", "SELECT min(next_at) AS due FROM group_lives WHERE next_at > $1"),
    ("grouping", "SELECT min(deadline) AS due FROM votes WHERE deadline > $1"),
    ("intake", "SELECT min(ends_at) AS due FROM talk_times WHERE ends_at > $1"),
    ("intake", "SELECT min(offered_until) AS due FROM talks WHERE offered_until > $1"),
)
"""The next deadline, or planned moment, of each kind after a moment."""

DUE: Final = (
    *DEADLINES,
    ("intake", "SELECT min(visible_from) AS due FROM listed_tasks WHERE closed_at IS NULL AND visible_from > $1"),
    ("intake", "SELECT min(urgent_from) AS due FROM listed_tasks WHERE closed_at IS NULL AND urgent_from > $1"),
    ("grouping", "SELECT min(ends_at) AS due FROM meetings WHERE ends_at > $1"),
    ("grouping", "SELECT min(starts_at) - interval '48 h' AS due FROM meetings WHERE starts_at - interval '48 h' > $1"),
    ("grouping", "SELECT min(starts_at) - interval '12 h' AS due FROM meetings WHERE starts_at - interval '12 h' > $1"),
)
"""The deadlines, and the next moment of meetings and of tasks of staff."""


UNDECIDED: Final = """
    SELECT 1 FROM submissions UNION ALL SELECT 1 FROM page_requests
    UNION ALL SELECT 1 FROM guest_requests WHERE NOT postponed LIMIT 1
"""
"""Forms, and requests for links, about which the worker of intake has not decided."""


async def next_due(rows: Rows, now: datetime, due: Iterable[tuple[str, str]] = DUE) -> datetime | None:
    """Return the next moment after this one that a query finds, and :data:`GRACE`; None if there is none."""
    moments = [row["due"] for service, query in due for row in await rows(service, query, now)]
    return min((moment + GRACE for moment in moments if moment is not None), default=None)


async def is_quiet(rows: Rows, broker: Client, now: datetime) -> bool:
    """Return True if no event waits to be published or handled, and no mail is due."""
    if await rows("intake", UNDECIDED):
        return False  # the worker has still to decide about a form, or about a link that was asked for
    for service in SERVICES:
        if await rows(service, "SELECT 1 FROM outbox WHERE sent_at IS NULL LIMIT 1"):
            return False
    for stream in STREAMS:
        for consumer in await broker.jsm().consumers_info(stream.value):
            if consumer.num_pending or consumer.num_ack_pending:
                return False
    return not await rows("notify", "SELECT 1 FROM mails WHERE status = 'sending' OR next_at <= $1 LIMIT 1", now)
