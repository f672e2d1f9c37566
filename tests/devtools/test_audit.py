"""The audit of locked packages against recorded advisories."""

from typing import Any

import pytest

from devtools import audit
from devtools.audit import affects, locked_packages, vulnerable

UNTIL_2 = [{"introduced": "0"}, {"fixed": "2.0"}]
FROM_3_TO_3_4 = [{"introduced": "3.0"}, {"last_affected": "3.4"}]
TWO_SPANS = [{"introduced": "1.0"}, {"fixed": "1.5"}, {"introduced": "2.0"}, {"fixed": "2.5"}]


@pytest.mark.asvs("15.2.1")
def test_locked_packages_have_no_recorded_vulnerability() -> None:
    assert audit.main([]) == 0


@pytest.mark.parametrize(
    ("version", "ranges", "affected"),
    [
        ("1.9", [UNTIL_2], True),
        ("2.0", [UNTIL_2], False),
        ("2.0rc1", [UNTIL_2], True),
        ("3.4", [FROM_3_TO_3_4], True),
        ("3.4.1", [FROM_3_TO_3_4], False),
        ("2.9", [UNTIL_2, FROM_3_TO_3_4], False),
        ("1.6", [TWO_SPANS], False),
        ("2.4", [TWO_SPANS], True),
        ("10.0", [[{"introduced": "9.0"}]], True),
    ],
)
def test_version_in_a_range_is_affected(version: str, ranges: list[list[dict[str, str]]], affected: bool) -> None:
    assert affects(version, ranges) == affected


def test_vulnerable_package_is_named_with_its_advisory() -> None:
    lock = """
    [[package]]
    name = "one"
    version = "1.0"
    source = { registry = "r" }
    [[package]]
    name = "ours"
    version = "0.1"
    source = { editable = "." }
    """
    advisories: dict[str, Any] = {"one": [{"id": "A-1", "aliases": ["CVE-1"], "ranges": [UNTIL_2]}], "ours": []}
    assert list(vulnerable(locked_packages(lock), advisories)) == ["one 1.0: A-1, CVE-1"]
