"""Hidden cells of tables of counts: no reader can compute one, by subtraction or by trying all tables."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.domain.suppression import LARGEST_HIDDEN, Position, hidden_cells, with_sums

Table = tuple[tuple[int, ...], ...]


def published(table: Table, hidden: frozenset[Position]) -> tuple[int | None, ...]:
    sums = with_sums(table)
    return tuple(
        None if (row, column) in hidden else count for row, line in enumerate(sums) for column, count in enumerate(line)
    )


def tables(rows: int, columns: int, most: int) -> list[Table]:
    numbers = itertools.product(range(most + 1), repeat=rows * columns)
    return (
        [tuple(itertools.batched(each, columns)) for each in numbers]
        if hasattr(itertools, "batched")
        else [tuple(tuple(each[row * columns : (row + 1) * columns]) for row in range(rows)) for each in numbers]
    )


@pytest.mark.parametrize(("rows", "columns", "most"), [(1, 1, 12), (1, 2, 18), (1, 3, 13), (2, 1, 18), (2, 2, 10)])
def test_hidden_cell_of_small_table_has_two_values(rows: int, columns: int, most: int) -> None:
    """Try all tables: for each published one there are two with another count in each hidden cell."""
    every = tables(rows, columns, most)
    checked = [each for each in every if max(map(max, each)) <= most - 2]
    by_pattern: defaultdict[frozenset[Position], list[Table]] = defaultdict(list)
    for table in checked:
        by_pattern[hidden_cells(table)].append(table)
    for hidden, own in by_pattern.items():
        values: defaultdict[tuple[int | None, ...], defaultdict[Position, set[int]]] = defaultdict(
            lambda: defaultdict(set)
        )
        for table in every:
            sums = with_sums(table)
            for row, column in hidden:
                values[published(table, hidden)][row, column].add(sums[row][column])
        for table in own:
            for cell in hidden:
                assert len(values[published(table, hidden)][cell]) > 1, (table, cell)


def test_hidden_cell_has_two_values_beside_quarters_told_before() -> None:
    """As above, for a reader who kept what was shown of the first column while the second went on."""
    every = tables(2, 2, 10)

    def told(table: Table) -> int | None:
        total = with_sums(table)[-1][0]
        return total if total > LARGEST_HIDDEN else None

    by_pattern: defaultdict[frozenset[Position], list[Table]] = defaultdict(list)
    for table in every:
        if max(map(max, table)) <= 8:
            hidden = hidden_cells(table, told_before=(0,))
            assert ((2, 0) in hidden) == (told(table) is None)
            by_pattern[hidden].append(table)
    for hidden, own in by_pattern.items():
        values: defaultdict[tuple[object, ...], defaultdict[Position, set[int]]] = defaultdict(lambda: defaultdict(set))
        for table in every:
            for row, column in hidden:
                values[published(table, hidden), told(table)][row, column].add(with_sums(table)[row][column])
        for table in own:
            for cell in hidden:
                assert len(values[published(table, hidden), told(table)][cell]) > 1, (table, cell)


def test_quarters_known_as_small_do_not_follow_from_their_sum() -> None:
    """Two quarters of five: whoever saw 18 in the year and 8 in the third quarter would know that neither is less."""
    assert {(2, 2), (2, 3)} & hidden_cells([[1, 0, 8], [4, 5, 0]], told_before=(0, 1))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(*[st.one_of(st.integers(0, 8), st.integers(0, 60))] * 4), min_size=1, max_size=7))
def test_quarter_told_before_is_shown_again_or_hidden_again(counts: Sequence[Sequence[int]]) -> None:
    hidden = hidden_cells(counts, told_before=range(3))
    totals = with_sums(counts)[-1]
    assert [(len(counts), column) in hidden for column in range(3)] == [total <= LARGEST_HIDDEN for total in totals[:3]]


def equations(rows: int, columns: int) -> Iterable[np.ndarray]:
    """Yield what every table with sums satisfies: the coefficients of an equation whose right side is 0."""
    for row in range(rows + 1):
        line = np.zeros((rows + 1, columns + 1))
        line[row, :columns], line[row, columns] = 1, -1
        yield line.ravel()
    for column in range(columns + 1):
        line = np.zeros((rows + 1, columns + 1))
        line[:rows, column], line[rows, column] = 1, -1
        yield line.ravel()


COUNTS = st.one_of(st.integers(0, 8), st.integers(0, 60))


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 4).flatmap(lambda columns: st.lists(st.tuples(*[COUNTS] * columns), min_size=1, max_size=7)))
def test_hidden_cells_do_not_follow_from_the_equations(counts: Sequence[Sequence[int]]) -> None:
    hidden = hidden_cells(counts)
    rows, columns = len(counts), len(counts[0])
    sums = with_sums(counts)
    small = {(row, column) for row, line in enumerate(sums) for column, count in enumerate(line)
             if count <= LARGEST_HIDDEN}  # fmt: skip
    assert small <= hidden
    unknown = [row * (columns + 1) + column for row, column in sorted(hidden)]
    matrix = np.array(list(equations(rows, columns)))[:, unknown]
    rank = np.linalg.matrix_rank(matrix) if unknown else 0
    for number in range(len(unknown)):
        alone = np.zeros((1, len(unknown)))
        alone[0, number] = 1
        assert np.linalg.matrix_rank(np.vstack([matrix, alone])) > rank, sorted(hidden)[number]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([[9, 10, 11, 12]], frozenset()),
        ([[9, 4, 11, 12]], {(0, 0), (0, 1), (1, 0), (1, 1)}),
        ([[9, 4], [10, 20]], {(0, 0), (0, 1), (1, 0), (1, 1)}),
        ([[9, 4, 30], [10, 20, 7], [8, 8, 8]], {(0, 0), (0, 1), (2, 0), (2, 1)}),
        ([[0, 0], [0, 0]], {(row, column) for row in range(3) for column in range(3)}),
    ],
)
def test_hidden_cells_of_table_are_the_cheapest(counts: list[list[int]], expected: set[Position]) -> None:
    assert hidden_cells(counts) == expected


def test_hidden_cells_of_large_country_leave_its_sums() -> None:
    counts = [[row % 9, row, row % 5, 2 * row] for row in range(30)]
    hidden = hidden_cells(counts)
    assert not {(30, column) for column in range(5)} & hidden
