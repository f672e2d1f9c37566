"""Hours of reminders: never between 21 and 08, Norwegian time."""

from datetime import UTC, datetime, time, timedelta
from typing import Final

from shared.timezone import OSLO_TZ

DAY_BEGINS: Final = time(8)
DAY_ENDS: Final = time(21)
LAST_REMINDER: Final = time(20)
"""Latest time of a reminder; early enough for a retry after half an hour on the same evening."""


def is_night(at: datetime) -> bool:
    """Return True between :data:`DAY_ENDS` and :data:`DAY_BEGINS`, Norwegian time."""
    local = at.astimezone(OSLO_TZ).time()
    return not DAY_BEGINS <= local < DAY_ENDS


def not_at_night(at: datetime) -> datetime:
    """Return ``at`` if it is by day, otherwise the next morning at eight; in UTC."""
    if not is_night(at):
        return at.astimezone(UTC)
    local = at.astimezone(OSLO_TZ)
    day = local.date() if local.time() < DAY_BEGINS else local.date() + timedelta(days=1)
    return datetime.combine(day, DAY_BEGINS, OSLO_TZ).astimezone(UTC)


def reminder_at(starts_at: datetime, days: int = 1) -> datetime:
    """Return the moment of a reminder: some days before at the same hour, moved into the day; in UTC."""
    local = starts_at.astimezone(OSLO_TZ)
    hour = min(max(local.time(), DAY_BEGINS), LAST_REMINDER)
    return datetime.combine(local.date() - timedelta(days=days), hour, OSLO_TZ).astimezone(UTC)
