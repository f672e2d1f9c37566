"""What every page of intake needs."""

import hmac
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from ipaddress import ip_address, ip_network
from typing import Final
from uuid import UUID

from fastapi import Request
from pydantic import SecretStr

from intake.domain.form import SignupForm
from intake.usecases import confirm, register
from intake.usecases.locations import CentreLookup, Location
from intake.usecases.register import ChangedMeanwhile, KeyUsedBefore, Source
from intake.usecases.staff import LocalUsers
from intake.vault import Vault
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.failpoints import failpoint
from shared.kit.links import Links
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause
from shared.kit.web.pages import Pages

WINDOW_SECONDS: Final = 600.0
ADDRESSES_MAX: Final = 50_000  # remembered at once; beyond that the oldest are forgotten
ATTEMPTS: Final = 3

log = get_logger(__name__)


class Limiter:
    """
    Counts what network addresses do, so that a machine cannot fill the house. Nobody's address is kept.

    A /24 (IPv4) or /56 (IPv6) counts as one and is known by a keyed hash only, whose key dies with the process.

    Args:
        most: How much one address may do in ten minutes; 0 for any number.
        seconds: A clock that only grows.
    """

    def __init__(self, most: int, seconds: Callable[[], float]) -> None:
        self._most = most
        self._seconds = seconds
        self._key = secrets.token_bytes(32)
        self._seen: dict[bytes, deque[float]] = {}

    def wait_seconds(self, address: str | None) -> int:
        """How long this address must wait; 0, and it is counted, where it need not."""
        if not self._most:
            return 0
        now = self._seconds()
        seen = self._seen.setdefault(self._of(address), deque())
        while seen and seen[0] <= now - WINDOW_SECONDS:
            seen.popleft()
        if len(seen) >= self._most:
            return int(seen[0] + WINDOW_SECONDS - now) + 1
        seen.append(now)
        if len(self._seen) > ADDRESSES_MAX:
            del self._seen[next(iter(self._seen))]
        return 0

    def _of(self, address: str | None) -> bytes:
        try:
            parsed = ip_address(address or "")
        except ValueError:
            network = address or ""
        else:
            network = str(ip_network(f"{parsed}/{24 if parsed.version == 4 else 56}", strict=False))
        return hmac.digest(self._key, network.encode(), sha256)


def is_this_machine(address: str | None) -> bool:
    """Whether the request comes from the machine itself: a rehearsal, a test, or a gateway without forwarding."""
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Tools:
    """
    What the routes work with; ``app.state.intake``.

    Attributes:
        signups: Counts sign-ups by network address.
        sign_ins: Counts tries to sign in.
        secure: Whether people reach us by HTTPS, and cookies are for that only.
    """

    pages: Pages
    database: Database
    vault: Vault
    clock: Clock
    map: CentreLookup
    links: Links
    users: LocalUsers
    signups: Limiter
    sign_ins: Limiter
    staff_key: SecretStr
    secure: bool

    def now(self) -> datetime:
        """The time in the system."""
        return self.clock.now()


def tools_of(request: Request) -> Tools:
    """The tools of the application that the request came to."""
    tools: Tools = request.app.state.intake
    return tools


def must_wait_seconds(request: Request) -> int:
    """How long whoever sends this sign-up must wait; 0 for nearly everybody."""
    address = request.client.host if request.client else None
    return 0 if is_this_machine(address) else tools_of(request).signups.wait_seconds(address)


async def take_in(
    tools: Tools, form: SignupForm, site: Location, source: Source, *, idempotency_key: str | None
) -> UUID | None:
    """
    Registers a form, whatever happens to the same person meanwhile.

    Raises:
        Refused: The form lacks something.
        KeyUsedBefore: The idempotency key came with another form.
    """
    for attempt in range(ATTEMPTS):
        try:
            async with tools.database.transaction() as session:
                cause = Cause.fresh()
                signup_id = await register.register(
                    session,
                    tools.vault,
                    form,
                    site,
                    source,
                    now=tools.now(),
                    cause=cause,
                    idempotency_key=idempotency_key,
                )
                if source.staff is not None and signup_id is not None:
                    await confirm.confirm_by_phone(session, tools.map.centres, signup_id, now=tools.now(), cause=cause)
                failpoint("web.before_commit")
        except ChangedMeanwhile:
            if attempt + 1 == ATTEMPTS:
                raise
        else:
            failpoint("web.after_commit")
            if signup_id is not None:
                log.info("signup_received", signup_id=signup_id, centre=site.centre.id)
            return signup_id
    raise ChangedMeanwhile


__all__ = ["KeyUsedBefore", "Limiter", "Tools", "must_wait_seconds", "take_in", "tools_of"]
