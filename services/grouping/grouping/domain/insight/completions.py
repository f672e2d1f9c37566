"""
The smallest change of one waiting person's limits that would complete a possible group.

Staff may ask a person whether it is possible; nobody's limits are changed here, and why they are as they are is not
known.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from grouping.domain.matching.cells import Cell, Place, WaitingPerson, Wishes, fits, travel_km
from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.objective import DIGITAL_AS_KM, IF_NEEDED_AS_KM

MOST_COMPLETIONS: Final = 10
FURTHEST_KM: Final = 40
"""No person is named who would have to travel further beyond the own limit than this."""

CompletionKind = Literal["travel", "screen", "slot", "language"]


@dataclass(frozen=True, slots=True)
class Completion:
    """
    One waiting person who would complete a group with one change.

    Attributes:
        kind: A longer journey, a meeting on screen, one more slot if need be, or one more language.
        km: The least additional travel, whole kilometres; None for other kinds.
        wishes: The person's limits after the change.
    """

    person: WaitingPerson
    kind: CompletionKind
    km: int | None
    wishes: Wishes

    @property
    def effort_km(self) -> float:
        """The size of the change in the objective's kilometres; another language is the largest."""
        return {"travel": self.km or 0, "screen": DIGITAL_AS_KM, "slot": IF_NEEDED_AS_KM, "language": math.inf}[
            self.kind
        ]


def people_able(matcher: AreaMatcher, cell: Cell) -> int:
    """Return the number of people who could meet in a cell, at most one of each pair that is kept apart."""
    number = matcher.cell_index.number(cell)
    return 0 if number is None else len(matcher.compatible_people(number))


def completions(matcher: AreaMatcher, cell: Cell, most: int = MOST_COMPLETIONS) -> tuple[Completion, ...]:
    """
    Return the people of whom any one would complete a group in this cell, the smallest change first.

    There are none if the cell has enough people, lacks more than one, or no group can ever meet there.
    """
    number = matcher.cell_index.number(cell)
    enough = matcher.config.size_min
    if number is None or not enough - 1 <= int(matcher.waiting_counts[number]):
        return ()
    if len(matcher.compatible_people(number)) >= enough:
        return ()
    place = matcher.cell_index.places[matcher.cell_index.place_numbers[cell.place]]
    changes = [_change(matcher.pool.people[row], cell, place) for row in matcher.pool.rows()]
    possible = sorted(
        (change for change in changes if change is not None),
        key=lambda change: (change.effort_km, change.person.seniority),
    )
    found: list[Completion] = []
    for change in possible:
        if len(found) == most:
            break
        row = matcher.pool.row_of_signup[change.person.signup_id]
        together = matcher.compatible_people(number, row)
        if len(together) >= enough and row in together:
            found.append(change)
    return tuple(found)


def _change(person: WaitingPerson, cell: Cell, place: Place) -> Completion | None:
    """Return the one change after which the person fits the cell; None if none is enough, or none is needed."""
    if cell in person.declined or fits(person.wishes, cell, place):
        return None
    return next((change for change in _changes(person, cell, place) if fits(change.wishes, cell, place)), None)


def _changes(person: WaitingPerson, cell: Cell, place: Place) -> Iterator[Completion]:
    wishes = person.wishes
    km = 0 if place.digital else math.ceil(travel_km(wishes, place) - wishes.max_travel_km)
    if 0 < km <= FURTHEST_KM:
        yield Completion(person, "travel", km, replace(wishes, max_travel_km=wishes.max_travel_km + km))
    if place.digital and wishes.digital == "no":
        yield Completion(person, "screen", None, replace(wishes, digital="also"))
    if cell.slot not in wishes.possible_slots:
        yield Completion(person, "slot", None, replace(wishes, slots_if_needed=(*wishes.slots_if_needed, cell.slot)))
    if cell.language not in wishes.languages:
        yield Completion(person, "language", None, replace(wishes, languages=(*wishes.languages, cell.language)))
