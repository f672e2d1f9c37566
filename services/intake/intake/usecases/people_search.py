"""
Search among people whose names are sealed: they are opened here, compared, and let go.

No index of names or numbers is stored. There are so few first names and numbers that each could be tried against one,
and an index would have to be erased with the person.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.people_search import PeopleSearch
from intake.store import Person, Signup, audit_log, people, signups
from intake.usecases.contacts import unconfirmed_only
from intake.vault.person_key import PersonKey
from intake.vault.vault import Vault
from shared.kit.audit import Actor

PEOPLE_AT_ONCE: Final = 1000


@dataclass(frozen=True)
class Found:
    """
    The people that a search means.

    Attributes:
        rows: The newest sign-up of each with the centres, newest first.
    """

    rows: tuple[Signup, ...]


async def search_people(
    session: AsyncSession, vault: Vault, search: PeopleSearch, centre_ids: Sequence[str], *, actor: Actor
) -> Found:
    """
    Return all people of these centres whom the search means, and record that a search was made, without its text.

    The names that are then shown are recorded by the page, as on the list of people.
    """
    matching: list[UUID] = []
    after: UUID | None = None
    while person_ids := await signups.people_of_centres(session, centre_ids, after=after, limit=PEOPLE_AT_ONCE):
        after = person_ids[-1]
        rows = await signups.of_people(session, person_ids, centre_ids)
        typed = unconfirmed_only(rows)
        keys = await vault.keys(person_ids)
        candidates = [
            (person, typed.get(person.person_id, person), keys[person.person_id])
            for person in await people.by_ids(session, person_ids)
            if person.person_id in keys
        ]
        matching += await asyncio.to_thread(_matching, search, candidates)
        session.expunge_all()
    newest = {row.person_id: row for row in await signups.of_people(session, matching, centre_ids)}
    await audit_log.record_for(session, actor, "people.searched", centre_ids)
    return Found(tuple(sorted(newest.values(), key=lambda row: (row.signed_up_at, row.signup_id), reverse=True)))


def _matching(search: PeopleSearch, candidates: list[tuple[Person, Person | Signup, PersonKey]]) -> list[UUID]:
    return [person.person_id for person, source, key in candidates if _matches(search, person, source, key)]


def _matches(search: PeopleSearch, person: Person, source: Person | Signup, key: PersonKey) -> bool:
    """Open only the value that the search compares."""
    return search.matches(
        (key.open("people", "first_name", source.first_name_sealed) or "") if search.name else "",
        key.open("people", "mobile", source.mobile_sealed) if search.digits else None,
        key.open("people", "email", person.email_sealed) if search.address else None,
    )
