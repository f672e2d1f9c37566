"""Which group it would be in each of some cells, for somebody who must be in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from grouping.domain.matching.exclusions import Exclusions
from grouping.domain.matching.group_sizes import best_split
from grouping.domain.matching.model import AreaConfig
from grouping.domain.matching.waiting_pool import WaitingPool


@dataclass(frozen=True, slots=True)
class CandidateGroup:
    """
    A group that could be made.

    Attributes:
        worth: What it is worth to place these people; see :mod:`grouping.domain.matching.objective`.
        number: Of the cell.
        rows: Who would be in it.
        most: How many could.
    """

    score: float
    cell_number: int
    rows: list[int]
    max_size: int


def candidate_groups(
    crowd: WaitingPool, apart: Exclusions, config: AreaConfig, numbers: Sequence[int], anchor: int, now: datetime
) -> list[CandidateGroup]:
    """
    One for each of the cells with these numbers where there can be a group with the anchor: those with whom it is worth
    most. The anchor is a row. To look at several cells together takes half the time.
    """
    fitting = [crowd.people_fitting(number) for number in numbers]
    lengths = [len(rows) for rows, _ in fitting]
    rows, km = (np.concatenate(columns) for columns in zip(*fitting, strict=True))
    worth = crowd.scores(rows, km, now)
    worth[rows == anchor] = np.inf
    of = np.repeat(np.arange(len(numbers)), lengths)
    order = np.lexsort((crowd.tie_breaks[rows], crowd.signed_up_seconds[rows], -worth, of))
    everybody, worths, found, end = rows[order].tolist(), worth[order].tolist(), [], 0
    for number, length in zip(numbers, lengths, strict=True):
        start, end = end, end + length
        at = [
            start + position
            for position in compatible_positions(crowd, apart, everybody[start:end], config.size_min, keep=1)
        ]
        most = crowd.cell_index.places[number // crowd.cell_index.cells_per_place].largest_group(config.size_max)
        sizes = best_split(min(len(at), 4 * most), config.size_min, most)
        if sizes:
            chosen = at[: sizes[0]]
            value = 1.0 + sum(worths[position] for position in chosen[1:])
            found.append(CandidateGroup(value, number, [everybody[position] for position in chosen], most))
    return found


def compatible_positions(
    crowd: WaitingPool, apart: Exclusions, rows: Sequence[int], enough: int, keep: int = 0
) -> Sequence[int]:
    """The positions of those who can all meet; see :meth:`Apart.at_peace`."""
    if not apart:
        return range(len(rows))
    return apart.compatible_subset([crowd.people[row].person_id for row in rows], enough, keep)
