"""Addresses: one each, and in ASCII as far as that can be."""

import re
from typing import Final

_ONE: Final = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\\]{1,255}")


def is_one_address(text: str) -> bool:
    """Whether this is one bare address; a library that is handed a list might take the first, or all of them."""
    return _ONE.fullmatch(text) is not None


def deliverable(address: str) -> str:
    """
    The address as any mail server takes it: a domain with æ, ø or å in its ASCII form (IDNA).

    What stands before the @ is the recipient's own and is left as it is.

    Raises:
        ValueError: It is not one address.
    """
    if not is_one_address(address):
        raise ValueError("not one address")
    name, _, domain = address.rpartition("@")
    return f"{name}@{domain}" if domain.isascii() else f"{name}@{domain.encode('idna').decode()}"
