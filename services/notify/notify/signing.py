"""DKIM signatures (RFC 6376), for installations whose mail server does not sign."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

SIGNED: Final = (
    *("From", "To", "Subject", "Date", "Message-ID", "Reply-To", "Auto-Submitted"),
    *("List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type", "Content-Language"),
)
"""Header fields that are signed where a mail has them; RFC 8058 asks for those of the unsubscription."""

OVERSIGNED: Final = ("From", "To", "Subject", "Date", "Reply-To")
"""Fields that are signed once more than they are there, so that nobody can add another one."""


def is_key(private_key: bytes) -> bool:
    """Return True for an RSA key of at least 1024 bits in PEM (RFC 8301)."""
    from dkim import crypto  # noqa: PLC0415 - it brings a resolver along, and few installations sign here

    try:
        modulus: int = crypto.parse_pem_private_key(private_key)["modulus"]
    except Exception:  # noqa: BLE001 - whatever the parser raises for bytes that are no key
        return False
    return modulus.bit_length() >= 1024


@dataclass(frozen=True)
class Signer:
    """
    Signs messages.

    Attributes:
        domain: The domain that answers for the mail; its DNS has the public key under ``selector._domainkey``.
        selector: Name of the key.
        private_key: RSA, in PEM.
    """

    domain: str
    selector: str
    private_key: bytes = field(repr=False)

    @cached_property
    def _sign(self) -> Callable[..., bytes]:
        from dkim import sign  # noqa: PLC0415 - as in :func:`is_key`

        return sign  # type: ignore[no-any-return]

    def signed(self, message: bytes) -> bytes:
        """Return the message with its signature in front."""
        head = message.partition(b"\r\n\r\n")[0].lower()
        there = [name for name in SIGNED if b"\r\n" + name.lower().encode() + b":" in b"\r\n" + head]
        signature: bytes = self._sign(
            message,
            self.selector.encode(),
            self.domain.encode(),
            self.private_key,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[name.encode() for name in (*there, *OVERSIGNED)],
        )
        return signature + message
