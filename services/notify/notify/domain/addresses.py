"""Checks and encoding of e-mail addresses."""

import re
from typing import Final

import idna

_ONE_ADDRESS: Final = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\\]{1,255}")


def is_one_address(text: str) -> bool:
    """Return True for a single bare address; a mail library could send a list to all its addresses."""
    return _ONE_ADDRESS.fullmatch(text) is not None


def deliverable(address: str) -> str:
    """
    Return the address with its domain in ASCII, as every mail server accepts it.

    IDNA 2008 with the mapping of UTS 46, non-transitional, as browsers and the sign-up form read a domain: ``faß.de``
    is not ``fass.de``. The part before the @ is left unchanged.

    Raises:
        ValueError: The text is not one address.
    """
    if not is_one_address(address):
        raise ValueError("not one address")
    name, _, domain = address.rpartition("@")
    if domain.isascii():
        return address
    return f"{name}@{idna.encode(domain, uts46=True).decode()}"
