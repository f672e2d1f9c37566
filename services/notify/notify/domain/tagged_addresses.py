"""
Addresses of our own with a keyed tag: each names one row, and nobody else can make one.

The tag says nothing about a person.
"""

import hmac
from base64 import b32decode, b32encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import ClassVar, Final
from uuid import UUID

_MAC_BYTES: Final = 9


@dataclass(frozen=True)
class TaggedAddresses:
    """
    Makes and reads addresses of one purpose.

    Attributes:
        domain: Domain of an inbound mailbox that takes every address beginning with ``PREFIX``.
        keys: Return the secrets from which those of the tags are derived; the first makes, all are believed.
    """

    PREFIX: ClassVar[str]
    PURPOSE: ClassVar[bytes]

    domain: str
    keys: Callable[[], Sequence[bytes]] = field(repr=False)

    def of(self, row_id: UUID) -> str:
        """Return the address of a row; the same each time."""
        tag = b32encode(row_id.bytes + self._mac(self.keys()[0], row_id)).decode().lower()
        return f"{self.PREFIX}{tag}@{self.domain}"

    def row_of(self, address: str) -> UUID | None:
        """Return the row of an address, in letters of any case; None if we did not make it for this purpose."""
        local, _, domain = address.strip().lower().rpartition("@")
        if domain != self.domain.lower() or not local.startswith(self.PREFIX):
            return None
        try:
            tag = b32decode(local.removeprefix(self.PREFIX).upper())
        except ValueError:
            return None
        if len(tag) != 16 + _MAC_BYTES:
            return None
        row_id = UUID(bytes=tag[:16])
        believed = any(hmac.compare_digest(tag[16:], self._mac(key, row_id)) for key in self.keys())
        return row_id if believed else None

    def _mac(self, secret: bytes, row_id: UUID) -> bytes:
        key = blake2b(secret, person=self.PURPOSE).digest()
        return blake2b(row_id.bytes, key=key, digest_size=_MAC_BYTES).digest()
