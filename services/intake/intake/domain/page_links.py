"""How long the links that open a page last, and the sessions that they open."""

from datetime import datetime, timedelta
from typing import Final

LINK_VALID: Final = timedelta(minutes=10)
SESSION_VALID: Final = timedelta(minutes=30)
"""In real time, even in a rehearsal whose clock runs faster."""


def link_works(used_at: datetime | None, expires_at: datetime, now: datetime) -> bool:
    """Return True if a link was not used and is not too old."""
    return used_at is None and now < expires_at
