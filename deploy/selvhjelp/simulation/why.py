"""Why somebody has waited in vain, as the one change that would have helped."""

from dataclasses import replace
from typing import Final

import numpy as np

from grouping.domain.matching.cells import Wishes
from grouping.domain.matching.matcher import AreaMatcher
from selvhjelp.simulation.world import EVENINGS, TONGUES

FURTHER_KM: Final = 20


def why(board: AreaMatcher, wishes: Wishes, size_min: int) -> str:
    """
    What was missing, for somebody who does not wait any more.

    Returns:
        ``room`` or ``starter`` where there were people enough, or ``round`` where only the day on which groups are
        made had not come. Otherwise ``evening``, ``language`` or ``travel``, the first that with nothing else changed
        had given enough people, and ``nobody`` where none of them had.
    """
    ready = _enough(board, wishes, size_min)
    if len(ready):
        lacking = [board.capacity.missing(board.cell_index.cell(number)) for number in ready.tolist()]
        if not all(lacking):
            return "round"
        return "room" if all("room" in what for what in lacking) else "starter"
    every_language = tuple(sorted({language for spoken in TONGUES for language in spoken}))
    for reason, wider in (
        ("evening", replace(wishes, slots=EVENINGS)),
        ("language", replace(wishes, languages=every_language)),
        ("travel", replace(wishes, max_travel_km=wishes.max_travel_km + FURTHER_KM)),
    ):
        if len(_enough(board, wider, size_min)):
            return reason
    return "nobody"


def _enough(board: AreaMatcher, wishes: Wishes, size_min: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """The numbers of the cells where the others are enough; those where a group can never meet left out."""
    layout = board.cell_index
    cells = (
        layout.reachable_places(wishes).places[:, None] * np.int32(layout.cells_per_place) + layout.time_offsets(wishes)
    ).ravel()
    possible = board.capacity.feasible.ravel()[cells // layout.cells_per_slot]
    found = cells[possible & (board.waiting_counts[cells] >= size_min - 1)]
    return np.asarray(found, dtype=np.int32)
