"""Times as pages show them: grouped by their day in Norway."""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import groupby
from typing import TypeVar

from shared.kit.i18n import format_date
from shared.timezone import OSLO_TZ

T = TypeVar("T")


def by_day(times: Iterable[T], starts_at: Callable[[T], datetime], locale: str) -> list[tuple[str, list[T]]]:
    """Return times, which are in order, by their day in words."""
    days = groupby(times, lambda time: starts_at(time).astimezone(OSLO_TZ).date())
    return [(format_date(day, locale), list(of_day)) for day, of_day in days]
