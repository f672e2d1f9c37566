"""The page of limits says what the code does, and names a test for each."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from shared.reference.limits import LIMITS, Limit

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security" / "limits.md").read_text()
ROWS = {
    cells[0].strip("`"): cells
    for line in PAGE.splitlines()
    if line.startswith("| `")
    for cells in [[cell.strip() for cell in line.strip("|").split("|")]]
}


def figure(limit: Limit) -> str:
    if limit.window is None:
        return str(limit.figure)
    for unit, span in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        number = limit.window // span
        if limit.window % span == timedelta() and (number > 1 or unit != "day"):
            return f"{limit.figure} in {number} {unit}{'' if number == 1 else 's'}"
    raise AssertionError(limit.window)


def test_page_of_limits_has_a_row_for_each_and_no_other() -> None:
    assert list(ROWS) == [limit.name for limit in LIMITS]


@pytest.mark.asvs("2.1.3", "6.1.1")
@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_page_of_limits_says_what_the_code_does(limit: Limit) -> None:
    _, key, said, setting, told, where, test = ROWS[limit.name]
    assert key == limit.key
    assert said.startswith(figure(limit))
    assert setting.strip("`") == (limit.setting or "–")
    assert told
    assert limit.service in where
    name = test.strip("`")
    assert re.fullmatch(r"test_\w+", name)
    assert any(f"def {name}(" in file.read_text() for file in (ROOT / "tests").rglob("test_*.py")), name
