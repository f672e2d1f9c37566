"""Pictures of the yearly figures of a whole centre, drawn by the server; the numbers stand in the table beneath."""

from collections.abc import Mapping
from typing import Final

from intake.domain.figures import QUARTERS
from intake.web.figure_words import FigureTable

WIDTH: Final = 720
HEIGHT: Final = 240

_BAR: Final = "#0b5c8a"
_INK: Final = "#4a515b"
"""Contrast of 7.9 to the white behind it."""


def charts_of(tables: tuple[FigureTable, ...]) -> Mapping[str, FigureTable]:
    """Return the tables with something to draw, by the file name of their picture."""
    return {f"{table.key}.svg": table for table in tables if any(figure for _, figure in _quarters(table))}


def chart(table: FigureTable) -> bytes:
    """Return the quarters of a whole centre as SVG, without styles and scripts; what is hidden has no bar."""
    import leather  # noqa: PLC0415 - figures are seldom looked at

    leather.theme.background_color = "#ffffff"
    leather.theme.label_color = leather.theme.zero_color = _INK
    leather.theme.tick_font_family = "sans-serif"
    quarters = _quarters(table)
    drawing = leather.Chart()
    drawing.add_columns(quarters, fill_color=_BAR)
    drawing.add_y_scale(0, max(figure for _, figure in quarters if figure is not None))
    return str(drawing.to_svg(width=WIDTH, height=HEIGHT)).encode()


def _quarters(table: FigureTable) -> list[tuple[str, int | None]]:
    _, figures = table.rows[-1]
    return list(zip(table.headings[1 : len(QUARTERS) + 1], figures[: len(QUARTERS)], strict=True))
