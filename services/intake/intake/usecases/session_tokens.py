"""The secrets in the cookies of sessions; only their hashes are stored."""

import hashlib
import secrets


def new_token() -> str:
    """Return a new secret for a cookie."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """Return the hash that is stored of a secret."""
    return hashlib.sha256(token.encode()).digest()
