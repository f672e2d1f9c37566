"""
Return tickets: a person's own answers, sealed so that only this system can read them, and kept by the person alone.

A ticket holds what the form of the sign-up holds, without the consents, which are asked for again. The system keeps
neither the ticket nor anything about it, so that after an erasure nothing here leads to one.
"""

import base64
import binascii
import json
import os
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from intake.domain.drafts import Value
from intake.vault.person_key import NONCE_BYTES
from shared.kit.keys import Keys

VALID: Final = timedelta(days=730)
MOST_LENGTH: Final = 2000  # characters; longer than any ticket
_VERSION: Final = b"\x01"
_CONTEXT: Final = b"return-ticket|v1"


class ReturnTickets:
    """
    Makes and reads tickets.

    Args:
        keys: 32 bytes each, for this purpose only; without its key a ticket is void.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def make(self, answers: Mapping[str, Value], now: datetime) -> str:
        """Return a ticket with these answers, in letters that an address can have."""
        content = {"answers": dict(answers), "until": int((now + VALID).timestamp())}
        packed = zlib.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), 9)
        nonce = os.urandom(NONCE_BYTES)
        return base64.urlsafe_b64encode(
            _VERSION + nonce + AESGCM(self._keys.newest).encrypt(nonce, packed, _CONTEXT)
        ).decode()

    def read(self, ticket: str, now: datetime) -> Mapping[str, Value] | None:
        """Return the answers, None if the ticket was not made here or is too old."""
        if len(ticket) > MOST_LENGTH:
            return None
        try:
            raw = base64.b64decode(ticket, altchars=b"-_", validate=True)
            if raw[:1] != _VERSION:
                return None
            nonce, sealed = raw[1 : 1 + NONCE_BYTES], raw[1 + NONCE_BYTES :]
            packed = self._keys.first(lambda key: _opened(key, nonce, sealed))
            if packed is None:
                return None
            content = json.loads(zlib.decompress(packed))
        except (binascii.Error, ValueError, zlib.error):
            return None
        until = datetime.fromtimestamp(content["until"], UTC)
        return content["answers"] if now < until else None


def _opened(key: bytes, nonce: bytes, sealed: bytes) -> bytes | None:
    try:
        return AESGCM(key).decrypt(nonce, sealed, _CONTEXT)
    except InvalidTag:
        return None
