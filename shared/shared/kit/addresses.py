"""One rule for e-mail addresses, from the form to the envelope: IDNA 2008, and one ASCII form of each."""

import re
from functools import lru_cache
from typing import Final, Literal, NamedTuple

import email_validator

_NAMED: Final = re.compile(r"[^<>@]*<([^<>]*)>[\s.,;]*")
_SCHEME: Final = re.compile(r"\s*mailto:", re.IGNORECASE)
_AROUND_AT: Final = re.compile(r"\s*[@\uff20]\s*")
_DOT: Final = r"\1"
_AROUND_DOT: Final = re.compile(r"\s*([.\u3002\uff0e])\s*")

_PLAIN_LOCAL: Final = re.compile(r"[a-z0-9]+([.+_-][a-z0-9]+)*")
_SHORT: Final = 64
"""Length up to which a plain address keeps every limit."""

LOCAL_MAX: Final = 64
"""Octets before the @ (RFC 5321, 4.5.3.1.1)."""

Fault = Literal["email_invalid", "email_local_too_long", "email_local_not_ascii"]


class AddressInvalid(ValueError):  # noqa: N818 - named by the condition
    """
    The text is no address that mail can be sent to. Never holds the text itself.

    Attributes:
        fault: The reason as a code.
    """

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault: Final = fault


def as_pasted(text: str) -> str:
    """
    Return the bare address in what people paste and what keyboards add to it.

    "Kari <kari@example.org>", "mailto:kari@example.org", "kari@example.org.", "kari @ example. org".
    """
    if named := _NAMED.fullmatch(text):
        text = named[1]
    text = _AROUND_AT.sub("@", _SCHEME.sub("", text, count=1).strip().rstrip(" .,;:>)").lstrip("<("))
    local, at, domain = text.rpartition("@")
    return f"{local}@{_AROUND_DOT.sub(_DOT, domain)}" if at else text


def normalized(text: str, *, smtputf8: bool = False) -> str:
    """
    Return the address as people write it, with its domain in Unicode.

    Args:
        text: As typed.
        smtputf8: True if the mail server takes signs outside ASCII before the @ (RFC 6531).

    Raises:
        AddressInvalid: No mail can be sent to it.
    """
    if plain := _plain(text):
        return plain.normalized
    return _validated(text, smtputf8=smtputf8).normalized


def to_ascii(address: str, *, smtputf8: bool = False) -> str:
    """
    Return the address for envelope and header, with its domain in ASCII as IDNA 2008 says.

    Python's own codec follows IDNA 2003, by which "faß.de" is somebody else's "fass.de".

    Args:
        address: As typed, or as :func:`normalized` returned it.
        smtputf8: True if the mail server takes signs outside ASCII before the @ (RFC 6531); they are kept.

    Raises:
        AddressInvalid: No mail can be sent to it.
    """
    if plain := _plain(address):
        return plain.ascii
    valid = _validated(address, smtputf8=smtputf8)
    return f"{valid.ascii_local_part or valid.local_part}@{valid.ascii_domain}"


class _Plain(NamedTuple):
    normalized: str
    ascii: str


def _plain(address: str) -> _Plain | None:
    """Return a short address with nothing unusual before the @ in both forms; None for any other."""
    local, _, domain = address.rpartition("@")
    if len(address) > _SHORT or not _PLAIN_LOCAL.fullmatch(local):
        return None
    unicode, ascii_ = _domain(domain)
    return _Plain(f"{local}@{unicode}", f"{local}@{ascii_}")


@lru_cache(maxsize=256)
def _domain(domain: str) -> tuple[str, str]:
    """
    Return a domain in Unicode and in ASCII.

    It is kept, since most people's addresses are at a few providers and the check takes a while.
    """
    valid = _validated(f"x@{domain}", smtputf8=False)
    return valid.domain, valid.ascii_domain


def sender(text: str) -> str:
    """
    Return the address of a sender in ASCII; it may belong to a machine on the own network, as ``post@localhost``.

    Raises:
        AddressInvalid: No mail can be sent from it.
    """
    try:
        valid = email_validator.validate_email(
            text, check_deliverability=False, allow_smtputf8=False, globally_deliverable=False
        )
    except email_validator.EmailNotValidError as error:
        raise AddressInvalid("email_invalid") from error
    if valid.ascii_email is None or _long(valid.local_part) or valid.ascii_domain.startswith("["):
        raise AddressInvalid("email_invalid")
    return valid.ascii_email


def _validated(text: str, *, smtputf8: bool) -> email_validator.ValidatedEmail:
    local, _, _ = text.rpartition("@")
    if not local.isascii() and not smtputf8:
        raise AddressInvalid("email_local_not_ascii")
    try:
        valid = email_validator.validate_email(text, check_deliverability=False, allow_smtputf8=smtputf8)
    except email_validator.EmailNotValidError as error:
        raise AddressInvalid("email_local_too_long" if _long(local) else "email_invalid") from error
    if _long(valid.local_part):
        raise AddressInvalid("email_local_too_long")
    return valid


def _long(local: str) -> bool:
    return len(local.encode()) > LOCAL_MAX
