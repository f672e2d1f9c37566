"""The key-encryption keys that wrap the person keys."""

import base64
import os
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from intake.vault.person_key import NONCE_BYTES, Tampered
from shared.kit.keys import Live

KEY_BYTES: Final = 32

_URL_SAFE: Final = str.maketrans("-_", "+/")


class Kek:
    """
    The key-encryption keys, by id.

    Two are valid while one replaces the other: the first wraps new person keys, all of them unwrap.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            msg = "at least one key-encryption key is needed"
            raise ValueError(msg)
        if any(len(key) != KEY_BYTES for key in keys.values()):
            msg = f"a key-encryption key has {KEY_BYTES} bytes"
            raise ValueError(msg)
        self._current = next(iter(keys))
        self._ciphers = {kek_id: AESGCM(key) for kek_id, key in keys.items()}

    @property
    def current(self) -> str:
        """The id of the key that wraps."""
        return self._current

    @classmethod
    def parse(cls, text: str) -> "Kek":
        """
        Read ``id:base64`` pairs separated by commas or white space, the current one first; a bare key has the id "1".

        Raises:
            ValueError: A key is not 32 bytes in base64, or two have the same id. The message never repeats the key.
        """
        keys: dict[str, bytes] = {}
        for part in text.replace(",", " ").split():
            kek_id, _, encoded = part.rpartition(":")
            if (kek_id or "1") in keys:
                msg = "two key-encryption keys have the same id"
                raise ValueError(msg)
            try:
                keys[kek_id or "1"] = base64.b64decode(encoded.translate(_URL_SAFE), validate=True)
            except ValueError:
                msg = "a key-encryption key is not base64"
                raise ValueError(msg) from None
        return cls(keys)

    def has(self, kek_id: str) -> bool:
        """Return True if a key with this id is configured."""
        return kek_id in self._ciphers

    def wrap(self, person_id: UUID, key: bytes) -> bytes:
        """Encrypt a person's key under the current key-encryption key."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._ciphers[self._current].encrypt(nonce, key, _associated_data(person_id))

    def unwrap(self, person_id: UUID, kek_id: str, wrapped: bytes) -> bytes:
        """
        Decrypt a person's key.

        Raises:
            Tampered: It was wrapped for another person, by another key, or by a key that is no longer configured.
        """
        cipher = self._ciphers.get(kek_id)
        if cipher is None:
            msg = "wrapped by a key-encryption key that is not configured"
            raise Tampered(msg)
        try:
            return cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _associated_data(person_id))
        except InvalidTag as error:
            msg = "not a key of this person"
            raise Tampered(msg) from error


class LiveKek(Kek):
    """
    The key-encryption keys that are in the mounted file now.

    Args:
        keys: Read anew when the file changes.
    """

    def __init__(self, keys: Live[Kek]) -> None:
        self._keys = keys

    @property
    def current(self) -> str:
        """The id of the key that wraps."""
        return self._keys.value.current

    def has(self, kek_id: str) -> bool:
        """Return True if a key with this id is configured."""
        return self._keys.value.has(kek_id)

    def wrap(self, person_id: UUID, key: bytes) -> bytes:
        """Encrypt a person's key, as :meth:`Kek.wrap`."""
        return self._keys.value.wrap(person_id, key)

    def unwrap(self, person_id: UUID, kek_id: str, wrapped: bytes) -> bytes:
        """
        Decrypt a person's key, as :meth:`Kek.unwrap`; another copy of intake may have read a new key already.

        Raises:
            Tampered: As there.
        """
        if not self._keys.value.has(kek_id):
            self._keys.refresh()
        return self._keys.value.unwrap(person_id, kek_id, wrapped)


def _associated_data(person_id: UUID) -> bytes:
    return b"key|" + person_id.bytes
