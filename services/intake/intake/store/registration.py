"""
Statements of the busiest path, the registration of a new sign-up.

A new person is written with one statement, because round trips to the database are most of the cost of a sign-up.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.tables import Base, IdempotencyKey
from shared.events import Event
from shared.kit.messaging.outbox import CHANNEL

_TABLES = Base.metadata.tables


def _typed(sql: str, columns: Mapping[str, sa.Column[Any]]) -> sa.TextClause:
    """Return a statement whose parameters have the types of these columns; compiled once, not by each request."""
    return sa.text(sql).bindparams(*(sa.bindparam(name, type_=column.type) for name, column in columns.items()))


_PEOPLE, _SIGNUPS, _CONFIRMATIONS, _CONSENTS, _OUTBOX = (
    _TABLES[name].c for name in ("people", "signups", "confirmations", "consents", "outbox")
)

_INSERT_NEW = _typed(
    """
    WITH person AS (
        INSERT INTO people
            (person_id, email_index, email_sealed, first_name_sealed, mobile_sealed, language, created_at)
        VALUES (:person_id, :email_index, :email_sealed, :first_name_sealed, :mobile_sealed, :language, :now)
        ON CONFLICT (email_index) DO NOTHING
        RETURNING person_id
    ), signup AS (
        INSERT INTO signups
            (signup_id, person_id, state, version, centre, area, kommune, latitude, longitude, slots, languages,
             max_travel_km, wheelchair, groups_also, groups_only, language, by_mail, form_index, signed_up_at,
             expires_at, read_at)
        SELECT :signup_id, person_id, 'received', 1, :centre, :area, :kommune, :latitude, :longitude, :slots,
               :languages, :max_travel_km, :wheelchair, :groups_also, :groups_only, :language, :by_mail, :form_index,
               :now, :expires_at, :read_at
        FROM person
        ON CONFLICT (form_index) WHERE form_index IS NOT NULL DO NOTHING
        RETURNING signup_id, person_id
    ), confirmation AS (
        INSERT INTO confirmations (confirmation_id, signup_id, person_id, asked_at, expires_at)
        SELECT :confirmation_id, signup_id, person_id, :now, :expires_at FROM signup
    ), consent AS (
        INSERT INTO consents
            (consent_id, person_id, centre, text_version, information_version, language, given_at, how, recorded_by)
        SELECT :consent_id, person_id, :centre, :text_version, :information_version, :language, :now, :how, :recorded_by
        FROM signup
    ), event AS (
        INSERT INTO outbox (event_id, stream, subject, payload)
        SELECT :event_id, :stream, :subject, :payload FROM signup
    )
    SELECT
        (SELECT count(*) FROM person) AS people,
        (SELECT count(*) FROM signup) AS signups,
        (SELECT pg_notify(:channel, '') FROM signup)
    """,
    {
        **{name: _PEOPLE[name] for name in ("person_id", "email_index", "email_sealed")},
        **{name: _PEOPLE[name] for name in ("first_name_sealed", "mobile_sealed")},
        **{
            name: _SIGNUPS[name]
            for name in ("signup_id", "centre", "area", "kommune", "latitude", "longitude", "slots")
        },
        **{
            name: _SIGNUPS[name]
            for name in ("languages", "max_travel_km", "wheelchair", "language", "by_mail", "form_index")
        },
        **{name: _SIGNUPS[name] for name in ("groups_also", "groups_only", "expires_at", "read_at")},
        **{
            name: _CONSENTS[name]
            for name in ("consent_id", "text_version", "information_version", "how", "recorded_by")
        },
        **{name: _OUTBOX[name] for name in ("event_id", "stream", "subject", "payload")},
        "channel": _OUTBOX.subject,
        "confirmation_id": _CONFIRMATIONS.confirmation_id,
        "now": _PEOPLE.created_at,
    },
)


async def insert_new(session: AsyncSession, values: Mapping[str, object], event: Event) -> tuple[bool, bool]:
    """
    Insert a new person with sign-up, confirmation, consent and the event in the outbox.

    Returns:
        Two flags: the person was inserted, the sign-up was inserted. A person without a sign-up, because the same form
        is stored already, must be deleted by the caller.
    """
    outbox_row = {
        "event_id": event.event_id,
        "stream": event.stream.value,
        "subject": event.subject,
        "payload": event.model_dump_json().encode(),
        "channel": CHANNEL,
    }
    people, signups, _ = (await session.execute(_INSERT_NEW, {**values, **outbox_row})).one()
    return bool(people), bool(signups)


async def store_key(session: AsyncSession, key_index: bytes, form_index: bytes, now: datetime) -> bool | None:
    """Store an idempotency key; return None if it is new, else True if it was stored with the same form."""
    inserted = await session.execute(
        insert(IdempotencyKey)
        .values(key_index=key_index, form_index=form_index, used_at=now)
        .on_conflict_do_nothing()
        .returning(col(IdempotencyKey.key_index))
    )
    if inserted.first() is not None:
        return None
    row = await session.get_one(IdempotencyKey, key_index)
    return row.form_index == form_index


async def delete_keys(session: AsyncSession, used_before: datetime) -> None:
    """Delete idempotency keys that were used before ``used_before``."""
    await session.execute(sa.delete(IdempotencyKey).where(col(IdempotencyKey.used_at) < used_before))
