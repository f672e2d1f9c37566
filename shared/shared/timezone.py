"""The time zone of people and meetings."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

OSLO_TZ: Final = ZoneInfo("Europe/Oslo")


def oslo_moment(day: date, clock: time) -> datetime:
    """Return a Norwegian wall time as a moment in UTC."""
    return datetime.combine(day, clock, tzinfo=OSLO_TZ).astimezone(UTC)


def monday_of(day: date) -> date:
    """Return the first day of the week of a day."""
    return day - timedelta(days=day.weekday())
