"""The register of postal codes can be renewed, and says how old it is."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from shared.reference import places
from shared.reference.places_renewal import RegisterInvalid, Row, read, renew

OLD: list[Row] = [("5003", "Bergen", "4601", "60.39", "5.32"), ("9110", "Sommarøy", "5501", "69.63", "18.0")]


def test_register_says_how_old_it_is(record_property: Callable[[str, object], None]) -> None:
    age = datetime.now(UTC).date() - places.as_of()
    record_property("age_of_postal_codes_in_days", age.days)
    assert age.days >= 0


@pytest.mark.parametrize("separator", ["\t", ";", ","])
def test_read_takes_lines_with_code_name_and_kommune(separator: str) -> None:
    lines = (("Postnummer", "Poststed", "Kommunenummer"), ("9110", "SOMMARØYA", "5501"), ("0001", "OSLO", "0301"))
    text = "\ufeff" + "\r\n".join(separator.join(line) for line in lines)
    assert read(text) == {"9110": ("SOMMARØYA", "5501"), "0001": ("OSLO", "0301")}


def test_renew_keeps_points_renames_adds_and_drops() -> None:
    rows = renew(OLD, {"9110": ("SOMMARØYA", "5501"), "5004": ("BERGEN", "4601"), "8601": ("MO I RANA", "1833")})
    assert rows[:2] == (("5004", "Bergen", "4601", "60.39", "5.32"), ("8601", "Mo i Rana", "1833", *rows[1][3:]))
    assert rows[2] == ("9110", "Sommarøya", "5501", "69.63", "18.0")


@pytest.mark.parametrize("text", ["", "hei", "5003", "50030\tBergen\t4601", "a\tb\tc"])
def test_read_other_file_raises_register_invalid(text: str) -> None:
    with pytest.raises(RegisterInvalid):
        read(text)


def test_renew_unknown_kommune_raises_register_invalid() -> None:
    with pytest.raises(RegisterInvalid, match="9999"):
        renew(OLD, {"5003": ("BERGEN", "9999")})
