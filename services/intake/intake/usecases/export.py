"""Export of all data about a person (GDPR art. 15 and 20)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.contacts import Purpose
from intake.store import Signup, audit_log, contact_readings, people, signups, talks
from intake.usecases.contacts import PERSONAL_FIELDS
from intake.vault.vault import Vault
from shared.errors import NotFoundError
from shared.kit.audit import Actor


async def export_person(
    session: AsyncSession,
    vault: Vault,
    person_id: UUID,
    *,
    reader: str,
    now: datetime,
    centres: Collection[str] | None = None,
) -> dict[str, Any]:
    """
    Return all data that intake has about a person as JSON values, and record the reading.

    With ``centres``, sign-ups and consents to other centres are left out.

    Raises:
        NotFoundError: ``unknown_person``.
        PersonKeyMissing: The person's key is destroyed.
    """
    person = await people.get(session, person_id)
    if person is None:
        raise NotFoundError("unknown_person", person_id=person_id)
    key = await vault.key(person_id)
    await contact_readings.record(session, [person_id], reader, Purpose.EXPORT, now)
    rows = [row for row in await signups.of_person(session, person_id) if centres is None or row.centre in centres]
    sealed = {name: getattr(person, f"{name}_sealed") for name in PERSONAL_FIELDS}
    return {
        "person": {
            "id": str(person_id),
            **{name: key.open("people", name, value) for name, value in sealed.items()},
            **_plain(person, "language", "created_at", "confirmed_at"),
        },
        "signups": [
            {
                **_plain(
                    row,
                    "signup_id", "state", "centre", "area", "kommune", "latitude", "longitude", "slots", "languages",
                    "slots_if_needed", "digital", "max_travel_km", "wheelchair", "groups_also", "groups_only",
                    "language", "signed_up_at", "confirmed_at", "read_at", "talked_at", "withdrawn_at", "expires_at",
                    "group_id", "placed_at", "read_version",
                ),
                "typed_first_name": key.open("people", "first_name", row.first_name_sealed),
                "typed_mobile": key.open("people", "mobile", row.mobile_sealed),
            }
            for row in rows
        ],
        "talks": await _talks(session, rows),
        "consents": [
            _plain(row, "centre", "text_version", "information_version", "language", "given_at", "how", "recorded_by")
            for row in await people.consents_of(session, person_id)
            if centres is None or row.centre in centres
        ],
        "contact_read": [
            _plain(row, "read_at", "reader", "purpose") for row in await contact_readings.of_person(session, person_id)
        ],
    }  # fmt: skip


async def _talks(session: AsyncSession, rows: Sequence[Signup]) -> list[dict[str, object]]:
    """Return what is agreed about each talk with a centre, and its outcome."""
    centre_of = {row.signup_id: row.centre for row in rows}
    return [
        {
            "centre": centre_of[signup_id],
            "talk_starts_at": _json(arranged.time.starts_at) if arranged.time else None,
            "call_from": _json(arranged.talk.call_from),
            "unanswered": arranged.talk.unanswered,
            "outcome": arranged.talk.outcome,
        }
        for signup_id, arranged in sorted((await talks.of_signups(session, centre_of)).items())
    ]


async def export_for_staff(
    session: AsyncSession, vault: Vault, person_id: UUID, centres: Collection[str], scope: str, *, actor: Actor
) -> dict[str, Any]:
    """
    Export a person as a member of staff of these centres, and record the act.

    Args:
        session: The caller's transaction.
        vault: The person keys.
        person_id: The person.
        centres: The centres whose data the export holds.
        scope: The centre of the newest sign-up with them, under which the act is recorded.
        actor: The member of staff.

    Raises:
        NotFoundError: ``unknown_person``.
        PersonKeyMissing: The person's key is destroyed.
    """
    await audit_log.record(session, actor, "person.exported", "person", person_id, scope=scope)
    return await export_person(session, vault, person_id, reader=actor.username, now=actor.now, centres=centres)


def _plain(row: object, *names: str) -> dict[str, Any]:
    return {name: _json(getattr(row, name)) for name in names}


def _json(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
