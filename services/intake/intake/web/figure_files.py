"""The yearly figures of a centre as files: for people, for spreadsheets, and for programs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from starlette.responses import Response

from intake.web.figure_words import HIDDEN, FigureRow, FigureTable, FigureWords
from shared.kit.i18n import N_, format_when
from shared.kit.pdf import Document
from shared.kit.spreadsheets import CSV_TYPE, XLSX_TYPE, Cell, Sheet, csv_file, xlsx_file

FILES: Final[Mapping[str, str]] = {"tall.pdf": "PDF", "tall.xlsx": "Excel (XLSX)", "tall.csv": "CSV"}
"""File name of each form to what it is called."""

_TYPES: Final = {"tall.pdf": "application/pdf", "tall.xlsx": XLSX_TYPE, "tall.csv": CSV_TYPE}
_MADE: Final = N_("Laget %(when)s.")
_SHEET: Final = N_("Forklaring")


def figure_file(name: str, words: FigureWords, *, now: datetime) -> Response:
    """Return the figures in one form, under a name with centre and year."""
    if name == "tall.pdf":
        content = _pdf(words, now)
    elif name == "tall.xlsx":
        content = _xlsx(words, now)
    else:
        content = _csv(words)
    file_name = f"{words.centre.id}-{words.year.year}.{name.rpartition('.')[2]}"
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return Response(content, media_type=_TYPES[name], headers=headers)


def _csv(words: FigureWords) -> bytes:
    """Return one line for each row of each table."""
    tables = words.tables()
    lines: list[list[Cell]] = [["", *tables[0].headings]]
    lines += [[table.title, *_cells(row, words)] for table in tables for row in table.rows]
    return csv_file(lines)


def _xlsx(words: FigureWords, now: datetime) -> bytes:
    """Return a sheet for each table, and one that explains them."""
    tables = words.tables()
    notes: list[list[Cell]] = [[line] for line in (words.title, *words.notes, _made(words, now))]
    sheets = [Sheet(f"{number} {table.title}", _rows(table, words)) for number, table in enumerate(tables, 1)]
    return xlsx_file([*sheets, Sheet(words.gettext(_SHEET), notes)], words.title, now)


def _pdf(words: FigureWords, now: datetime) -> bytes:
    centre = words.centre
    document = Document(words.title, words.locale, now, owner=centre.name, color=centre.branding.color)
    for note in words.notes:
        document.line(note)
    document.line(_made(words, now))
    for table in words.tables():
        document.heading(table.title)
        document.table(table.headings, [[str(cell) for cell in _cells(row, words)] for row in table.rows])
    return document.finish()


def _rows(table: FigureTable, words: FigureWords) -> list[list[Cell]]:
    return [list(table.headings), *(_cells(row, words) for row in table.rows)]


def _cells(row: FigureRow, words: FigureWords) -> list[Cell]:
    name, figures = row
    return [name, *(words.gettext(HIDDEN) if figure is None else figure for figure in figures)]


def _made(words: FigureWords, now: datetime) -> str:
    return words.gettext(_MADE) % {"when": format_when(now, words.locale)}
