"""
The status of a sign-up, and the order of its events.

Events of a sign-up may arrive late, twice or in any order. The highest version wins and leaving is final, so that every
order ends the same way.
"""

from enum import StrEnum
from typing import Final, Literal


class SignupStatus(StrEnum):
    """
    The status of a sign-up, from waiting to membership; ``gone`` is final.

    ``unready`` is a sign-up whose pause has arrived before its wishes.
    """

    UNREADY = "unready"

    WAITING = "waiting"
    OFFERED = "offered"
    SEATED = "seated"
    MEMBER = "member"
    GONE = "gone"


def classify_update(
    current: tuple[SignupStatus, int] | None, version: int
) -> Literal["first", "newer", "stale", "gone"]:
    """
    Classify an incoming wishes event against the stored sign-up.

    Args:
        current: The stored status and version; None if no event of the sign-up has been handled.
        version: The version of the event.

    Returns:
        ``first`` or ``newer`` if the wishes count, ``stale`` if the stored version is not lower, ``gone`` if the person
        has left.
    """
    if current is None:
        return "first"
    status, stored_version = current
    if status is SignupStatus.GONE:
        return "gone"
    return "newer" if version > stored_version else "stale"


UNANSWERED_BEFORE_PAUSE: Final = 2
"""Number of offers in a row that a person leaves unanswered before no more are made."""


def is_newer_pause(stored_version: int, version: int) -> bool:
    """Return True if what begins or ends counts: that with the highest version, in any order of arrival."""
    return version > stored_version
