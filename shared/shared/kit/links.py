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
from uuid import UUID

from pydantic import SecretStr

_ID_BYTES = 16


def derived_key(key: SecretStr, purpose: str) -> bytes:
    """Return a key of 32 bytes for another purpose than that of links, made of their key."""
    return hmac.digest(key.get_secret_value().encode(), b"key|" + purpose.encode(), hashlib.sha256)


class Links:
    """
    Makes and reads the tokens of links.

    Args:
        key: Signs them; the same in all services.
        paths: The page that a link of each purpose opens.
    """

    def __init__(self, key: SecretStr, paths: Mapping[str, str]) -> None:
        self._key = key.get_secret_value().encode()
        self._paths = paths

    def _mac(self, purpose: str, id_: UUID) -> bytes:
        return hmac.digest(self._key, b"link|" + purpose.encode() + b"|" + id_.bytes, hashlib.sha256)

    def token(self, purpose: str, id_: UUID) -> str:
        """Return the token that lets the holder of a mail answer one question."""
        return base64.urlsafe_b64encode(id_.bytes + self._mac(purpose, id_)).decode().rstrip("=")

    def read(self, purpose: str, token: str) -> UUID | None:
        """Return the id of the question, None for a token that was not made here for this purpose."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        if len(raw) != _ID_BYTES + hashlib.sha256().digest_size:
            return None
        id_ = UUID(bytes=raw[:_ID_BYTES])
        return id_ if hmac.compare_digest(raw[_ID_BYTES:], self._mac(purpose, id_)) else None

    def url(self, public_url: str, language: str, purpose: str, id_: UUID) -> str:
        """Return the whole link, to the page in the reader's language."""
        prefix = "" if language == "nb" else f"/{language}"
        return f"{public_url.rstrip('/')}{prefix}{self._paths[purpose]}/{self.token(purpose, id_)}"
