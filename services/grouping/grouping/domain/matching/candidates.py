"""Build the best candidate group per cell around one required member."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import numpy as np

from grouping.domain.matching.exclusions import Exclusions
from grouping.domain.matching.group_sizes import best_split
from grouping.domain.matching.model import AreaConfig
from grouping.domain.matching.waiting_pool import WaitingPool

CANDIDATE_CELLS: Final = 4
"""Number of cells compared for a person's group: the fullest, the nearest of equals."""


@dataclass(frozen=True, slots=True)
class CandidateGroup:
    """
    A group that could be formed.

    Attributes:
        score: Sum of its members' scores, see :mod:`grouping.domain.matching.objective`; the required member counts 1.
        cell_number: Its cell's number.
        rows: Its members, as rows of the waiting pool.
        max_size: The largest size of a group in its cell.
    """

    score: float
    cell_number: int
    rows: list[int]
    max_size: int


def candidate_groups(
    pool: WaitingPool,
    exclusions: Exclusions[UUID],
    config: AreaConfig,
    cells: Sequence[int],
    required_member: int,
    now: datetime,
) -> list[CandidateGroup]:
    """
    Return the candidate group with the highest score in each of these cells; cells with too few people are left out.

    Every candidate includes ``required_member``, a row of the pool. Cells are evaluated in one batch because that is
    twice as fast.
    """
    fitting = [pool.people_fitting(cell) for cell in cells]
    lengths = [len(rows) for rows, _ in fitting]
    all_rows, distances_km = (np.concatenate(columns) for columns in zip(*fitting, strict=True))
    all_scores = pool.scores(all_rows, distances_km, now)
    all_scores[all_rows == required_member] = np.inf  # ranks first in every cell
    cell_positions = np.repeat(np.arange(len(cells)), lengths)
    ranking = np.lexsort((pool.tie_breaks[all_rows], pool.signed_up_seconds[all_rows], -all_scores, cell_positions))
    ranked_rows, ranked_scores = all_rows[ranking].tolist(), all_scores[ranking].tolist()
    candidates, end = [], 0
    for cell, length in zip(cells, lengths, strict=True):
        start, end = end, end + length
        compatible = compatible_positions(pool, exclusions, ranked_rows[start:end], config.size_min, keep=1)
        max_size = pool.cell_index.places[cell // pool.cell_index.cells_per_place].largest_group(config.size_max)
        # Of a crowd only four full groups are considered: the next group is then a full one.
        sizes = best_split(min(len(compatible), 4 * max_size), config.size_min, max_size)
        if sizes:
            members = [start + position for position in compatible[: sizes[0]]]
            group_score = 1.0 + sum(ranked_scores[member] for member in members[1:])
            candidates.append(CandidateGroup(group_score, cell, [ranked_rows[member] for member in members], max_size))
    return candidates


def compatible_positions(
    pool: WaitingPool, exclusions: Exclusions[UUID], rows: Sequence[int], enough: int, keep: int = 0
) -> Sequence[int]:
    """Return the positions of a conflict-free subset of rows; see :meth:`Exclusions.compatible_subset`."""
    if not exclusions:
        return range(len(rows))
    return exclusions.compatible_subset([pool.people[row].person_id for row in rows], enough, keep)
