"""The one door to names and addresses."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.store import Person, Signup, people
from intake.vault import Vault
from shared.errors import DomainError
from shared.events import contacts

PERSONAL_FIELDS = ("email", "first_name", "mobile")
"""All that is known of who somebody is; what is exported, erased and looked for by the privacy tests."""


async def resolve(
    session: AsyncSession, vault: Vault, question: contacts.Question, *, reader: str, now: datetime
) -> contacts.Answer:
    """
    Answers who is behind the ids; somebody erased is not there. Each contact given leaves an audit row.

    A name is told only once the address is known to be the person's own: what a stranger typed is sent to nobody.
    """
    found = await people.people(session, question.person_ids)
    keys = await vault.keys(person.person_id for person in found)
    known = [person for person in found if person.person_id in keys]
    await people.note_readings(session, [person.person_id for person in known], reader, question.purpose, now)
    return contacts.Answer(
        contacts=tuple(
            contacts.Contact(
                person_id=person.person_id,
                first_name=keys[person.person_id].open("people", "first_name", person.first_name_sealed)
                if person.confirmed_at
                else None,
                email=keys[person.person_id].open("people", "email", person.email_sealed),
                language=person.language,
            )
            for person in known
        )
    )


@dataclass(frozen=True, slots=True)
class Card:
    """Who somebody is, for staff of their centre. Never logged, never stored."""

    person_id: UUID
    first_name: str
    email: str | None
    mobile: str | None


def only_typed(rows: Iterable[Signup]) -> dict[UUID, Signup]:
    """
    Of these sign-ups, those of people of whom they tell nothing but what somebody typed, and nobody has confirmed.

    Anybody can type a known address, so such a sign-up opens nothing of what its owner has told another centre.
    """
    typed: dict[UUID, Signup] = {}
    own = set()
    for row in rows:
        if row.first_name_sealed is None:
            own.add(row.person_id)
        typed[row.person_id] = row
    return {person_id: row for person_id, row in typed.items() if person_id not in own}


async def cards(
    session: AsyncSession,
    vault: Vault,
    person_ids: Collection[UUID],
    *,
    reader: str,
    purpose: str,
    now: datetime,
    typed: Mapping[UUID, Signup] | None = None,
) -> dict[UUID, Card]:
    """
    The contact details of these people for a member of staff, with an audit row for each in the same transaction.

    Of those in ``typed`` it is what was typed in that sign-up, instead of what is known of the person.
    """
    if not person_ids:
        return {}
    typed = typed or {}
    found = await people.people(session, person_ids)
    keys = await vault.keys(person.person_id for person in found)
    known = [person for person in found if person.person_id in keys]
    await people.note_readings(session, [person.person_id for person in known], reader, purpose, now)
    return {
        person.person_id: Card(
            person.person_id,
            keys[person.person_id].open("people", "first_name", told.first_name_sealed) or "",
            keys[person.person_id].open("people", "email", person.email_sealed),
            keys[person.person_id].open("people", "mobile", told.mobile_sealed),
        )
        for person in known
        for told in (typed.get(person.person_id, person),)
    }


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
    All that intake has about somebody, readable, as JSON takes it (GDPR art. 15 and 20).

    With ``centres``, what they told other centres is left out.

    Raises:
        DomainError: ``no_such_person``.
        Forgotten: The key is gone.
    """
    person = await session.get(Person, person_id)
    if person is None:
        raise DomainError("no_such_person", person_id=person_id)
    key = await vault.key(person_id)
    await people.note_readings(session, [person_id], reader, "export", now)
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
                    "max_travel_km", "wheelchair", "groups_also", "groups_only", "language", "signed_up_at",
                    "confirmed_at", "read_at", "talked_at", "withdrawn_at", "expires_at", "group_id", "placed_at",
                ),
                "typed_first_name": key.open("people", "first_name", row.first_name_sealed),
                "typed_mobile": key.open("people", "mobile", row.mobile_sealed),
            }
            for row in await people.signups_of(session, person_id)
            if centres is None or row.centre in centres
        ],
        "consents": [
            _plain(row, "centre", "text_version", "information_version", "language", "given_at", "how", "recorded_by")
            for row in await people.consents_of(session, person_id)
            if centres is None or row.centre in centres
        ],
        "contact_read": [
            _plain(row, "read_at", "reader", "purpose") for row in await people.readings_of(session, person_id)
        ],
    }  # fmt: skip


def _plain(row: object, *names: str) -> dict[str, Any]:
    return {name: _json(getattr(row, name)) for name in names}


def _json(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
