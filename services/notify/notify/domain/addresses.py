"""Checks and encoding of e-mail addresses."""

import re
from typing import Final

_ONE_ADDRESS: Final = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\\]{1,255}")


def is_one_address(text: str) -> bool:
    """Return True for a single bare address; a mail library could send a list to all its addresses."""
    return _ONE_ADDRESS.fullmatch(text) is not None


def deliverable(address: str) -> str:
    """
    Return the address with its domain in ASCII (IDNA), as every mail server accepts it.

    The part before the @ is left unchanged.

    Raises:
        ValueError: The text is not one address.
    """
    if not is_one_address(address):
        raise ValueError("not one address")
    name, _, domain = address.rpartition("@")
    return f"{name}@{domain}" if domain.isascii() else f"{name}@{domain.encode('idna').decode()}"
