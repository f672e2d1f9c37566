"""The key of one person: seals and opens column values."""

import os
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES: Final = 12


class PersonKeyMissing(LookupError):  # noqa: N818 - named by the condition, as the other errors of the vault
    """The person has no key: erased, or never signed up."""


class Tampered(ValueError):  # noqa: N818 - named by the condition, as the other errors of the vault
    """The bytes were not sealed for this person, table and column."""


@dataclass(frozen=True, slots=True)
class PersonKey:
    """
    The opened key of one person. Lives as long as one request and is never stored.

    Attributes:
        made_at: Time at which a spare key was made, by a monotonic clock in seconds; 0 for a key that was looked up.
    """

    person_id: UUID
    _cipher: AESGCM
    made_at: float = 0.0

    def seal(self, table: str, column: str, value: str | None) -> bytes | None:
        """Encrypt ``value`` for one column; None stays None."""
        if value is None:
            return None
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, value.encode(), self._associated_data(table, column))

    def open(self, table: str, column: str, sealed: bytes | None) -> str | None:
        """
        Decrypt a value that :meth:`seal` made; None stays None.

        Raises:
            Tampered: The value was sealed for another person, table or column.
        """
        if sealed is None:
            return None
        nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, ciphertext, self._associated_data(table, column)).decode()
        except InvalidTag as error:
            msg = "sealed for another person or column"
            raise Tampered(msg) from error

    def _associated_data(self, table: str, column: str) -> bytes:
        return f"{self.person_id}|{table}|{column}|v1".encode()
