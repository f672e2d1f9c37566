"""Further sign-ups of people who wait with an older one."""

from collections.abc import Iterator
from uuid import UUID

from grouping.domain.matching.cells import WaitingPerson


class DuplicateSignups:
    """Sign-ups that count only when the person's older ones are gone."""

    def __init__(self) -> None:
        self._of: dict[UUID, dict[UUID, WaitingPerson]] = {}
        self._person: dict[UUID, UUID] = {}

    def __iter__(self) -> Iterator[WaitingPerson]:
        return (who for own in self._of.values() for who in own.values())

    def add(self, who: WaitingPerson) -> None:
        """One more sign-up of a person who waits already."""
        self._of.setdefault(who.person_id, {})[who.signup_id] = who
        self._person[who.signup_id] = who.person_id

    def discard(self, signup_id: UUID) -> None:
        """A sign-up does not wait any more; nothing happens where it is not here."""
        person_id = self._person.pop(signup_id, None)
        if person_id is not None:
            own = self._of[person_id]
            del own[signup_id]
            if not own:
                del self._of[person_id]

    def discard_person(self, person_id: UUID) -> None:
        """Nothing of this person waits any more."""
        for signup_id in self._of.pop(person_id, ()):
            del self._person[signup_id]

    def pop_oldest(self, person_id: UUID) -> WaitingPerson | None:
        """The sign-up that counts now, no longer here; None where the person has no more."""
        oldest = min(self._of.get(person_id, {}).values(), key=lambda who: who.seniority, default=None)
        if oldest is not None:
            self.discard(oldest.signup_id)
        return oldest
