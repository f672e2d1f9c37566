"""Return paths: an own address for each mail, which nobody else can make."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.domain.return_path import ReturnPaths

PATHS = ReturnPaths("retur.example.org", lambda: [b"k" * 32])
OTHER_KEY = ReturnPaths("retur.example.org", lambda: [b"x" * 32])
OTHER_DOMAIN = ReturnPaths("andre.example.org", lambda: [b"k" * 32])
MAIL = UUID("01a217b6-1855-7382-ab66-759fde71c7ec")


@given(mail_id=st.uuids())
def test_return_path_leads_back_to_its_mail_only(mail_id: UUID) -> None:
    address = PATHS.of(mail_id)
    assert address == PATHS.of(mail_id)
    assert PATHS.mail_of(address) == mail_id
    assert PATHS.mail_of(address.upper()) == mail_id
    assert OTHER_KEY.mail_of(address) is None
    assert OTHER_DOMAIN.mail_of(address) is None
    assert len(address.partition("@")[0]) <= 64  # RFC 5321, 4.5.3.1.1
    assert address.isascii()


@given(mail_id=st.uuids(), position=st.integers(2, 41), letter=st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_return_path_with_one_letter_changed_leads_nowhere(mail_id: UUID, position: int, letter: str) -> None:
    address = PATHS.of(mail_id)
    forged = address[:position] + letter + address[position + 1 :]
    assert PATHS.mail_of(forged) == (mail_id if forged == address else None)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "@",
        "b+@retur.example.org",
        "b+aaaa@retur.example.org",
        f"b+{'a' * 40}@retur.example.org",
        f"b+{'1' * 40}@retur.example.org",
        "post@retur.example.org",
        PATHS.of(MAIL).replace("b+", ""),
        PATHS.of(MAIL).replace("b+", "c+"),
        PATHS.of(MAIL) + ".evil.example",
        PATHS.of(MAIL).replace("@", "=@"),
        "b+æøå@retur.example.org",
    ],
)
def test_address_that_is_no_return_path_leads_nowhere(address: str) -> None:
    assert PATHS.mail_of(address) is None


def test_keys_are_not_shown() -> None:
    assert "kkkk" not in repr(PATHS)
