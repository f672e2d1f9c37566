"""The summary of a rehearsal, in plain words and as data: people, groups, and tasks of the coordinator."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Final

from selvhjelp.rehearsal.town import words
from selvhjelp.rehearsal.town.cast import Person
from selvhjelp.rehearsal.town.groups import TownGroup
from selvhjelp.rehearsal.town.ledger import Ledger, Outcome

STARTED: Final = frozenset({"accompanied", "independent", "dissolved", "expired"})


@dataclass(frozen=True)
class PersonSummary:
    """
    One person at the end.

    Attributes:
        waited_days: Days from the sign-up to the first group; None without a group.
        gone: True if the person left a group or said goodbye.
    """

    name: str
    waited_days: int | None
    gone: bool


@dataclass(frozen=True)
class Summary:
    """
    The whole rehearsal.

    Attributes:
        days: Days that passed in the town.
        groups: Name, newest state and number of members at the start.
        tasks: Kind, its name, and the number of each outcome.
    """

    days: int
    people: tuple[PersonSummary, ...]
    groups: tuple[tuple[str, str, int], ...]
    tasks: tuple[tuple[str, str, Counter[Outcome]], ...]

    @property
    def outcomes(self) -> Counter[Outcome]:
        """The number of tasks by outcome."""
        return sum((counts for _, _, counts in self.tasks), Counter())

    def as_json(self) -> dict[str, object]:
        """Return the summary as JSON."""
        return {
            "days": self.days,
            "people": {
                "signed_up": len(self.people),
                "got_a_group": sum(person.waited_days is not None for person in self.people),
                "left": sum(person.gone for person in self.people),
                "median_wait_days": self._median_wait(),
            },
            "groups": [{"name": name, "state": state, "size": size} for name, state, size in self.groups],
            "tasks": {
                kind: {outcome.value: counts[outcome] for outcome in Outcome if counts[outcome]}
                for kind, _, counts in self.tasks
            },
        }

    def _median_wait(self) -> int | None:
        waits = [person.waited_days for person in self.people if person.waited_days is not None]
        return round(median(waits)) if waits else None

    # In words.

    def about_people(self) -> Iterator[str]:
        """Yield sentences about the people."""
        placed = [person for person in self.people if person.waited_days is not None]
        without = [person.name for person in self.people if person.waited_days is None]
        yield words.placed(len(self.people), len(placed), self._median_wait())
        if without:
            yield words.without_group(without)
        if left := [person.name for person in self.people if person.gone]:
            yield words.left(left)

    def about_groups(self) -> Iterator[str]:
        """Yield a sentence about each group."""
        for name, state, size in self.groups:
            yield words.group_at_the_end(name, state, size)

    def about_tasks(self) -> Iterator[tuple[str, str, list[str]]]:
        """Yield the name of each kind of task, its outcomes, and what they meant."""
        for kind, label, counts in self.tasks:
            yield label, words.outcomes(counts), words.meanings(kind, counts)

    def lines(self) -> Iterator[str]:
        """Yield the whole as lines for a terminal."""
        yield words.heading(self.days)
        for heading, sentences in (
            (words.PEOPLE, self.about_people()),
            (words.GROUPS, self.about_groups()),
        ):
            yield ""
            yield heading
            yield from (f"  {sentence}" for sentence in sentences)
        yield ""
        yield f"{words.TASKS}: {words.outcomes(self.outcomes) or words.NO_TASKS}"
        for label, outcomes, meanings in self.about_tasks():
            yield f"  {label}: {outcomes}"
            yield from (f"      {meaning}" for meaning in meanings)


def summary_of(
    began: datetime,
    now: datetime,
    people: Iterable[Person],
    groups: Sequence[TownGroup],
    ledger: Ledger,
    label: Callable[[str], str],
) -> Summary:
    """
    Return the summary at a moment.

    Args:
        began: The first moment.
        now: The present one.
        people: Everybody; those who have not signed up yet are left out.
        groups: All groups so far; those that were discarded as drafts are left out.
        ledger: The tasks so far.
        label: Returns the name of a kind of task.
    """
    return Summary(
        days=(now - began).days,
        people=tuple(
            PersonSummary(
                person.name,
                None if person.placed_at is None else (person.placed_at - person.signed_up_at).days,
                person.gone,
            )
            for person in people
            if person.signed_up_at is not None
        ),
        groups=tuple((group.name, group.state, group.size) for group in groups),
        tasks=tuple((kind, label(kind), counts) for kind, counts in ledger.counts().items()),
    )
