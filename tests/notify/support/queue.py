"""A queue of any size, written straight into the table."""

from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa

from tests.notify.support.events import CENTRE, NOON
from tests.notify.support.world import Feed

STATES = {
    "queued": "next_at = created_at + interval '1 hour'",
    "retry": "next_at = created_at + interval '1 hour', attempt = 1, reason = '451'",
    "sent": "settled_at = created_at, attempt = 1",
    "failed": "settled_at = created_at, attempt = 7, reason = '451'",
    "unknown": "settled_at = created_at, attempt = 2, unknowns = 2, reason = 'outcome_unknown'",
    "cancelled": "settled_at = created_at, reason = 'expired'",
    "call": "settled_at = created_at, reason = 'no_email'",
}
"""What a mail in each state has."""


async def fill(
    feed: Feed,
    count: int,
    status: str = "queued",
    *,
    kind: str = "on_the_list",
    centre: str = CENTRE,
    group_id: UUID | None = None,
    first_at: datetime = NOON,
    more: str = "",
) -> str:
    """Insert mails to people of whom nothing else is known, a second apart; return the first half of their ids."""
    mark = uuid4().hex[:8]
    insert = """
        INSERT INTO mails (id, kind, cause_id, person_id, group_id, language, centre, correlation_id, created_at,
                           status, attempt, unknowns, next_at)
        SELECT (CAST(:mark AS text) || '-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, CAST(:kind AS text),
               gen_random_uuid(), gen_random_uuid(), CAST(:group_id AS uuid), 'nb', CAST(:centre AS text),
               gen_random_uuid(), CAST(:first_at AS timestamptz) + n * interval '1 second', 'queued', 0, 0, now()
        FROM generate_series(1, CAST(:count AS integer)) AS n
    """
    values = {"mark": mark, "kind": kind, "centre": centre, "group_id": group_id, "first_at": first_at, "count": count}
    waits = "" if "next_at" in STATES[status] else "next_at = NULL, "
    update = f"UPDATE mails SET {waits}status = '{status}', {STATES[status]} WHERE id::text LIKE :mark"
    async with feed.database.transaction() as session:
        await session.execute(sa.text(insert), values)
        await session.execute(sa.text(update), {"mark": f"{mark}-%"})
        if more:
            await session.execute(sa.text(f"UPDATE mails SET {more} WHERE id::text LIKE :mark"), {"mark": f"{mark}-%"})
    return mark


async def analyze(feed: Feed) -> None:
    """Let the database count its rows, as it does by itself in use."""
    async with feed.database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(sa.text("VACUUM ANALYZE mails"))
