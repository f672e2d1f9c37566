"""Tables as files for spreadsheets, CSV and XLSX, in which nothing is a formula."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

Cell = str | int | None
"""Words, a number, or nothing."""

XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE: Final = "text/csv; charset=utf-8"

_FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""First signs that make a program for spreadsheets compute a cell, those of East Asian keyboards too."""

_NAME_MAX: Final = 31  # characters of the name of a sheet
_NOT_IN_NAMES: Final = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


@dataclass(frozen=True)
class Sheet:
    """
    One sheet.

    Attributes:
        name: On its tab.
        rows: The first one has the headings.
    """

    name: str
    rows: Sequence[Sequence[Cell]]


def harmless(text: str) -> str:
    """Return words that no program computes: an apostrophe stands before those that could be a formula."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA_SIGNS) or text.startswith(_FORMULA_SIGNS) else text


def csv_file(rows: Sequence[Sequence[Cell]]) -> bytes:
    """Return rows as CSV for programs of this country: UTF-8 with its mark, and semicolons between."""
    lines = io.StringIO(newline="")
    writer = csv.writer(lines, delimiter=";", lineterminator="\r\n")
    writer.writerows([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return lines.getvalue().encode("utf-8-sig")


def xlsx_file(sheets: Sequence[Sheet], title: str, now: datetime) -> bytes:
    """
    Return sheets as one XLSX file; its properties name nobody.

    Words are stored as words whatever they begin with, and no link is made of an address.
    """
    import xlsxwriter  # noqa: PLC0415 - heavy, and files are seldom asked for

    content = io.BytesIO()
    safely = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(content, safely) as book:
        book.set_properties({"title": title, "created": now.replace(tzinfo=None)})
        bold = book.add_format({"bold": True})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name.translate(_NOT_IN_NAMES).strip("' ")[:_NAME_MAX])
            page.freeze_panes(1, 1)
            for number, row in enumerate(sheet.rows):
                for column, cell in enumerate(row):
                    form = bold if number == 0 else None
                    if isinstance(cell, int):
                        page.write_number(number, column, cell, form)
                    elif cell is not None:
                        page.write_string(number, column, harmless(cell), form)
            page.autofit()
    return content.getvalue()
