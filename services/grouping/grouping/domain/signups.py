"""
Where one sign-up stands, whatever order its events arrive in.

The highest version wins and leaving is for good: the same events in any order, any number of times, end the same way.
"""

from enum import StrEnum
from typing import Literal


class SignupStatus(StrEnum):
    """What has become of a sign-up."""

    WAITING = "waiting"
    OFFERED = "offered"
    SEATED = "seated"
    MEMBER = "member"
    GONE = "gone"


def classify_update(
    current: tuple[SignupStatus, int] | None, version: int
) -> Literal["first", "newer", "stale", "gone"]:
    """
    What an event with wishes is to us.

    Args:
        current: Where the sign-up stands and the highest version seen; None where we never heard of it.
        version: That of the event.

    Returns:
        ``first`` or ``newer`` where its wishes count, ``stale`` where newer ones are known, ``gone`` where the person
        has left.
    """
    if current is None:
        return "first"
    standing, seen = current
    if standing is SignupStatus.GONE:
        return "gone"
    return "newer" if version > seen else "stale"
