"""Pairs of people who must never be in one group, and conflict-free subsets of people."""

from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from typing import Final, Generic, TypeVar

Person = TypeVar("Person", bound=Hashable)

MOST_CONFLICTING: Final = 12
"""Most people who exclude each other in one cell whose subsets are all compared; staff name a handful."""


class Exclusions(Generic[Person]):
    """
    Pairs of people who must never be in one group; empty for most areas.

    People are named by any hashable: person ids in the matcher, numbers in the optimiser.
    """

    def __init__(self, pairs: Iterable[frozenset[Person]] = ()) -> None:
        self._excluded: dict[Person, set[Person]] = {}
        for pair in pairs:
            for person in pair:
                self._excluded.setdefault(person, set()).update(pair - {person})

    def __bool__(self) -> bool:
        return bool(self._excluded)

    def __iter__(self) -> Iterator[Person]:
        """Iterate over the people who are part of any pair."""
        return iter(self._excluded)

    def excluded_by(self, person: Person) -> Collection[Person]:
        """Return the people who must not be in a group with this person."""
        return self._excluded.get(person, ())

    def conflicts(self, person: Person, others: Collection[Person]) -> bool:
        """Return True if the person must not be in a group with one of the others."""
        return any(excluded in others for excluded in self._excluded.get(person, ()))

    def compatible(self, people: Iterable[Person], members: Iterable[Person] = ()) -> list[Person]:
        """Return people who can join ``members`` together, without any conflict; chosen greedily in priority order."""
        if not self._excluded:
            return list(people)
        group = set(members)
        chosen = []
        for person in people:
            if not self.conflicts(person, group):
                chosen.append(person)
                group.add(person)
        return chosen

    def compatible_subset(self, people: Sequence[Person], enough: int, keep: int = 0) -> list[int]:
        """
        Return a conflict-free subset, as positions in ``people`` in ascending order.

        It is chosen greedily in priority order; if that yields fewer than ``enough``, it is the largest possible one.

        Args:
            people: In priority order, each once.
            enough: The smallest useful size.
            keep: The first ``keep`` people are always included; they must not conflict with each other.
        """
        position_of: dict[Person, int] = {}
        for position, person in enumerate(people):
            if not self.conflicts(person, position_of):
                position_of[person] = position
        if len(position_of) >= enough or len(people) < enough:
            return list(position_of.values())
        kept = people[:keep]
        candidates = [person for person in people[keep:] if not self.conflicts(person, kept)]
        largest = {*kept, *self._largest_compatible(candidates)}
        return [position for position, person in enumerate(people) if person in largest]

    def best_subset(self, people: Sequence[Person], scores: Sequence[float], most: int, keep: int = 0) -> list[int]:
        """
        Return the conflict-free subset of at most ``most`` people with the highest sum of scores, as positions.

        As every score is high, no smaller subset is better. With more than :data:`MOST_CONFLICTING` people who exclude
        each other here it is chosen as by :meth:`compatible_subset`.

        Args:
            people: In priority order, the highest score first, each once.
            scores: Their scores.
            most: The largest useful size.
            keep: The first ``keep`` people are always included; they must not conflict with each other.
        """
        kept, present = set(people[:keep]), set(people)
        positions = [
            position for position, person in enumerate(people) if position < keep or not self.conflicts(person, kept)
        ]
        present = {people[position] for position in positions}
        conflicting = [position for position in positions if self.conflicts(people[position], present)]
        if len(conflicting) > MOST_CONFLICTING:
            return self.compatible_subset(people, most, keep)[:most]
        best: tuple[int, float, list[int]] = (-1, 0.0, [])
        for chosen in self._independent(people, conflicting):
            group = [position for position in positions if position in chosen or position not in conflicting][:most]
            # Positions beyond the kept ones are in order of score, so the first ones are the best.
            value = len(group), sum(scores[position] for position in group)
            if value > best[:2]:
                best = (*value, group)
        return best[2]

    def _independent(self, people: Sequence[Person], conflicting: list[int]) -> Iterator[frozenset[int]]:
        """Yield every conflict-free subset of these positions, those with the first ones first."""
        if not conflicting:
            yield frozenset()
            return
        first, *others = conflicting
        excluded = self._excluded[people[first]]
        for chosen in self._independent(people, [other for other in others if people[other] not in excluded]):
            yield chosen | {first}
        yield from self._independent(people, others)

    def _largest_compatible(self, people: list[Person]) -> list[Person]:
        # Exponential in the number of conflicts, of which staff name a handful.
        branch = next((person for person in people if self.conflicts(person, people)), None)
        if branch is None:
            return people
        others = [person for person in people if person != branch]
        with_branch = [
            branch,
            *self._largest_compatible([person for person in others if person not in self._excluded[branch]]),
        ]
        without_branch = self._largest_compatible(others)
        return with_branch if len(with_branch) > len(without_branch) else without_branch
