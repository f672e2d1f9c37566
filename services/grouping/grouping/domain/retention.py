"""
How long grouping remembers.

Spans are in the system's time. The source is the project's list of what must be erased, and when.
"""

from datetime import timedelta
from typing import Final

WHO_SAT_WITH_WHOM: Final = timedelta(days=14)
"""After a group was closed; from then on no row links two people of a group. The same in all services."""

LEFT: Final = timedelta(days=30)
"""Ids of those who left or were erased; longer than the stream (7 days) or the inbox (14 days) knows an event."""

STREAM: Final = timedelta(days=7)
"""For so long after it was told an event can still become a dead letter."""

STAFF_ACTIONS: Final = timedelta(days=365)
"""What staff did."""

BOARD_CHANGES: Final = timedelta(days=1)
"""Which sign-ups have changed; in real time, and longer than a board goes on without being made anew."""
