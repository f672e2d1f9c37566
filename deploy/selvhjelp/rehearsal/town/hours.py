"""The hours in which a coordinator is at work; at other times the town goes on alone."""

from datetime import datetime, time
from typing import Final

from shared.reference.calls import MORNING, is_working_day, next_morning
from shared.timezone import OSLO_TZ

GOING_HOME: Final = time(16)


def next_at_work(now: datetime) -> datetime:
    """Return this moment if the coordinator is at work, else the next at which work begins."""
    local = now.astimezone(OSLO_TZ)
    if is_working_day(local.date()):
        if MORNING <= local.time() < GOING_HOME:
            return now
        if local.time() < MORNING:
            return datetime.combine(local.date(), MORNING, OSLO_TZ)
    return next_morning(now)
