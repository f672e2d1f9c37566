"""
The statements of the busiest path: somebody signs up.

A new person is written with one statement, since each journey to the database is most of what a sign-up costs.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from intake.store.tables import Base, Confirmation, IdempotencyKey, Person, Signup
from shared.events import Event
from shared.kit.messaging.outbox import CHANNEL

_TABLES = Base.metadata.tables


def _typed(sql: str, columns: Mapping[str, sa.Column[Any]]) -> sa.TextClause:
    """A statement whose parameters have the types of columns; made once, so that nothing is compiled for a request."""
    return sa.text(sql).bindparams(*(sa.bindparam(name, type_=column.type) for name, column in columns.items()))


_P, _S, _F, _C, _O = (_TABLES[name].c for name in ("people", "signups", "confirmations", "consents", "outbox"))

_NEW = _typed(
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
    ), told AS (
        INSERT INTO outbox (event_id, stream, subject, payload)
        SELECT :event_id, :stream, :subject, :payload FROM signup
    )
    SELECT
        (SELECT count(*) FROM person) AS people,
        (SELECT count(*) FROM signup) AS signups,
        (SELECT pg_notify(:channel, '') FROM signup)
    """,
    {
        **{name: _P[name] for name in ("person_id", "email_index", "email_sealed")},
        **{name: _P[name] for name in ("first_name_sealed", "mobile_sealed")},
        **{name: _S[name] for name in ("signup_id", "centre", "area", "kommune", "latitude", "longitude", "slots")},
        **{
            name: _S[name] for name in ("languages", "max_travel_km", "wheelchair", "language", "by_mail", "form_index")
        },
        **{name: _S[name] for name in ("groups_also", "groups_only", "expires_at", "read_at")},
        **{name: _C[name] for name in ("consent_id", "text_version", "information_version", "how", "recorded_by")},
        **{name: _O[name] for name in ("event_id", "stream", "subject", "payload")},
        "channel": _O.subject,
        "confirmation_id": _F.confirmation_id,
        "now": _P.created_at,
    },
)


async def insert_new(session: AsyncSession, values: Mapping[str, object], event: Event) -> tuple[bool, bool]:
    """
    Writes a new person with sign-up, confirmation, consent, and the event that tells of it.

    Returns:
        Whether the person is new, and whether the sign-up is. A person whose form is already there has been written
        without it and is the caller's to remove.
    """
    told = {
        "event_id": event.event_id,
        "stream": event.stream.value,
        "subject": event.subject,
        "payload": event.model_dump_json().encode(),
        "channel": CHANNEL,
    }
    people, signups, _ = (await session.execute(_NEW, {**values, **told})).one()
    return bool(people), bool(signups)


async def take_key(session: AsyncSession, key_index: bytes, form_index: bytes, now: datetime) -> bool | None:
    """None where the idempotency key is new; else whether it was used with the same form."""
    taken = await session.execute(
        insert(IdempotencyKey)
        .values(key_index=key_index, form_index=form_index, used_at=now)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key_index)  # type: ignore[call-overload]
    )
    if taken.first() is not None:
        return None
    before = await session.get_one(IdempotencyKey, key_index)
    return before.form_index == form_index


async def person_of_address(session: AsyncSession, email_index: bytes) -> Person | None:
    """The person with this address, locked until the end of the transaction."""
    found = await session.scalars(sa.select(Person).where(sa.column("email_index") == email_index).with_for_update())
    return found.first()


async def same_form(session: AsyncSession, form_index: bytes) -> UUID | None:
    """The unconfirmed sign-up that was made with the very same form."""
    return (await session.scalars(sa.select(_S.signup_id).where(_S.form_index == form_index))).first()


async def mails_since(session: AsyncSession, person_id: UUID, since: datetime) -> int:
    """How many times the person's address has been asked for confirmation after ``since``."""
    query = sa.select(sa.func.count()).where(_F.person_id == person_id, _F.asked_at > since)
    return int((await session.execute(query)).scalar_one())


async def newest_pending(session: AsyncSession, person_id: UUID) -> Signup | None:
    """The person's newest unconfirmed sign-up, locked."""
    query = (
        sa.select(Signup)
        .where(_S.person_id == person_id, _S.state == "received")
        .order_by(_S.signed_up_at.desc(), _S.signup_id.desc())
        .limit(1)
        .with_for_update()
    )
    return (await session.scalars(query)).first()


async def held_back(session: AsyncSession, before: datetime, most: int, limit: int = 100) -> list[Confirmation]:
    """Confirmations whose mail was held back and whose address has had fewer than ``most`` mails after ``before``."""
    recent = _TABLES["confirmations"].alias("recent")
    had = (
        sa.select(sa.func.count())
        .where(recent.c.person_id == _F.person_id, recent.c.asked_at > before)
        .scalar_subquery()
    )
    query = (
        sa.select(Confirmation)
        .where(_F.asked_at.is_(None), had < most)
        .order_by(_F.confirmation_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list((await session.scalars(query)).all())


async def forget_keys(session: AsyncSession, now: datetime, keep: timedelta) -> None:
    """Deletes idempotency keys that nobody will repeat any more."""
    used_at = _TABLES["idempotency_keys"].c.used_at
    await session.execute(sa.delete(IdempotencyKey).where(used_at < now - keep))
