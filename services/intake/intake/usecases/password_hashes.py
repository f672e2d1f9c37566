"""
Password hashes (argon2id), computed in two threads with a short queue.

A hash takes 64 MiB and a fifth of a second of a processor. Without a bound, a flood of sign-ins would make everybody
wait for all of them; with it the flood is refused, and browsers in which somebody has signed in keep some places.
"""

import asyncio
import functools
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import argon2

AT_ONCE: Final = 2
PLACES: Final = 8
"""Hashes that are computed or wait, for browsers that nobody has signed in with: at most a second's work."""

KNOWN_PLACES: Final = 4
"""Further places for known browsers, and for users who are signed in."""

T = TypeVar("T")

_hasher = argon2.PasswordHasher()
_threads = ThreadPoolExecutor(AT_ONCE, "argon2")


class QueueFull(Exception):  # noqa: N818 - a condition, not a fault of ours
    """Too many passwords are being checked."""


class PasswordHashes:
    """
    Computes and verifies hashes.

    Args:
        places: Hashes at a time, those that wait included.
        known_places: Further ones for known browsers.
    """

    def __init__(self, places: int = PLACES, known_places: int = KNOWN_PLACES) -> None:
        self._places = places
        self._known_places = known_places
        self._taken = 0

    def require_place(self, *, known: bool) -> None:
        """
        Check that a hash can be computed soon.

        Raises:
            QueueFull: It cannot.
        """
        if self._taken >= self._places + (self._known_places if known else 0):
            raise QueueFull

    async def verify(self, password_hash: str | None, password: str, *, known: bool) -> bool:
        """
        Return True if a password has this hash; without a hash False, after the same time.

        Raises:
            QueueFull: Too many are being checked.
        """
        return await self._run(_matches, password_hash, password, known=known)

    async def make(self, password: str) -> str:
        """
        Return the hash to store of a password.

        Raises:
            QueueFull: Too many are being checked.
        """
        return await self._run(_hasher.hash, password, known=True)

    async def _run(self, work: Callable[..., T], *arguments: object, known: bool) -> T:
        self.require_place(known=known)
        self._taken += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(_threads, work, *arguments)
        finally:
            self._taken -= 1


def make_now(password: str) -> str:
    """Return the hash to store of a password; takes a fifth of a second."""
    return _hasher.hash(password)


@functools.cache
def _dummy_hash() -> str:
    """Return a hash to compare the password of an unknown user with, so that it takes the same time."""
    return _hasher.hash(secrets.token_urlsafe())


def _matches(password_hash: str | None, password: str) -> bool:
    dummy = _dummy_hash()  # made at the first sign-in of all, whoever it is
    try:
        return _hasher.verify(password_hash or dummy, password) and password_hash is not None
    except argon2.exceptions.VerifyMismatchError:
        return False
