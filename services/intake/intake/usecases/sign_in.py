"""
Proof of who somebody is, by name and password, and the counts of wrong attempts.

After some failures in a row a name rests, longer each time, up to a quarter of an hour; then one more attempt is
checked. Nobody is locked out: a browser in which the user has signed in before has a count of its own, so strangers who
guess cannot keep it out (decision 38). Names that nobody has are counted, and take as long, as those of users.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.sign_in import FAILURES_FORGOTTEN, counted, rest_after
from intake.store import StaffUser, sign_in_failures, staff, staff_sessions
from intake.usecases.password_hashes import PasswordHashes
from intake.usecases.session_tokens import token_hash
from intake.usecases.staff import is_username
from intake.vault.group_keys import Transaction
from shared.kit.keys import Keys
from shared.kit.text import without_breaks, without_marks

BROWSER_KNOWN: Final = timedelta(days=90)


@dataclass(frozen=True)
class Attempt:
    """
    The answer to a name and password.

    Attributes:
        user: The user, None for a wrong pair.
        rests_seconds: Time until the name is checked again; 0 unless nothing was checked.
        refusal: Why not, for the security log; the page says the same for all but the last.
    """

    user: StaffUser | None = None
    rests_seconds: int = 0
    refusal: Literal["", "unknown_name", "disabled", "wrong_password", "name_rests", "expired"] = ""


class LocalUsers:
    """
    Users with passwords that this system keeps.

    Args:
        transaction: Opens a transaction; none is open while a password is checked.
        name_keys: Of the hashes under which attempts are counted; with a new key all are forgotten.
        hashes: Computes the hashes of passwords.
    """

    def __init__(self, transaction: Transaction, name_keys: Keys, hashes: PasswordHashes) -> None:
        self._transaction = transaction
        self._name_keys = name_keys
        self.hashes = hashes

    async def authenticate(self, username: str, password: str, now: datetime, browser: str = "") -> Attempt:
        """
        Check a name and password; a wrong name takes as long as a wrong password.

        Args:
            username: As typed.
            password: As typed, never cut.
            now: The real time.
            browser: The token of a browser that may be known.

        Raises:
            QueueFull: Too many passwords are being checked.
        """
        name = without_marks(without_breaks(username))
        async with self._transaction() as session:
            user = await staff.get(session, name) if is_username(name) else None
            known = await self._knows(session, browser, name if user else "", now)
            self.hashes.require_place(known=known)
            key = self._key("password", name, browser if known else "")
            rests = await _count(session, key, now)
        if rests:
            return Attempt(rests_seconds=rests, refusal="name_rests")
        active = user is not None and user.disabled_at is None
        password_hash = user.password_hash if user and active else None
        matches = await self.hashes.verify(password_hash, password, known=known)
        if user is None or not active:
            return Attempt(refusal="disabled" if user else "unknown_name")
        if not matches:
            return Attempt(refusal="wrong_password")
        if user.one_time_until is not None and now >= user.one_time_until:
            return Attempt(refusal="expired")
        async with self._transaction() as session:
            await sign_in_failures.delete(session, key)
        return Attempt(user)

    async def authenticate_again(self, username: str, password: str, now: datetime) -> Attempt:
        """
        Check the password of a user who is signed in; wrong ones are counted for that user alone.

        Raises:
            QueueFull: Too many passwords are being checked.
        """
        key = self._key("again", username, "")
        async with self._transaction() as session:
            user = await staff.get(session, username)
            self.hashes.require_place(known=True)
            rests = await _count(session, key, now)
        if rests:
            return Attempt(rests_seconds=rests, refusal="name_rests")
        matches = await self.hashes.verify(user.password_hash if user else None, password, known=True)
        if user is None or not matches:
            return Attempt(refusal="wrong_password")
        async with self._transaction() as session:
            await sign_in_failures.delete(session, key)
        return Attempt(user)

    async def count_code(self, session: AsyncSession, username: str, browser: str, now: datetime) -> int:
        """Count a code of an app as wrong, before it is checked; return 0, or the seconds until one is checked."""
        known = await self._knows(session, browser, username, now)
        return await _count(session, self._key("code", username, browser if known else ""), now)

    async def forget_codes(self, session: AsyncSession, username: str, browser: str) -> None:
        """Forget the wrong codes of a user, in a browser and elsewhere."""
        for known in {"", browser}:
            await sign_in_failures.delete(session, self._key("code", username, known))

    async def _knows(self, session: AsyncSession, browser: str, username: str, now: datetime) -> bool:
        return await staff_sessions.knows_browser(session, token_hash(browser), username, now - BROWSER_KNOWN)

    def _key(self, kind: str, name: str, browser: str) -> bytes:
        """Return the key under which attempts on a name are counted; the name is not stored."""
        return hmac.digest(self._name_keys.newest, f"{kind}\x00{name}\x00{browser}".encode(), sha256)


async def _count(session: AsyncSession, key: bytes, now: datetime) -> int:
    """
    Count an attempt as failed, before it is checked, so that attempts at the same time are counted too.

    Returns:
        0, or the seconds until one is checked again; then it is not counted.
    """
    row = await sign_in_failures.lock(session, key, now)
    if now < row.rests_until:
        return int((row.rests_until - now).total_seconds()) + 1
    row.failures = counted(row.failures, row.failed_at, now) + 1
    row.failed_at = now
    row.rests_until = now + rest_after(row.failures)
    return 0


async def forget_old(session: AsyncSession, now: datetime) -> None:
    """Forget failures that no longer count, and browsers in which nobody has signed in for long."""
    await sign_in_failures.delete_old(session, now - FAILURES_FORGOTTEN)
    await staff_sessions.delete_old_browsers(session, now - BROWSER_KNOWN)
