"""The table of ASVS requirements: what counts as met, and that the page is drawn anew."""

import pytest

from devtools import asvs
from devtools.asvs import Requirement, faults, marked, page, read

MET = Requirement("1.2.1", 1, "escaping", None, "met")


def test_page_of_requirements_is_what_the_tests_say() -> None:
    assert asvs.main(["--check"]) == 0


def test_marked_finds_functions_methods_and_several_numbers() -> None:
    text = """
@pytest.mark.asvs("1.2.1", "1.2.2")
def test_one(): ...
class TestTwo:
    @mark.asvs("3.4.1")
    @pytest.mark.other("9.9.9")
    async def test_three(self): ...
@pytest.mark.asvs
def test_without_number(): ...
"""
    assert list(marked(text)) == [("1.2.1", "test_one"), ("1.2.2", "test_one"), ("3.4.1", "test_three")]


@pytest.mark.parametrize(
    ("requirement", "tests", "fault"),
    [
        (MET, {}, "1.2.1 (escaping) is met by no test"),
        (Requirement("1.2.1", 1, "x", " ", "open"), {}, "1.2.1 is open without a reason"),
        (Requirement("1.2.1", 1, "x", "", "not applicable"), {}, "1.2.1 is not applicable without a reason"),
        (Requirement("1.2.1", 1, "x", "no XML", "not applicable"), {"1.2.1": ["a"]}, "1.2.1 does not apply, but a"),
        (Requirement("1.2.1", 1, "x", "docs/none.md", "documented"), {}, "1.2.1 is documented in docs/none.md"),
        (MET, {"1.2.1": ["a"], "1.2.2": ["b"]}, "b names 1.2.2, which is no requirement"),
    ],
)
def test_table_that_claims_too_much_is_a_fault(
    requirement: Requirement, tests: dict[str, list[str]], fault: str
) -> None:
    (found,) = faults([requirement], tests)
    assert found.startswith(fault)


@pytest.mark.parametrize("row", ["{level: 1, asks: x, met: y}", "{level: 1, asks: x, open: y, not_applicable: z}"])
def test_row_with_another_key_is_refused(row: str) -> None:
    with pytest.raises(ValueError, match="at most one of"):
        read(f"1.2.1: {row}")


def test_page_names_tests_and_reasons() -> None:
    open_one = Requirement("6.3.3", 2, "a second factor", "passkeys come next", "open")
    text = page([MET, open_one], {"1.2.1": ["tests/a.py::test_b"]})
    assert "| 1.2.1 | 1 | escaping | met | `test_b` |" in text
    assert "| 6.3.3 | 2 | a second factor | open | passkeys come next |" in text
    assert "| level 2 | 0 | 0 | 1 | 1 |" in text
