"""
Links that answer one question each.

A token is the id of the question and a MAC over it, so nothing secret is stored, nor travels in an event or waits in a
queue: notify makes the token when it renders a mail, and the service that owns the question checks it. The state of
the question decides for how long a link works, not the token. The 256-bit MAC meets ASVS 5.0 11.5.1.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final, Self
from uuid import UUID

from pydantic import SecretStr

from shared.kit.keys import KeyVersion, Ring

_ID_BYTES: Final = 16
_TIME_ORDERED: Final = 7
"""The version of ids that hold the time at which they were made (RFC 9562, 5.7)."""


class Links:
    """
    Makes and reads the tokens of links.

    Args:
        rings: Purpose to ring, of those purposes only whose links this service makes or reads.
        paths: The page that a link of each purpose opens.
    """

    def __init__(self, rings: Mapping[str, Ring], paths: Mapping[str, str]) -> None:
        self._rings = rings
        self._paths = paths

    @classmethod
    def under_one_key(cls, key: SecretStr, paths: Mapping[str, str]) -> Self:
        """Return links of all purposes under one key, for samples."""
        return cls(dict.fromkeys(paths, Ring("key", key.get_secret_value())), paths)

    def token(self, purpose: str, id_: UUID) -> str:
        """
        Return the token that lets the holder of a mail answer one question.

        Raises:
            KeyError: This service does not hold the key of the purpose.
        """
        ring = self._rings[purpose]
        return base64.urlsafe_b64encode(id_.bytes + _mac(ring, ring.value[0], purpose, id_)).decode().rstrip("=")

    def read(self, purpose: str, token: str) -> UUID | None:
        """
        Return the id of the question, None for a token that was not made for this purpose with a key that counts.

        A replaced version verifies only ids from before its replacement: a leaked one makes no link to a new question.

        Raises:
            KeyError: This service does not hold the key of the purpose.
        """
        ring = self._rings[purpose]
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        if len(raw) != _ID_BYTES + hashlib.sha256().digest_size:
            return None
        id_, mac = UUID(bytes=raw[:_ID_BYTES]), raw[_ID_BYTES:]
        if self._is_made(ring, purpose, id_, mac) or (ring.refresh() and self._is_made(ring, purpose, id_, mac)):
            return id_
        return None

    def _is_made(self, ring: Ring, purpose: str, id_: UUID, mac: bytes) -> bool:
        return any(
            hmac.compare_digest(mac, _mac(ring, version, purpose, id_))
            for version in ring.value
            if not _is_younger(id_, ring.replaced_on(version))
        )

    def url(self, public_url: str, language: str, purpose: str, id_: UUID) -> str:
        """Return the whole link, to the page in the reader's language."""
        prefix = "" if language == "nb" else f"/{language}"
        return f"{public_url.rstrip('/')}{prefix}{self._paths[purpose]}/{self.token(purpose, id_)}"


def _mac(ring: Ring, version: KeyVersion, purpose: str, id_: UUID) -> bytes:
    key = ring.key(version, f"link|{purpose}")
    return hmac.digest(key, b"link|" + purpose.encode() + b"|" + id_.bytes, hashlib.sha256)


def _is_younger(id_: UUID, replaced_on: date | None) -> bool:
    """Return True if an id holds its time (UUIDv7) and was made later than the day after the replacement."""
    if replaced_on is None or id_.version != _TIME_ORDERED:
        return False
    made_on = datetime.fromtimestamp((id_.int >> 80) / 1000, UTC).date()
    return made_on > replaced_on + timedelta(days=1)
