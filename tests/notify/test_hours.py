"""Hours of reminders."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.domain.hours import is_night, not_at_night, reminder_at
from shared.timezone import OSLO_TZ

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(at=MOMENTS)
def test_not_at_night_moves_nights_to_the_next_morning(at: datetime) -> None:
    moved = not_at_night(at)
    assert at <= moved <= at + timedelta(hours=12)
    assert not is_night(moved)
    assert (moved == at) == (not is_night(at))


@given(starts_at=MOMENTS)
def test_reminder_at_is_by_day_on_the_day_before(starts_at: datetime) -> None:
    due = reminder_at(starts_at)
    assert due.astimezone(OSLO_TZ).date() == starts_at.astimezone(OSLO_TZ).date() - timedelta(days=1)
    assert not is_night(due)


@pytest.mark.parametrize(
    ("day", "hour_utc"),
    [("2027-03-28", 16), ("2027-03-29", 16), ("2026-10-25", 17), ("2026-10-24", 16)],
)
def test_reminder_at_keeps_local_hour_across_summer_time(day: str, hour_utc: int) -> None:
    starts_at = datetime.fromisoformat(f"{day}T{hour_utc:02}:00:00+00:00")
    assert starts_at.astimezone(OSLO_TZ).hour == 18
    assert reminder_at(starts_at).astimezone(OSLO_TZ).hour == 18
