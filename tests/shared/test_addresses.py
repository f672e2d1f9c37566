"""Addresses: the short way that most of them take gives what the whole check gives."""

import email_validator
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.kit.addresses import AddressInvalid, normalized, to_ascii

LOCALS = st.from_regex(r"[a-zA-Z0-9._+-]{1,66}", fullmatch=True)
DOMAINS = st.sampled_from(
    (
        "example.org",
        "EXAMPLE.org",
        "blåbær.example.org",
        "xn--blbr-0qan.example.org",
        "faß.example.com",
        "e\u0301.example",
    )
) | st.from_regex(r"[a-zæøå0-9.-]{1,70}\.(no|org)", fullmatch=True)


def checked(address: str) -> tuple[str, str] | None:
    """Return what the library says of an address by itself, in Unicode and in ASCII."""
    try:
        found = email_validator.validate_email(address, check_deliverability=False, allow_smtputf8=False)
    except email_validator.EmailNotValidError:
        return None
    return found.normalized, str(found.ascii_email)


@given(LOCALS, DOMAINS)
@example("kari", "example.org.")
@example("kari", "-example.org")
@example("kari..nordmann", "example.org")
@example("kari", "x" * 64 + ".org")
@example("k" * 60, "example.org")
@example("kari", "")
def test_normalized_and_to_ascii_agree_with_the_library(local: str, domain: str) -> None:
    address = f"{local}@{domain}"
    expected = checked(address)
    for _ in range(2):  # the second time the domain is known
        if expected is None:
            with pytest.raises(AddressInvalid):
                normalized(address)
            with pytest.raises(AddressInvalid):
                to_ascii(address)
        elif len(local) <= 64:
            assert (normalized(address), to_ascii(address)) == expected
