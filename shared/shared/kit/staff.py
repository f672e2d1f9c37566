"""
The signed-in member of staff, as the gateway asserts it to every service.

The gateway asks intake about the session of a request and passes intake's signed answer on as a header. The assertion
is valid for a minute of real time: a rehearsal at high speed must not sign people out, so wall time is used and never
the system's own clock.
"""

import base64
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Protocol

from pydantic import SecretStr

HEADER = "selvhjelp-staff"
ASSERTION_LIFETIME = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class StaffMember:
    """
    A signed-in member of staff.

    Attributes:
        username: The name they sign in with; not a participant's data, so the audit log may keep it.
        roles: The roles they have.
        tenants: The ids of the organisations they work for.
        session_id: The id of the session row; form tokens are bound to it.
    """

    username: str
    roles: frozenset[str]
    tenants: frozenset[str]
    session_id: str

    def has(self, *roles: str) -> bool:
        """Return True if they have one of these roles."""
        return not self.roles.isdisjoint(roles)

    def covers(self, tenant: str | None) -> bool:
        """Return True if they work for this organisation."""
        return tenant in self.tenants


class Authenticator(Protocol):
    """
    A provider of identities: local users today, an OpenID Connect provider behind the same protocol later.

    An implementation returns None for a wrong password and for an unknown name alike, and takes the same time for both.
    ``session_id`` of the member is empty; intake fills it in when it opens the session.
    """

    async def authenticate(self, username: str, password: str) -> StaffMember | None:
        """Return the member with this name and password, else None."""
        ...


def wall_now() -> datetime:
    """Return the real time, for sessions and tokens; never for the life of people and groups."""
    return datetime.now(UTC)


def sign(member: StaffMember, key: str | SecretStr, now: datetime) -> str:
    """Return the header that asserts a signed-in member, valid for a minute from now (wall time)."""
    claims = {
        "exp": int((now + ASSERTION_LIFETIME).timestamp()),
        "u": member.username,
        "r": sorted(member.roles),
        "c": sorted(member.tenants),
        "s": member.session_id,
    }
    body = _encode(json.dumps(claims, separators=(",", ":")).encode())
    return f"{body}.{_encode(_mac(key, body))}"


def verify(header: str, key: str | SecretStr, now: datetime) -> StaffMember | None:
    """Return the asserted member, None for a header that is empty, forged or more than a minute old."""
    body, _, signature = header.partition(".")
    if not hmac.compare_digest(signature.encode(), _encode(_mac(key, body)).encode()):
        return None
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    remaining_seconds = claims["exp"] - now.timestamp()
    if not 0 < remaining_seconds <= ASSERTION_LIFETIME.total_seconds() + 1:
        return None
    return StaffMember(claims["u"], frozenset(claims["r"]), frozenset(claims["c"]), claims["s"])


def _mac(key: str | SecretStr, body: str) -> bytes:
    secret = key.get_secret_value() if isinstance(key, SecretStr) else key
    return hmac.new(secret.encode(), b"staff\0" + body.encode(), sha256).digest()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
