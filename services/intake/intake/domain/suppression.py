"""
Cells of a table of counts that are hidden: small ones, and those from which a small one could be computed.

A table has rows, columns and the sums of both. Whoever reads it knows that no count is below zero, so a hidden cell is
safe only if it could be one more or one less while every shown cell stays and no other falls below zero. Such a change
is a cycle in a network whose nodes are the rows and columns and whose arcs are the hidden cells (Cox 1980; Kelly,
Golden and Assad 1992): without one, the reader can compute the cell. What is hidden beside the small ones is the
cheapest cycle through each of them.

Sums of some columns may have been told before the table: a large one exactly, so it is not hidden, and a small one by
being hidden, so the reader knows that it is small.
"""

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Final

LARGEST_HIDDEN: Final = 5
"""So few people, or groups, could be recognised by somebody who knows one of them."""

_SUM: Final = 1_000_000
"""Cost of hiding a sum, so that other cells are hidden before it."""

Position = tuple[int, int]
"""Row and column; that of a sum is one beyond the last."""

_Node = tuple[str, int]


def with_sums(counts: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    """Return a table with a column of the sums of its rows, and a row of the sums of its columns."""
    rows = [(*row, sum(row)) for row in counts]
    return (*rows, tuple(map(sum, zip(*rows, strict=True))))


def hidden_cells(counts: Sequence[Sequence[int]], told_before: Collection[int] = ()) -> frozenset[Position]:
    """
    Return the cells to hide in a table with its sums; the same for the same counts.

    Args:
        counts: The rows of the table.
        told_before: The columns whose sums were told before; at least one column is not among them.
    """
    network = _Network(with_sums(counts), told_before)
    hidden = {cell for cell in network.cells if network.count(cell) <= LARGEST_HIDDEN}
    for cell in sorted(hidden):
        hidden |= network.cheapest_change(cell, hidden)
    return frozenset(hidden)


class _Network:
    """
    The sums of a table as nodes, and each change of one cell by one as a step between the two sums it is part of.

    With a sum on the other side of its equation each cell stands once with plus and once with minus, so that a change
    of several cells which leaves all equations true is a cycle.
    """

    def __init__(self, table: Sequence[Sequence[int]], told_before: Collection[int] = ()) -> None:
        self._table = table
        self._last = len(table) - 1, len(table[0]) - 1
        self.cells = [(row, column) for row, line in enumerate(table) for column in range(len(line))]
        self._told = {(self._last[0], column) for column in told_before}
        self._steps: dict[_Node, list[tuple[Position, _Node]]] = defaultdict(list)
        for cell in self.cells:
            for start, end in self._changes(cell):
                self._steps[start].append((cell, end))

    def count(self, cell: Position) -> int:
        """Return the count in a cell."""
        return self._table[cell[0]][cell[1]]

    def cheapest_change(self, cell: Position, hidden: Collection[Position]) -> frozenset[Position]:
        """Return the cells to hide so that a reader cannot compute this one; hidden ones cost nothing."""
        _, path = min(found for change in self._changes(cell) if (found := self._rest_of_cycle(cell, *change, hidden)))
        return frozenset(path)

    def _rest_of_cycle(
        self, cell: Position, start: _Node, end: _Node, hidden: Collection[Position]
    ) -> tuple[int, tuple[Position, ...]] | None:
        """Return the cost and the cells of the cheapest way back from the end of a change to its start, if any."""
        waiting: list[tuple[int, tuple[Position, ...], _Node]] = [(0, (), end)]
        reached: set[_Node] = set()
        while waiting:
            cost, path, node = heapq.heappop(waiting)
            if node == start:
                return cost, path
            if node in reached:
                continue
            reached.add(node)
            for other, following in self._steps[node]:
                if other != cell and following not in reached:
                    price = 0 if other in hidden else self._price(other)
                    heapq.heappush(waiting, (cost + price, (*path, other), following))
        return None

    def _changes(self, cell: Position) -> Iterator[tuple[_Node, _Node]]:
        """Yield the steps of one more and of one less, unless the reader knows that it is not so."""
        line, pile = ("row", cell[0]), ("column", cell[1])
        from_row = (cell[0] == self._last[0]) != (cell[1] == self._last[1])
        start, end = (line, pile) if from_row else (pile, line)
        told = cell in self._told
        if told and self.count(cell) > LARGEST_HIDDEN:
            return
        if not told or self.count(cell) < LARGEST_HIDDEN:
            yield start, end
        if self.count(cell) > 0:
            yield end, start

    def _price(self, cell: Position) -> int:
        """Return the cost of hiding a cell: its count, or much for a sum, and most for the sum of all."""
        sums = (cell[0] == self._last[0]) + (cell[1] == self._last[1])
        return self.count(cell) + (0, _SUM, _SUM * _SUM)[sums]
