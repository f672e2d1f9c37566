"""Receipts of erasures: what was deleted where, signed with Ed25519, and nothing about whom."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class ReceiptSigner:
    """
    Signs receipts.

    Args:
        seed: 32 bytes, for this purpose only.
    """

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public_key(self) -> str:
        """The key that verifies the receipts, in base64."""
        return base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def sign(self, statement: Mapping[str, object]) -> str:
        """Return a receipt as the text of a file: the statement and its signature."""
        signature = base64.b64encode(self._key.sign(_bytes(statement))).decode()
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
