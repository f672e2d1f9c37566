"""The keys of a service under test: each ring has one version, and all have the same key."""

import hashlib
from datetime import date
from typing import Any

from pydantic import SecretStr

from shared.kit.keys import Keys, KeyVersion, Ring
from shared.reference.key_rings import RINGS


def rings_of(service: str, key: str | SecretStr) -> dict[str, Any]:
    """Return the rings that a service holds, as its settings take them."""
    secret = SecretStr(key) if isinstance(key, str) else key
    return {name: secret for name, holders in RINGS.items() if service in holders}


def ring_environment(key: str) -> dict[str, str]:
    """Return the rings of all services, as their environment has them."""
    return {f"{service}_{name}".upper(): key for name, holders in RINGS.items() for service in holders}


def fixed_keys(secret: bytes) -> Keys:
    """Return the keys of a ring with one version, which is never replaced."""
    version = KeyVersion(1, date(2026, 1, 1), hashlib.sha256(secret).digest())
    return Ring("tests", str(version)).keys("tests")
