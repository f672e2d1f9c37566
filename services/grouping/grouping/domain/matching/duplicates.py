"""Newer sign-ups of people whose older sign-up is still waiting."""

from collections.abc import Iterator
from uuid import UUID

from grouping.domain.matching.cells import WaitingPerson


class DuplicateSignups:
    """Sign-ups that take no part in matching until the person's older ones are removed."""

    def __init__(self) -> None:
        self._signups_of_person: dict[UUID, dict[UUID, WaitingPerson]] = {}
        self._person_of_signup: dict[UUID, UUID] = {}

    def __iter__(self) -> Iterator[WaitingPerson]:
        return (signup for signups in self._signups_of_person.values() for signup in signups.values())

    def add(self, signup: WaitingPerson) -> None:
        """Add one more sign-up of a person."""
        self._signups_of_person.setdefault(signup.person_id, {})[signup.signup_id] = signup
        self._person_of_signup[signup.signup_id] = signup.person_id

    def discard(self, signup_id: UUID) -> None:
        """Remove a sign-up; nothing happens if it is unknown."""
        person_id = self._person_of_signup.pop(signup_id, None)
        if person_id is not None:
            signups = self._signups_of_person[person_id]
            del signups[signup_id]
            if not signups:
                del self._signups_of_person[person_id]

    def discard_person(self, person_id: UUID) -> None:
        """Remove all sign-ups of a person."""
        for signup_id in self._signups_of_person.pop(person_id, ()):
            del self._person_of_signup[signup_id]

    def pop_oldest(self, person_id: UUID) -> WaitingPerson | None:
        """Remove and return the person's oldest sign-up; None if there is none."""
        signups = self._signups_of_person.get(person_id, {}).values()
        oldest = min(signups, key=lambda signup: signup.seniority, default=None)
        if oldest is not None:
            self.discard(oldest.signup_id)
        return oldest
