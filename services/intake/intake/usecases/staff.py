"""Staff users, passwords and sessions."""

import asyncio
import functools
import secrets
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

import argon2
from sqlalchemy.ext.asyncio import AsyncSession

from intake.store import StaffSession, StaffUser, staff
from intake.usecases.session_tokens import new_token, token_hash
from intake.vault.group_keys import Transaction
from shared.errors import DomainError, NotFoundError
from shared.kit.ids import new_id
from shared.kit.staff import StaffMember
from shared.kit.text import without_breaks, without_marks
from shared.reference.centres import CentreDirectory, Centres
from shared.reference.roles import Role

SESSION_IDLE: Final = timedelta(minutes=30)
SESSION_LENGTH: Final = timedelta(hours=8)
TOUCH_INTERVAL: Final = timedelta(minutes=1)
"""Minimum time between two writes of a session's ``seen_at``."""

USERNAME_MAX: Final = 63  # characters
PASSWORD_MIN: Final = 12  # characters
PASSWORD_MAX: Final = 256
HASHES_AT_ONCE: Final = 2  # each takes 64 MiB and a fifth of a second

T = TypeVar("T")

_hasher = argon2.PasswordHasher()
_hash_threads = ThreadPoolExecutor(HASHES_AT_ONCE, "argon2")


async def add_staff(
    session: AsyncSession,
    username: str,
    password: str,
    roles: Collection[str],
    centres: Collection[str],
    now: datetime,
) -> None:
    """
    Add a user, or replace a user's access and end the open sessions.

    Args:
        session: The caller's transaction.
        username: The name to sign in with.
        password: At least 12 characters.
        roles: Of :class:`~shared.reference.roles.Role`.
        centres: Ids of the user's centres; empty for all.
        now: The current time.

    Raises:
        NotFoundError: ``unknown_role``.
        DomainError: ``password_length`` or ``username``.
    """
    if not roles or not {str(role) for role in Role}.issuperset(roles):
        raise NotFoundError("unknown_role")
    if not is_username(username):
        raise DomainError("username")
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise DomainError("password_length")
    password_hash = await _in_thread(_hasher.hash, password)
    await staff.put(session, username, password_hash, sorted(roles), sorted(centres), now)


async def disable_staff(session: AsyncSession, username: str, now: datetime) -> bool:
    """Disable a user and end the open sessions; return False if there is no such user."""
    return await staff.disable(session, username, now)


def is_username(text: str) -> bool:
    """Return True for a name that can be typed at the sign-in: visible signs, no blank at its ends, not too long."""
    return 0 < len(text) <= USERNAME_MAX and text.isprintable() and text == without_marks(text)


class LocalUsers:
    """
    Users with local passwords, as an :class:`~shared.kit.staff.Authenticator`.

    Args:
        transaction: Opens a transaction; none is open while a password is checked.
        directory: The centres of this installation.
    """

    def __init__(self, transaction: Transaction, directory: CentreDirectory) -> None:
        self._transaction = transaction
        self._directory = directory

    async def authenticate(self, username: str, password: str) -> StaffMember | None:
        """Return the user with this name and password, or None; a wrong name takes as long as a wrong password."""
        name = without_marks(without_breaks(username))
        user = None
        if is_username(name):
            async with self._transaction() as session:
                user = await staff.get(session, name)
        active = user is not None and user.disabled_at is None
        password_hash = user.password_hash if user and active else _dummy_hash()
        matches = await _in_thread(_matches, password_hash, password[:PASSWORD_MAX])
        return _member(user, "", self._directory.current()) if user and active and matches else None


async def open_session(session: AsyncSession, username: str, now: datetime) -> str:
    """Open a session and return the secret for the cookie; only its hash is stored."""
    token = new_token()
    session.add(
        StaffSession(session_id=new_id(), token_hash=token_hash(token), username=username, opened_at=now, seen_at=now)
    )
    return token


async def current_member(session: AsyncSession, token: str, centres: Centres, now: datetime) -> StaffMember | None:
    """Return the user of a session and mark it as seen; None if idle for 30 minutes, 8 hours old, or ended."""
    session_and_user = await staff.session_by_token(session, token_hash(token))
    if session_and_user is None:
        return None
    row, user = session_and_user
    if now - row.seen_at > SESSION_IDLE or now - row.opened_at > SESSION_LENGTH or user.disabled_at is not None:
        return None
    if now - row.seen_at > TOUCH_INTERVAL:
        row.seen_at = now
    return _member(user, str(row.session_id), centres)


async def close_session(session: AsyncSession, session_id: UUID) -> None:
    """Delete a session."""
    await staff.delete_session(session, session_id)


async def delete_expired_sessions(session: AsyncSession, now: datetime) -> None:
    """Delete sessions that are idle or too old."""
    await staff.delete_old_sessions(session, now - SESSION_IDLE, now - SESSION_LENGTH)


def _member(user: StaffUser, session_id: str, centres: Centres) -> StaffMember:
    """Return the user as the pages know it; a user without centres covers all of them."""
    covered = user.centres or [centre.id for centre in centres.all]
    return StaffMember(user.username, frozenset(user.roles), frozenset(covered), session_id)


@functools.cache
def _dummy_hash() -> str:
    """Return a hash to compare the password of an unknown user with, so that it takes the same time."""
    return _hasher.hash(secrets.token_urlsafe())


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except argon2.exceptions.VerifyMismatchError:
        return False


async def _in_thread(work: Callable[..., T], *args: object) -> T:
    return await asyncio.get_running_loop().run_in_executor(_hash_threads, work, *args)
