"""Documents for people as PDF: text in one column, in letters of all European languages and Arabic."""

from collections.abc import Sequence
from datetime import datetime
from importlib import resources
from typing import Final

FONT: Final = resources.files("shared.kit") / "fonts" / "DejaVuSans.ttf"
_FAMILY: Final = "DejaVu"
_LINE_HEIGHT: Final = 0.55  # mm for each point of size


class Document:
    """
    One PDF on A4; its properties name nobody.

    Args:
        title: Also the first line.
        language: Of the text.
        now: When it is made.
        margin_mm: On all four sides.
        owner: Stands above the title; empty for nobody.
        color: Of the owner's name, as #rrggbb; None for black.
    """

    def __init__(
        self,
        title: str,
        language: str,
        now: datetime,
        *,
        margin_mm: int = 20,
        owner: str = "",
        color: str | None = None,
    ) -> None:
        # With what it brings along it takes 30 MB, and few processes ever make a document.
        from fpdf import FPDF  # noqa: PLC0415

        self._pdf = FPDF()
        self._pdf.set_creation_date(now)
        self._pdf.set_margin(margin_mm)
        self._pdf.set_auto_page_break(auto=True, margin=margin_mm)
        with resources.as_file(FONT) as path:
            self._pdf.add_font(_FAMILY, fname=path)
        self._pdf.set_lang(language)
        self._pdf.set_title(title)
        self._pdf.add_page()
        if owner:
            self._pdf.set_text_color(color or "#000000")
            self.line(owner, 10)
            self._pdf.set_text_color("#000000")
        self.line(title, 20)

    def line(self, text: str, size: float = 10, *, indent_mm: float = 0) -> None:
        """Add a paragraph in letters of this size, in points."""
        self._pdf.set_font(_FAMILY, size=size)
        self._pdf.set_x(self._pdf.l_margin + indent_mm)
        self._pdf.multi_cell(0, size * _LINE_HEIGHT, text, align="L", new_x="LMARGIN", new_y="NEXT")

    def point(self, mark: str, text: str, size: float = 10) -> None:
        """Add one point of a list, with its number or dot."""
        self._pdf.set_font(_FAMILY, size=size)
        self._pdf.cell(6, size * _LINE_HEIGHT, mark)
        self._pdf.multi_cell(0, size * _LINE_HEIGHT, text, align="L", new_x="LMARGIN", new_y="NEXT")

    def heading(self, text: str, size: float = 14) -> None:
        """Add a heading, with space before it."""
        self.space(3)
        self.line(text, size)
        self.space(1)

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]], size: float = 9) -> None:
        """Add a table whose headings stand on each of its pages; the first column is wide and has words."""
        self._pdf.set_font(_FAMILY, size=size)
        from fpdf.fonts import FontFace  # noqa: PLC0415 - as above

        widths = (2, *[1] * (len(headings) - 1))
        plain = FontFace(fill_color=(235, 238, 241))
        aligned = ("LEFT", *["RIGHT"] * (len(headings) - 1))
        with self._pdf.table(col_widths=widths, text_align=aligned, headings_style=plain) as table:
            for line in (headings, *rows):
                row = table.row()
                for cell in line:
                    row.cell(cell)

    def space(self, height_mm: float) -> None:
        """Leave space."""
        self._pdf.ln(height_mm)

    def rule(self, height_mm: float) -> None:
        """Add a line to write on, with space above it."""
        self._pdf.ln(height_mm)
        left, right = self._pdf.l_margin, self._pdf.w - self._pdf.r_margin
        self._pdf.line(left, self._pdf.get_y(), right, self._pdf.get_y())

    def new_page(self) -> None:
        """Begin another page."""
        self._pdf.add_page()

    @property
    def pages(self) -> int:
        """Number of pages so far."""
        return self._pdf.page_no()

    def finish(self) -> bytes:
        """Return the file."""
        return bytes(self._pdf.output())
