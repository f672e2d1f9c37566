"""
Return path of a mail: an address of its own, to which mail servers report what they could not deliver (VERP).

Its tag names the row of the mail and proves that we made it, so that a forged report about somebody's mail is not
believed. It says nothing about the recipient.
"""

import hmac
from base64 import b32decode, b32encode
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final
from uuid import UUID

PREFIX: Final = "b+"
_MAC_BYTES: Final = 9


@dataclass(frozen=True)
class ReturnPaths:
    """
    Makes and reads return paths.

    Attributes:
        domain: Domain of an inbound mailbox that takes every address beginning with :data:`PREFIX`.
        key: Secret from which that of the tags is derived.
    """

    domain: str
    key: bytes = field(repr=False)

    def of(self, mail_id: UUID) -> str:
        """Return the return path of a mail; the same for each of its copies."""
        tag = b32encode(mail_id.bytes + self._mac(mail_id)).decode().lower()
        return f"{PREFIX}{tag}@{self.domain}"

    def mail_of(self, address: str) -> UUID | None:
        """Return the mail of a return path, in letters of any case; None if we did not make it."""
        local, _, domain = address.strip().lower().rpartition("@")
        if domain != self.domain.lower() or not local.startswith(PREFIX):
            return None
        try:
            tag = b32decode(local.removeprefix(PREFIX).upper())
        except ValueError:
            return None
        if len(tag) != 16 + _MAC_BYTES:
            return None
        mail_id = UUID(bytes=tag[:16])
        return mail_id if hmac.compare_digest(tag[16:], self._mac(mail_id)) else None

    def _mac(self, mail_id: UUID) -> bytes:
        key = blake2b(self.key, person=b"return path").digest()
        return blake2b(mail_id.bytes, key=key, digest_size=_MAC_BYTES).digest()
