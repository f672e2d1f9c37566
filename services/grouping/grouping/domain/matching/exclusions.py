"""Who must never meet whom, and who of a crowd can then meet."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID


class Exclusions:
    """Pairs of people who must never be in one group; empty for most areas."""

    def __init__(self, pairs: Iterable[frozenset[UUID]] = ()) -> None:
        self._enemies: dict[UUID, set[UUID]] = {}
        for pair in pairs:
            for one in pair:
                self._enemies.setdefault(one, set()).update(pair - {one})

    def __bool__(self) -> bool:
        return bool(self._enemies)

    def conflicts(self, person: UUID, others: Collection[UUID]) -> bool:
        """Whether this person must not meet one of the others."""
        return any(enemy in others for enemy in self._enemies.get(person, ()))

    def compatible_subset(self, people: Sequence[UUID], enough: int, keep: int = 0) -> list[int]:
        """
        Who of these can all meet: of two who must not, the first; or the most who can, where that would be too few.

        Args:
            people: The most important first.
            enough: Fewer than this are too few.
            keep: So many of the first are in it in any case; they can meet one another.

        Returns:
            Their positions, in order.
        """
        kept: dict[UUID, int] = {}
        for position, person in enumerate(people):
            if not self.conflicts(person, kept):
                kept[person] = position
        if len(kept) >= enough or len(people) < enough:
            return list(kept.values())
        sure = people[:keep]
        most = set(
            self._largest_compatible([person for person in people[keep:] if not self.conflicts(person, sure)])
        ).union(sure)
        return [position for position, person in enumerate(people) if person in most]

    def _largest_compatible(self, people: list[UUID]) -> list[UUID]:
        # Staff name a handful of pairs, so that to try both ways with each is soon done.
        split = next((person for person in people if self.conflicts(person, people)), None)
        if split is None:
            return people
        without = [person for person in people if person != split]
        friends = self._largest_compatible([person for person in without if person not in self._enemies[split]])
        others = self._largest_compatible(without)
        return [split, *friends] if len(friends) >= len(others) else others
