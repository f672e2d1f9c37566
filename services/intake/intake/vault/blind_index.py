"""
The blind index: recognises a value that was seen before without storing it.

An index carries the version of its key, so that a row tells under which one it was computed.
"""

import hashlib
import hmac
from typing import Final, Literal

from shared.kit.keys import KeyVersion, Ring

Kind = Literal["email", "mailbox", "form", "key", "mobile", "sealed", "limit", "proof", "apart"]

MARK_BYTES: Final = 2
_PURPOSE: Final = "blind-index"


class BlindIndex:
    """
    Computes indexes under one version of the key.

    Args:
        ring: The versions.
        version: The one to use.
    """

    def __init__(self, ring: Ring, version: KeyVersion) -> None:
        self.number, self.made = version.number, version.made
        self._key = ring.key(version, _PURPOSE)

    @property
    def mark(self) -> bytes:
        """The first bytes of an index; none under the key of before there were versions."""
        return self.number.to_bytes(MARK_BYTES) if self.number else b""

    def index(self, kind: Kind, text: str) -> bytes:
        """
        Return the blind index of ``text``: HMAC-SHA256 under a secret key, 32 bytes after the mark.

        Of a phone number only :meth:`bucket` is stored: there are so few numbers that with the key all could be tried.
        """
        return self.mark + self._mac(kind, text)

    def bucket(self, text: str, kind: Kind = "mobile") -> int:
        """Return two bytes of the index of a phone number, after the version; about a thousand numbers share them."""
        return self.number << 16 | int.from_bytes(self._mac(kind, text)[:2])

    def is_own(self, index: bytes) -> bool:
        """Return True for an index that was computed under this version."""
        return len(index) == len(self.mark) + hashlib.sha256().digest_size and index.startswith(self.mark)

    def _mac(self, kind: Kind, text: str) -> bytes:
        return hmac.digest(self._key, f"{kind}|{text}".encode(), hashlib.sha256)
