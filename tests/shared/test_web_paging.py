"""The number of a page in an address."""

import pytest

from shared.kit.web.paging import page_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("7", 7),
        ("99999", 99999),
        ("007", 7),
        ("0", 1),
        ("", 1),
        ("-1", 1),
        ("x", 1),
        ("1.5", 1),
        ("100000", 1),
        ("٣", 1),
        ("²", 1),
    ],
)
def test_page_number_is_that_of_the_address_or_the_first(text: str, number: int) -> None:
    assert page_number(text) == number
