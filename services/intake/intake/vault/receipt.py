"""Receipts of erasures: what was deleted where, signed with Ed25519, and nothing about whom."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.kit.keys import Keys


class ReceiptSigner:
    """
    Signs receipts.

    Args:
        seeds: 32 bytes each, for this purpose only; the newest signs.
    """

    def __init__(self, seeds: Keys) -> None:
        self._seeds = seeds

    @property
    def public_keys(self) -> tuple[str, ...]:
        """The keys that verify receipts, in base64, the newest first."""
        keys = map(Ed25519PrivateKey.from_private_bytes, self._seeds.all())
        return tuple(base64.b64encode(key.public_key().public_bytes_raw()).decode() for key in keys)

    def sign(self, statement: Mapping[str, object]) -> str:
        """Return a receipt as the text of a file: the statement and its signature."""
        signature = base64.b64encode(
            Ed25519PrivateKey.from_private_bytes(self._seeds.newest).sign(_bytes(statement))
        ).decode()
        return json.dumps({"statement": statement, "signature": signature}, ensure_ascii=False, indent=2) + "\n"


def verified(receipt: str, public_key: str) -> Mapping[str, Any] | None:
    """Return the statement of a receipt, None if the key did not sign it."""
    try:
        document = json.loads(receipt)
        statement: Mapping[str, Any] = document["statement"]
        signature = base64.b64decode(document["signature"], validate=True)
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(signature, _bytes(statement))
    except (ValueError, KeyError, TypeError, binascii.Error, InvalidSignature):
        return None
    return statement


def _bytes(statement: Mapping[str, object]) -> bytes:
    return json.dumps(statement, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
