"""Who works at a centre, and their sessions."""

import asyncio
import functools
import hashlib
import secrets
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

import argon2
from sqlalchemy.ext.asyncio import AsyncSession

from intake.store import StaffSession, StaffUser, staff
from intake.vault import Transaction
from shared.errors import DomainError
from shared.kit.ids import new_id
from shared.kit.staff import StaffMember
from shared.reference.centres import Centres
from shared.reference.roles import Role

IDLE: Final = timedelta(minutes=30)
ABSOLUTE: Final = timedelta(hours=8)
TOUCH: Final = timedelta(minutes=1)
"""A session in use is noted no more often than this."""

PASSWORD_MIN = 12  # characters
PASSWORD_MAX = 256
AT_ONCE = 2  # hashes being made; each takes 64 MiB and a fifth of a second

T = TypeVar("T")

_hasher = argon2.PasswordHasher()
_hashing = ThreadPoolExecutor(AT_ONCE, "argon2")


async def add_staff(
    session: AsyncSession,
    username: str,
    password: str,
    roles: Collection[str],
    centres: Collection[str],
    now: datetime,
) -> None:
    """
    Gives somebody access, or new access in place of the old, which ends their open sessions.

    Args:
        session: The caller's transaction.
        username: What they sign in with.
        password: At least 12 characters.
        roles: Of :class:`~shared.reference.roles.Role`.
        centres: Ids of their centres; none means all.
        now: When.

    Raises:
        DomainError: ``no_such_role`` or ``password_length``.
    """
    if not roles or not {str(role) for role in Role}.issuperset(roles):
        raise DomainError("no_such_role")
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise DomainError("password_length")
    password_hash = await _in_thread(_hasher.hash, password)
    await staff.put_user(session, username, password_hash, sorted(roles), sorted(centres), now)


async def disable_staff(session: AsyncSession, username: str, now: datetime) -> bool:
    """Takes somebody's access away at once; whether there was somebody of that name."""
    return await staff.disable(session, username, now)


class LocalUsers:
    """
    Users and passwords of our own, behind :class:`~shared.kit.staff.Authenticator`.

    Args:
        transaction: Opens a transaction; none is open while a password is checked.
        centres: The centres of this installation.
    """

    def __init__(self, transaction: Transaction, centres: Centres) -> None:
        self._transaction = transaction
        self._centres = centres

    async def authenticate(self, username: str, password: str) -> StaffMember | None:
        """Who this is; None, after the same time, for a wrong name as for a wrong password."""
        async with self._transaction() as session:
            user = await staff.user(session, username)
        active = user is not None and user.disabled_at is None
        right = await _in_thread(
            _matches, user.password_hash if user and active else _nobody(), password[:PASSWORD_MAX]
        )
        return member(user, "", self._centres) if user and active and right else None


def member(user: StaffUser, session_id: str, centres: Centres) -> StaffMember:
    """The user as the pages know them; no centres named means all of them."""
    covered = user.centres or [centre.id for centre in centres.all]
    return StaffMember(user.username, frozenset(user.roles), frozenset(covered), session_id)


async def open_session(session: AsyncSession, username: str, now: datetime) -> str:
    """Opens a session; what the cookie is to hold, known to nobody else."""
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSession(session_id=new_id(), token_hash=_hash(token), username=username, opened_at=now, seen_at=now)
    )
    return token


async def current(session: AsyncSession, token: str, centres: Centres, now: datetime) -> StaffMember | None:
    """Who holds this session, unless it was idle for 30 minutes, is 8 hours old, or was ended."""
    found = await staff.session_of(session, _hash(token))
    if found is None:
        return None
    row, user = found
    if now - row.seen_at > IDLE or now - row.opened_at > ABSOLUTE or user.disabled_at is not None:
        return None
    if now - row.seen_at > TOUCH:
        row.seen_at = now
    return member(user, str(row.session_id), centres)


async def close_session(session: AsyncSession, session_id: UUID) -> None:
    """Signs out."""
    await staff.end_session(session, session_id)


async def forget_sessions(session: AsyncSession, now: datetime) -> None:
    """Deletes sessions that nobody can use any more."""
    await staff.end_old_sessions(session, now - IDLE, now - ABSOLUTE)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


@functools.cache
def _nobody() -> str:
    """What the password of an unknown name is compared with, so that it takes the same time."""
    return _hasher.hash(secrets.token_urlsafe())


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except argon2.exceptions.VerifyMismatchError:
        return False


async def _in_thread(work: Callable[..., T], *args: object) -> T:
    return await asyncio.get_running_loop().run_in_executor(_hashing, work, *args)
