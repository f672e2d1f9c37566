"""
Bars of figures, drawn by the server as SVG without words in it, so that they can be stretched to any width.

The words and the numbers stand beside them in HTML, where they grow with the reader's text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 100.0
HEIGHT: Final = 100.0
_GAP: Final = 0.2
"""Part of a bar's share of the width that is left free."""


@dataclass(frozen=True)
class Rect:
    """One coloured piece, in units of :data:`WIDTH` and :data:`HEIGHT`; ``name`` is the class that colours it."""

    x: float
    y: float
    width: float
    height: float
    name: str


def stacked(names: Sequence[str], bars: Sequence[Sequence[int]]) -> tuple[Rect, ...]:
    """Return one standing bar for each row of figures, piled up in the order of ``names``; no piece for a zero."""
    highest = max((sum(bar) for bar in bars), default=0)
    if not highest:
        return ()
    share, pieces = WIDTH / len(bars), []
    for number, bar in enumerate(bars):
        top = HEIGHT
        for name, figure in zip(names, bar, strict=True):
            height = HEIGHT * figure / highest
            top -= height
            if figure:
                x, width = share * (number + _GAP / 2), share * (1 - _GAP)
                pieces.append(Rect(round(x, 2), round(top, 2), round(width, 2), round(height, 2), name))
    return tuple(pieces)


def lengths(figures: Sequence[int]) -> tuple[float, ...]:
    """Return the length of a lying bar for each figure; the largest one has the whole :data:`WIDTH`."""
    largest = max(figures, default=0)
    return tuple(round(WIDTH * figure / largest, 2) if largest else 0.0 for figure in figures)
