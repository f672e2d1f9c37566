"""Cells of spreadsheets hold words and numbers, and no formula."""

import csv
import io
import zipfile
from datetime import UTC, datetime

import pytest

from shared.kit.spreadsheets import Sheet, csv_file, harmless, xlsx_file

HOSTILE = ["=1+1", "+4791234567", "-2", "@SUM(A1)", "\t=1", "\r=1", "  =cmd|' /C calc'!A0", "＝1+1", "\u00a0=1"]


@pytest.mark.parametrize("text", HOSTILE)
def test_spreadsheet_cell_that_could_be_a_formula_is_words(text: str) -> None:
    assert harmless(text) == f"'{text}"
    lines = list(csv.reader(io.StringIO(csv_file([[text, -2]]).decode("utf-8-sig")), delimiter=";"))
    assert lines[0][0].startswith("'")
    book = zipfile.ZipFile(io.BytesIO(xlsx_file([Sheet("[a]:*/", [[text]])], "t", datetime(2026, 1, 1, tzinfo=UTC))))
    assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_spreadsheet_words_stay_as_they_are() -> None:
    assert [harmless(text) for text in ("Bergen", "5–6", "a=b", "")] == ["Bergen", "5–6", "a=b", ""]
