"""Text as pages show it."""

from pathlib import Path

import pytest

from shared.kit.text import sentence_case

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("tirsdag 22. desember 2026", "Tirsdag 22. desember 2026"),
        ("Tuesday 5 January 2027 at 18:00", "Tuesday 5 January 2027 at 18:00"),
        ("ønsker noen fra Bergen", "Ønsker noen fra Bergen"),
        ("på nett", "På nett"),
        ("LINK Oslo", "LINK Oslo"),
        ("5 January", "5 January"),
        ("", ""),
    ],
)
def test_sentence_case_raises_the_first_letter_only(text: str, shown: str) -> None:
    assert sentence_case(text) == shown


def test_templates_lower_no_name_or_month() -> None:
    """The library's own filter of this purpose lowers every other letter."""
    templates = [path for folder in ("services", "shared") for path in (ROOT / folder).rglob("templates/**/*.html")]
    assert len(templates) > 50
    assert [path.name for path in templates if "|capitalize" in path.read_text().replace(" ", "")] == []
