"""
Submissions: forms as they came, stored by one statement that is the same whoever sends them.

A submission is never changed. The worker turns it into an unconfirmed sign-up, or drops it, and deletes the row.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.tables import Base, IdempotencyKey, Submission
from shared.kit.database.engine import Database

CHANNEL: Final = "submissions"
"""The channel of the notification that wakes the workers."""

_TRY_LOCK: Final = sa.text("SELECT pg_try_advisory_xact_lock(hashtext('selvhjelp.submissions'))")
_LOCK: Final = sa.text("SELECT pg_advisory_xact_lock(hashtext('selvhjelp.submissions'))")


def _typed(sql: str, columns: Mapping[str, sa.Column[Any]]) -> sa.TextClause:
    """Return a statement whose parameters have the types of these columns; compiled once, not by each request."""
    return sa.text(sql).bindparams(*(sa.bindparam(name, type_=column.type) for name, column in columns.items()))


_SUBMISSIONS, _KEYS = (Base.metadata.tables[name].c for name in ("submissions", "idempotency_keys"))
_COLUMNS: Final = tuple(_SUBMISSIONS.keys())

_INSERT: Final = _typed(
    f"""
    WITH key AS (
        INSERT INTO idempotency_keys (key_index, form_index, used_at)
        SELECT :key_index, :form_index, :received_at WHERE CAST(:key_index AS bytea) IS NOT NULL
        ON CONFLICT DO NOTHING
        RETURNING key_index
    ), submission AS (
        INSERT INTO submissions ({", ".join(_COLUMNS)})
        SELECT {", ".join(f":{name}" for name in _COLUMNS)}
        WHERE CAST(:key_index AS bytea) IS NULL OR EXISTS (SELECT FROM key)
        RETURNING submission_id
    )
    SELECT (SELECT count(*) FROM submission), (SELECT pg_notify('{CHANNEL}', '') FROM submission)
    """,  # noqa: S608 - names of columns
    {**dict(_SUBMISSIONS.items()), "key_index": _KEYS.key_index},
)


async def insert(session: AsyncSession, values: Mapping[str, object], key_index: bytes | None) -> bool:
    """Store a submission and wake a worker; return False if the idempotency key was used before."""
    stored, _ = (await session.execute(_INSERT, {**values, "key_index": key_index})).one()
    return bool(stored)


async def insert_alone(database: Database, values: Mapping[str, object], key_index: bytes | None) -> bool:
    """Store a submission as :func:`insert` does, in a transaction of its own."""
    row = await database.row_of(_INSERT, {**values, "key_index": key_index})
    return bool(row[0])


async def form_of_key(session: AsyncSession, key_index: bytes) -> bytes:
    """Return the blind index of the form that an idempotency key was used with."""
    return (await session.get_one(IdempotencyKey, key_index)).form_index


async def form_with_key(session: AsyncSession, key_index: bytes) -> bytes | None:
    """Return the blind index of the form that an idempotency key was used with; None if it is not known any more."""
    row = await session.get(IdempotencyKey, key_index)
    return row.form_index if row else None


async def delete_form(session: AsyncSession, form_index: bytes) -> None:
    """Delete the submissions of a form; waits for whoever decides about one of them."""
    await session.execute(sa.delete(Submission).where(col(Submission.form_index) == form_index))


async def get(session: AsyncSession, submission_id: UUID) -> Submission | None:
    """Return the submission, which nobody else decides about until this transaction ends."""
    return await session.get(Submission, submission_id, with_for_update=True)


async def lock(session: AsyncSession) -> None:
    """Wait until no other transaction decides about submissions, and let none until this one ends."""
    await session.execute(_LOCK)


async def take(session: AsyncSession, limit: int) -> Sequence[Submission] | None:
    """
    Return the oldest submissions; None while another transaction decides.

    One transaction decides at a time, so that limits of mails hold however many processes there are.
    """
    if not (await session.execute(_TRY_LOCK)).scalar_one():
        return None
    query = (
        sa.select(Submission)
        .order_by(col(Submission.received_at), col(Submission.submission_id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()


async def delete(session: AsyncSession, submission_ids: Collection[UUID]) -> None:
    """Delete submissions that were decided about."""
    await session.execute(sa.delete(Submission).where(col(Submission.submission_id).in_(list(submission_ids))))


async def key_ids(session: AsyncSession, candidates: Collection[UUID]) -> set[UUID]:
    """Return those of the ids of keys under which a submission is sealed."""
    query = sa.select(col(Submission.person_id)).where(col(Submission.person_id).in_(list(candidates)))
    return set((await session.scalars(query)).all())


async def delete_keys(session: AsyncSession, used_before: datetime) -> None:
    """Delete idempotency keys that were used before ``used_before``."""
    await session.execute(sa.delete(IdempotencyKey).where(col(IdempotencyKey.used_at) < used_before))
