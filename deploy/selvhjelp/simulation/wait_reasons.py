"""The reason for a wait in vain, as the one change that would have helped."""

from dataclasses import replace
from typing import Final

import numpy as np

from grouping.domain.matching.cells import Wishes
from grouping.domain.matching.matcher import AreaMatcher
from selvhjelp.simulation.world import EVENINGS, LANGUAGES

FURTHER_KM: Final = 20


def wait_reason(matcher: AreaMatcher, wishes: Wishes, size_min: int) -> str:
    """
    Return the reason that a person who was just removed from the matcher got no group.

    Returns:
        With enough people in a cell: ``room`` or ``starter`` if that was missing, else ``round``: the next forming of
        groups had not come. Otherwise ``evening``, ``language`` or ``travel``, the first that alone would have given
        enough people, or ``nobody`` if none would.
    """
    cells = _cells_with_enough(matcher, wishes, size_min)
    if len(cells):
        missing = [matcher.capacity.missing(matcher.cell_index.cell(number)) for number in cells.tolist()]
        if not all(missing):
            return "round"
        return "room" if all("room" in resources for resources in missing) else "starter"
    every_language = tuple(sorted({language for languages in LANGUAGES for language in languages}))
    for reason, wider in (
        ("evening", replace(wishes, slots=EVENINGS)),
        ("language", replace(wishes, languages=every_language)),
        ("travel", replace(wishes, max_travel_km=wishes.max_travel_km + FURTHER_KM)),
    ):
        if len(_cells_with_enough(matcher, wider, size_min)):
            return reason
    return "nobody"


def _cells_with_enough(
    matcher: AreaMatcher, wishes: Wishes, size_min: int
) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """Return the feasible cells in which the other people are enough for a group."""
    index = matcher.cell_index
    places = index.reachable_places(wishes).places
    cells = (places[:, None] * np.int32(index.cells_per_place) + index.time_offsets(wishes)).ravel()
    feasible = matcher.capacity.feasible.ravel()[cells // index.cells_per_slot]
    return np.asarray(cells[feasible & (matcher.waiting_counts[cells] >= size_min - 1)], dtype=np.int32)
