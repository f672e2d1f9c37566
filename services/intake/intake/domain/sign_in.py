"""
The steps of a sign-in, and how long a name rests after wrong attempts.

How somebody proves to be a user (password, passkey, code, later an identity provider) is one question; the session
that follows is another. A proof comes in here as a :class:`Proof`, and what is left to do goes out as a :class:`Stage`.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

FREE_FAILURES: Final = 5
"""Wrong attempts before a name rests."""

REST_MAX: Final = timedelta(minutes=15)
FAILURES_FORGOTTEN: Final = timedelta(hours=24)
"""Time after the last failure at which all are forgotten."""

ONE_TIME_VALID: Final = timedelta(hours=72)
SECOND_STEP_WITHIN: Final = timedelta(minutes=10)
FRESH: Final = timedelta(minutes=10)
"""Age of a proof at which it must be given again before a factor or the password is changed."""

SESSIONS_MAX: Final = 5
"""Sessions that a user can have at a time; one more ends the one that was used longest ago."""


class Proof(StrEnum):
    """How the user of a session was proven last."""

    PASSWORD = "password"  # noqa: S105 - a word, not a password
    TOTP = "totp"
    PASSKEY = "passkey"
    RECOVERY = "recovery"
    PROVIDER = "provider"


class Stage(StrEnum):
    """How far a session has come; only an open one opens pages."""

    SECOND_FACTOR = "second_factor"
    NEW_PASSWORD = "new_password"  # noqa: S105 - a step, not a password
    NEW_FACTOR = "new_factor"
    OPEN = "open"


def stage_of(*, proven_twice: bool, has_factor: bool, one_time: bool, factor_required: bool) -> Stage:
    """
    Return what a user must do next.

    Args:
        proven_twice: A second factor was given in this session, or the user had none when it began.
        has_factor: The user has a second factor.
        one_time: The password was made by somebody else.
        factor_required: Everybody needs a second factor by now.
    """
    if has_factor and not proven_twice:
        return Stage.SECOND_FACTOR
    if one_time:
        return Stage.NEW_PASSWORD
    if factor_required and not has_factor:
        return Stage.NEW_FACTOR
    return Stage.OPEN


def is_required(second_factor_from: date | None, today: date) -> bool:
    """Return True if everybody needs a second factor on a day."""
    return second_factor_from is not None and today >= second_factor_from


def rest_after(failures: int) -> timedelta:
    """Return how long a name rests after so many failures in a row: 1, 2, 4 … seconds after the free ones."""
    over = failures - FREE_FAILURES
    return timedelta() if over < 0 else min(REST_MAX, timedelta(seconds=2 ** min(over, 20)))


def counted(failures: int, failed_at: datetime | None, now: datetime) -> int:
    """Return the failures that still count."""
    return failures if failed_at is not None and now - failed_at < FAILURES_FORGOTTEN else 0
