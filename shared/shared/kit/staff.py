"""
Who works at a centre, told by the gateway to every service.

The gateway asks intake whether a session is open, and passes intake's signed answer on as a header. The answer lives
for a minute of real time: a rehearsal at high speed must not sign people out, so wall time is used and never the
system's own clock.
"""

import base64
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Protocol

from fastapi import Request
from pydantic import SecretStr

from shared.kit.web.state import state_of

HEADER = "selvhjelp-staff"
ASSERTION_LIFETIME = timedelta(seconds=60)
SIGN_IN_PATH = "/stab/logg-inn"


class Role(StrEnum):
    """What somebody may do: see a centre's people, run the system, or start own groups."""

    KOORDINATOR = "koordinator"
    ADMIN = "admin"
    IGANGSETTER = "igangsetter"


@dataclass(frozen=True, slots=True)
class StaffMember:
    """
    Somebody who is signed in.

    Attributes:
        username: The name they sign in with; not a participant's data, and the one thing that an audit row keeps.
        roles: What they may do.
        centres: The ids of the centres they work for.
        session_id: The id of the session row, which form tokens are bound to.
    """

    username: str
    roles: frozenset[str]
    centres: frozenset[str]
    session_id: str

    def has(self, *roles: str) -> bool:
        """Whether they have one of these roles."""
        return not self.roles.isdisjoint(roles)

    def covers(self, centre: str | None) -> bool:
        """Whether they work for this centre."""
        return centre in self.centres


class Authenticator(Protocol):
    """
    What can tell who somebody is: local users today, an OpenID Connect provider behind the same door later.

    An implementation answers None for wrong and for unknown names alike, and takes the same time for both.
    ``session_id`` of the answer is empty; intake fills it in when it opens the session.
    """

    async def authenticate(self, username: str, password: str) -> StaffMember | None:
        """The person with this name and password."""
        ...


class SignInNeeded(Exception):  # noqa: N818 - what is needed, not an error
    """Nobody is signed in; the web kit answers with a way to the sign-in page."""


class Forbidden(Exception):  # noqa: N818 - what the answer is
    """Somebody is signed in, but this is not theirs to do; the web kit answers 403."""


def wall_now() -> datetime:
    """Real time, for sessions and tokens; never for the life of people and groups."""
    return datetime.now(UTC)


def sign(member: StaffMember, key: str | SecretStr, now: datetime) -> str:
    """The header that says who is signed in, good for a minute from now (wall time)."""
    claims = {
        "exp": int((now + ASSERTION_LIFETIME).timestamp()),
        "u": member.username,
        "r": sorted(member.roles),
        "c": sorted(member.centres),
        "s": member.session_id,
    }
    body = _encode(json.dumps(claims, separators=(",", ":")).encode())
    return f"{body}.{_encode(_mac(key, body))}"


def verify(header: str, key: str | SecretStr, now: datetime) -> StaffMember | None:
    """Who the header speaks of, or None when it is missing, forged or more than a minute old."""
    body, _, signature = header.partition(".")
    if not hmac.compare_digest(signature.encode(), _encode(_mac(key, body)).encode()):
        return None
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    left = claims["exp"] - now.timestamp()
    if not 0 < left <= ASSERTION_LIFETIME.total_seconds() + 1:
        return None
    return StaffMember(claims["u"], frozenset(claims["r"]), frozenset(claims["c"]), claims["s"])


def member_of(request: Request) -> StaffMember | None:
    """Who is signed in on this request; the answer is kept for the rest of the request."""
    if not hasattr(request.state, "staff"):
        state = state_of(request)
        header = request.headers.get(HEADER, "")
        request.state.staff = verify(header, state.staff_key, state.wall()) if header else None
    member: StaffMember | None = request.state.staff
    return member


def require(*roles: str) -> Callable[[Request], Awaitable[StaffMember]]:
    """
    A FastAPI dependency: somebody with one of these roles, or anybody signed in when none is named.

    Raises:
        SignInNeeded: Nobody is signed in.
        Forbidden: The role is missing.
    """

    async def signed_in(request: Request) -> StaffMember:
        member = member_of(request)
        if member is None:
            raise SignInNeeded
        if roles and not member.has(*roles):
            raise Forbidden
        return member

    return signed_in


def _mac(key: str | SecretStr, body: str) -> bytes:
    secret = key.get_secret_value() if isinstance(key, SecretStr) else key
    return hmac.new(secret.encode(), b"staff\0" + body.encode(), sha256).digest()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
