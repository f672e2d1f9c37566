"""Sign-in with an identity provider: the secrets of an attempt, and the account of whom the provider has proven."""

import base64
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.identity import Identity, IdentityRules, access_of
from intake.store import StaffUser, audit_log, identities, staff
from intake.usecases.staff import end_access, is_username
from shared.kit.audit import Actor
from shared.kit.keys import Keys
from shared.kit.messaging.causes import Cause

ATTEMPT_VALID: Final = timedelta(minutes=10)
NO_PASSWORD: Final = ""
"""In the place of a hash: no password is right."""

ACTOR: Final = "oidc"
"""The actor in the audit log where the groups of the provider decide on access."""

_SECRET_BYTES: Final = 32

Refusal = Literal["oidc_unknown", "oidc_other", "oidc_no_access", "oidc_used", "disabled"]


class AccountRefused(Exception):  # noqa: N818 - our answer
    """The proven person has no account here, or none that opens."""

    def __init__(self, reason: Refusal, username: str = "") -> None:
        super().__init__(reason)
        self.reason: Refusal = reason
        self.username = username


@dataclass(frozen=True)
class SignInAttempt:
    """
    One attempt, which its browser keeps in a cookie; nothing is stored until it succeeds.

    The browser has the seed and the state; nonce and verifier need the key as well.

    Attributes:
        begun: When, in real time.
        again: True if a user who is signed in proves it anew.
        then: The page to go on to; one of our own.
    """

    key: bytes
    seed: bytes
    begun: datetime
    then: str
    again: bool

    @property
    def state(self) -> str:
        """The value that comes back with the provider's answer."""
        return self._derived("state")

    @property
    def nonce(self) -> str:
        """The value that the ID token must hold."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """The proof that we exchange the code ourselves (RFC 7636)."""
        return self._derived("verifier")

    @property
    def used_hash(self) -> bytes:
        """The attempt, once it has been used."""
        return sha256(self.state.encode()).digest()

    def cookie(self) -> str:
        """Return the attempt as its browser keeps it, signed."""
        content = f"{_text(self.seed)}.{int(self.begun.timestamp())}.{int(self.again)}.{_text(self.then.encode())}"
        return f"{content}.{_text(_signature(self.key, content))}"

    def _derived(self, purpose: str) -> str:
        return _text(hmac.digest(self.key, purpose.encode() + b"\x00" + self.seed, sha256))


class SignInAttempts:
    """
    Makes attempts, and reads those that browsers bring back.

    Args:
        keys: Sign them.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def begin(self, then: str, now: datetime, *, again: bool) -> SignInAttempt:
        """Return a new attempt; ``then`` is the page that comes after it."""
        return SignInAttempt(self._keys.newest, secrets.token_bytes(_SECRET_BYTES), now, then, again)

    def read(self, cookie: str, now: datetime) -> SignInAttempt | None:
        """Return the attempt of a cookie; None for one that is forged or older than ten minutes."""
        content, _, signature = cookie.rpartition(".")
        try:
            given = _bytes(signature)
            key = self._keys.first(lambda key: key if hmac.compare_digest(_signature(key, content), given) else None)
            if key is None:
                return None
            seed, begun, again, then = content.split(".")
            moment = datetime.fromtimestamp(int(begun), UTC)
            attempt = SignInAttempt(key, _bytes(seed), moment, _bytes(then).decode(), again == "1")
        except ValueError:
            return None
        return attempt if now - moment <= ATTEMPT_VALID else None


async def account_of(
    session: AsyncSession,
    identity: Identity,
    rules: IdentityRules,
    attempt: SignInAttempt,
    *,
    now: datetime,
    wall: datetime,
) -> StaffUser:
    """
    Return the account of somebody proven, and use up the attempt.

    The issuer and subject decide. Only the first time the name binds an account: one that an admin has made and that is
    bound to nobody at this provider; or a new one, where groups of the provider give access.

    Args:
        session: The caller's transaction.
        identity: Whom the provider has proven.
        rules: How groups give access.
        attempt: The attempt; it works once.
        now: The moment in the system, for the audit log.
        wall: The real time.

    Raises:
        AccountRefused: There is no account, it is disabled, or it is somebody else's.
    """
    if not await identities.use_attempt(session, attempt.used_hash, wall + ATTEMPT_VALID):
        raise AccountRefused("oidc_used")
    access = access_of(identity, rules)
    if rules.access and access is None:
        raise AccountRefused("oidc_no_access")
    bound = await identities.lock(session, identity.issuer, identity.subject)
    name = bound.username if bound else identity.username
    user = (await staff.lock(session, name)).get(name) if is_username(name) else None
    actor = Actor(ACTOR, now, Cause.fresh())
    if user is None:
        if access is None or bound is not None or not is_username(name):
            raise AccountRefused("oidc_unknown")
        user = await _add(session, name, actor)
    if bound is None:
        if await identities.has_other(session, identity.issuer, name):
            raise AccountRefused("oidc_other", name)
        await identities.bind(session, identity.issuer, identity.subject, name, wall)
        if user.one_time_until is not None:  # never used, and of no use any more
            user.password_hash, user.one_time_until = NO_PASSWORD, None
        await audit_log.record(session, actor, "staff.bound", "staff", user.user_id)
    if user.disabled_at is not None:
        raise AccountRefused("disabled", name)
    if access is not None and access != staff.access_of(user):
        user.roles, user.centres, user.all_centres = sorted(access.roles), sorted(access.centres), access.all_centres
        await end_access(session, name)
        await audit_log.record(session, actor, "staff.access_changed", "staff", user.user_id)
    await session.flush()
    return user


async def _add(session: AsyncSession, name: str, actor: Actor) -> StaffUser:
    user = StaffUser(username=name, password_hash=NO_PASSWORD, roles=[], centres=[], created_at=actor.now)
    session.add(user)
    await session.flush()
    await audit_log.record(session, actor, "staff.added", "staff", user.user_id)
    return user


def _signature(key: bytes, content: str) -> bytes:
    return hmac.digest(key, b"cookie\x00" + content.encode(), sha256)


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
