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
"""Number of cells compared for the group of a person among many: the fullest first, the nearest of equals."""

FEW_PEOPLE: Final = 50
"""Number of waiting people up to which all cells are compared. Among thousands that took a third longer."""


@dataclass(slots=True)
class CandidateGroup:
    """
    A group that could be formed.

    Attributes:
        score: Sum of its members' scores, see :mod:`grouping.domain.matching.objective`; the matcher subtracts what it
            lacks.
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
    cell_positions = np.repeat(np.arange(len(cells)), lengths)
    all_scores = pool.scores(all_rows, distances_km, np.asarray(cells, dtype=np.int32)[cell_positions], now)
    is_required = all_rows == required_member
    # Lists, because they are read one by one; the required member ranks first in every cell.
    order = (pool.tie_breaks[all_rows], pool.signed_up_seconds[all_rows], -all_scores, ~is_required, cell_positions)
    ranking = np.lexsort(order)
    ranked_rows, ranked_scores = all_rows[ranking].tolist(), all_scores[ranking].tolist()
    candidates, end = [], 0
    for cell, length in zip(cells, lengths, strict=True):
        start, end = end, end + length
        rows, scores = ranked_rows[start:end], ranked_scores[start:end]
        max_size = pool.cell_index.places[cell // pool.cell_index.cells_per_place].largest_group(config.size_max)
        members = _best_members(pool, exclusions, config, rows, scores, max_size)
        if members:
            group_score = sum(scores[member] for member in members)
            candidates.append(CandidateGroup(group_score, cell, [rows[member] for member in members], max_size))
    return candidates


def _best_members(
    pool: WaitingPool,
    exclusions: Exclusions[UUID],
    config: AreaConfig,
    rows: Sequence[int],
    scores: Sequence[float],
    max_size: int,
) -> Sequence[int]:
    """Return the positions of a group's members among the people of a cell, of whom the first is required."""
    # Of a crowd only four full groups are considered: the next group is then a full one.
    most = 4 * max_size
    if not exclusions:
        sizes = best_split(min(len(rows), most), config.size_min, max_size)
        return range(sizes[0]) if sizes else ()
    people = [pool.people[row].person_id for row in rows]
    compatible = exclusions.best_subset(people, scores, most, keep=1)
    sizes = best_split(len(compatible), config.size_min, max_size)
    return exclusions.best_subset(people, scores, sizes[0], keep=1) if sizes else ()


def compatible_positions(
    pool: WaitingPool, exclusions: Exclusions[UUID], rows: Sequence[int], enough: int, keep: int = 0
) -> Sequence[int]:
    """Return the positions of a conflict-free subset of rows; see :meth:`Exclusions.compatible_subset`."""
    if not exclusions:
        return range(len(rows))
    return exclusions.compatible_subset([pool.people[row].person_id for row in rows], enough, keep)
