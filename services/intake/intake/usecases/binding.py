"""
Binding of an unconfirmed sign-up to a person: a new one, or one who is known already.

Every submission opens a person of its own. The one who confirms says who it is; only then do consent, name, number and
wishes reach a person who is known.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.store import Person, Signup, confirmations, outbox, people, signups
from intake.usecases.blind_indexes import own_index
from intake.usecases.locks import lock_person
from intake.vault.vault import Vault
from shared.errors import NotFoundError
from shared.events.people import Erased
from shared.kit.messaging.causes import Cause

Choice = Literal["new"] | UUID
"""A new person, or the id of one who is known."""


async def owners_of(session: AsyncSession, vault: Vault, person: Person) -> Sequence[Person]:
    """
    Lock the address of an unconfirmed person, and return the known people who share it, oldest first.

    A person who is known already has no other owner: more sign-ups of before belong to the same one.
    """
    if person.confirmed_at is not None or person.address_index is None:
        return ()
    index = await own_index(vault, person)
    assert index is not None
    await people.lock_address(session, index)
    return await people.owners(session, index)


async def bind(
    session: AsyncSession, vault: Vault, row: Signup, person: Person, owner_id: UUID, *, now: datetime, cause: Cause
) -> Person:
    """
    Move an unconfirmed sign-up with its consents and confirmations to a known person, who gets its name and number.

    The person that the submission opened is deleted; the key is left without a person and deleted by the job for such.

    The caller has locked both.

    Raises:
        NotFoundError: ``unknown_person``: one of the two was erased meanwhile.
    """
    owner = await lock_person(session, owner_id)
    keys = await vault.keys([owner_id, person.person_id])
    if owner is None or len(keys) < 2:
        raise NotFoundError("unknown_person", person_id=owner_id)
    typed, own = keys[person.person_id], keys[owner_id]
    first_name = typed.open("people", "first_name", person.first_name_sealed) or ""
    owner.first_name_sealed = own.seal("people", "first_name", first_name) or b""
    owner.mobile_sealed = own.seal("people", "mobile", typed.open("people", "mobile", person.mobile_sealed))
    owner.mobile_bucket = person.mobile_bucket
    row.person_id = owner_id
    await session.flush()
    await people.move_consents(session, person.person_id, owner_id)
    await confirmations.move(session, row.signup_id, owner_id)
    if not await signups.of_person(session, person.person_id):
        await retire(session, person, now=now, cause=cause)
    return owner


async def retire(session: AsyncSession, person: Person, *, now: datetime, cause: Cause) -> None:
    """Delete a person that a submission opened, after everything was moved to the one who confirmed it."""
    session.expunge(person)
    await people.delete(session, person.person_id)
    erased = Erased(**cause.stamp(Erased, person.person_id, now), person_id=person.person_id, signup_ids=())
    await outbox.add(session, erased)
