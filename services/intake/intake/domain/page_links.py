"""How long the links that open a page last, and the sessions that they open."""

from datetime import timedelta
from typing import Final

LINK_VALID: Final = timedelta(minutes=10)
SESSION_VALID: Final = timedelta(minutes=30)
"""In real time, even in a rehearsal whose clock runs faster."""
