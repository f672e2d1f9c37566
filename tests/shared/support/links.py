"""Links as they were made while all services had one key."""

import base64
import hashlib
import hmac
from uuid import UUID


def link_of_before(key: str, purpose: str, id_: UUID) -> str:
    """Return the token that a mail of that time holds."""
    mac = hmac.digest(key.encode(), f"link|{purpose}|".encode() + id_.bytes, hashlib.sha256)
    return base64.urlsafe_b64encode(id_.bytes + mac).decode().rstrip("=")
