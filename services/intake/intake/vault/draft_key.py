"""The key of one unfinished form: it exists in the address of its pages, and nowhere in the database."""

import base64
import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from intake.vault.person_key import NONCE_BYTES, Tampered

TOKEN_BYTES: Final = 32
TOKEN_LENGTH: Final = len(base64.urlsafe_b64encode(bytes(TOKEN_BYTES)).rstrip(b"="))  # characters

_TOKEN: Final = re.compile(f"[A-Za-z0-9_-]{{{TOKEN_LENGTH}}}")


@dataclass(frozen=True, slots=True)
class DraftKey:
    """
    The key to one form.

    Attributes:
        token: The secret in the address of the pages.
    """

    token: str

    @classmethod
    def new(cls) -> "DraftKey":
        """Return the key of a new form."""
        return cls(secrets.token_urlsafe(TOKEN_BYTES))

    @classmethod
    def of(cls, token: str) -> "DraftKey | None":
        """Return the key that an address holds, None if it cannot be one."""
        return cls(token) if _TOKEN.fullmatch(token) else None

    @property
    def draft_id(self) -> bytes:
        """The id of the row, from which nobody can compute the key."""
        return self._derived("id")

    def seal(self, text: str) -> bytes:
        """Encrypt the content of the form."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(self._derived("key")).encrypt(nonce, text.encode(), self.draft_id)

    def open(self, sealed: bytes) -> str:
        """
        Decrypt what :meth:`seal` made.

        Raises:
            Tampered: It was sealed under another key.
        """
        nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return AESGCM(self._derived("key")).decrypt(nonce, ciphertext, self.draft_id).decode()
        except InvalidTag as error:
            msg = "sealed under another key"
            raise Tampered(msg) from error

    def _derived(self, use: str) -> bytes:
        return hmac.digest(self.token.encode(), f"draft|{use}|v1".encode(), hashlib.sha256)
