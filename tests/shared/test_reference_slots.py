"""Slots: a weekday and a local hour, also over summer time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reference import slots
from shared.timezone import OSLO_TZ

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds the zone
ANY_SLOT = st.sampled_from(slots.SLOTS)


def test_slots_are_21_from_monday_to_sunday() -> None:
    assert len(set(slots.SLOTS)) == 21
    assert (slots.SLOTS[0], slots.SLOTS[-1]) == ("mon-morning", "sun-evening")


@given(ANY_SLOT, MOMENTS, st.integers(0, 90))
def test_first_meeting_is_the_first_slot_after_the_notice(slot: str, after: datetime, notice_days: int) -> None:
    meeting = slots.first_meeting(slot, after, notice_days)
    local, wall = meeting.astimezone(OSLO_TZ), after.astimezone(OSLO_TZ).replace(tzinfo=None)
    assert meeting.tzinfo is UTC
    assert local.weekday() == slots.weekday(slot)
    assert local.time() == slots.STARTS[slots.part(slot)]
    waited = local.replace(tzinfo=None) - wall
    weeks_of_holidays = timedelta(weeks=3)
    assert timedelta(days=notice_days) <= waited < timedelta(days=notice_days + 7) + weeks_of_holidays


@given(ANY_SLOT, MOMENTS, st.integers(0, 30))
def test_first_meeting_never_moves_back_with_time(slot: str, after: datetime, notice_days: int) -> None:
    first = slots.first_meeting(slot, after, notice_days)
    assert first <= slots.first_meeting(slot, after + timedelta(hours=5), notice_days)
    assert first <= slots.first_meeting(slot, after, notice_days + 1)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (datetime(2027, 3, 20, 12, tzinfo=UTC), datetime(2027, 3, 30, 16, tzinfo=UTC)),
        (datetime(2027, 10, 20, 12, tzinfo=UTC), datetime(2027, 11, 2, 17, tzinfo=UTC)),
    ],
)
def test_first_meeting_keeps_local_hour_over_summer_time(after: datetime, expected: datetime) -> None:
    assert slots.first_meeting("tue-evening", after, 7) == expected


def test_first_meeting_exactly_at_the_notice_counts() -> None:
    tuesday = datetime(2026, 11, 24, 18, tzinfo=OSLO_TZ)
    assert slots.first_meeting("tue-evening", tuesday, 7) == tuesday + timedelta(days=7)
    assert slots.first_meeting("tue-evening", tuesday + timedelta(seconds=1), 7) == tuesday + timedelta(days=14)


def test_first_meeting_naive_moment_or_unknown_slot_raises() -> None:
    with pytest.raises(ValueError, match="time zone"):
        slots.first_meeting("tue-evening", datetime(2026, 11, 24), 7)  # noqa: DTZ001 - a naive moment is the fault
    with pytest.raises(ValueError, match="no such slot"):
        slots.first_meeting("tue-night", datetime(2026, 11, 24, tzinfo=UTC), 7)


def test_label_names_slot_in_every_language() -> None:
    assert [slots.label("tue-evening", language) for language in ("nb", "nn", "en")] == [
        "tirsdag kveld",
        "tysdag kveld",
        "Tuesday evening",
    ]
    for language in ("nb", "nn", "en"):
        assert len({slots.label(slot, language) for slot in slots.SLOTS}) == 21
