"""People with the same phone number, found by a bucket that many numbers share, and told apart by the number."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.contacts import Purpose
from intake.store import Person, Signup, Submission, contact_readings, people, signups
from intake.usecases.confirm import confirm_as_known_person
from intake.vault.vault import Vault
from shared.errors import NotFoundError
from shared.kit.audit import Actor
from shared.reference.centres import Centres


async def with_number_of(
    vault: Vault, one: Person | Submission, candidates: Sequence[Person | Submission]
) -> list[Person | Submission]:
    """Return those of the candidates, all of the same bucket, that have the same number."""
    others = [other for other in candidates if other.person_id != one.person_id]
    if not others:
        return []
    keys = await vault.keys([one.person_id, *(other.person_id for other in others)])

    def number(row: Person | Submission) -> str | None:
        key = keys.get(row.person_id)
        return key.open("people", "mobile", row.mobile_sealed) if key else None

    own = number(one)
    return [other for other in others if own is not None and number(other) == own]


@dataclass(frozen=True, slots=True)
class SameNumber:
    """
    Another person with the same number.

    Attributes:
        confirmed: False if that sign-up waits for the same call.
        slots: When that person can meet.
    """

    person_id: UUID
    first_name: str
    confirmed: bool
    slots: tuple[str, ...]


async def people_with_number_of(
    session: AsyncSession, vault: Vault, person_id: UUID, centres: Collection[str], *, actor: Actor
) -> list[SameNumber]:
    """Return the other people of these centres with the person's number, and record that their names are read."""
    same = await _same(session, vault, person_id, centres)
    keys = await vault.keys(row.person_id for row in same)
    await contact_readings.record(session, [row.person_id for row in same], actor.username, Purpose.LIST, actor.now)
    found = []
    for row in same:
        if row.person_id in keys:
            first_name = keys[row.person_id].open("people", "first_name", row.first_name_sealed) or ""
            own = [signup for signup in await signups.of_person(session, row.person_id) if signup.centre in centres]
            slots = tuple(own[-1].slots) if own else ()
            found.append(SameNumber(row.person_id, first_name, row.confirmed_at is not None, slots))
    return found


async def confirm_same_number(
    session: AsyncSession,
    vault: Vault,
    centres: Centres,
    signup: Signup,
    person_id: UUID,
    own_centres: Collection[str],
    *,
    actor: Actor,
) -> None:
    """
    Confirm a sign-up as new wishes of a known person with the same number.

    Raises:
        NotFoundError: ``unknown_person`` unless that person is confirmed, of these centres, and has the same number.
    """
    same = await _same(session, vault, signup.person_id, own_centres)
    if person_id not in {row.person_id for row in same if row.confirmed_at is not None}:
        raise NotFoundError("unknown_person", person_id=person_id)
    await confirm_as_known_person(session, vault, centres, signup.signup_id, person_id, actor=actor)


async def _same(session: AsyncSession, vault: Vault, person_id: UUID, centres: Collection[str]) -> list[Person]:
    person = await people.get(session, person_id)
    if person is None or person.mobile_bucket is None:
        return []
    candidates = await people.of_bucket(session, person.mobile_bucket, centres)
    return [row for row in await with_number_of(vault, person, candidates) if isinstance(row, Person)]
