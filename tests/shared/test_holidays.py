"""Holidays on which no start meeting is proposed."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reference.holidays import holiday_at, holiday_label, ordinary_week
from shared.reference.slots import SLOTS, first_meeting, postponed_by
from shared.timezone import OSLO_TZ


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OSLO_TZ)


@pytest.mark.parametrize(
    ("moment", "holiday"),
    [
        ("2026-12-22T18:00", None),
        ("2026-12-23T13:00", None),
        ("2026-12-23T18:00", "christmas"),
        ("2026-12-24T10:00", "christmas"),
        ("2026-12-29T18:00", "christmas"),
        ("2026-12-31T13:00", "christmas"),
        ("2027-01-01T18:00", "christmas"),
        ("2027-01-02T18:00", None),
        ("2027-03-20T13:00", None),
        ("2027-03-20T18:00", "easter"),  # the evening before Palm Sunday
        ("2027-03-24T18:00", "easter"),  # the Wednesday before Maundy Thursday
        ("2027-03-29T18:00", "easter"),
        ("2027-03-30T18:00", None),
        ("2024-03-31T10:00", "easter"),  # Easter Sunday, and summer time begins
        ("2025-04-21T18:00", "easter"),
        ("2028-04-09T18:00", "easter"),  # Palm Sunday
        ("2027-05-01T10:00", "labour_day"),
        ("2027-05-06T18:00", "ascension"),
        ("2027-05-15T18:00", "whitsun"),
        ("2027-05-17T18:00", "constitution_day"),  # also Whit Monday
        ("2026-05-17T18:00", "constitution_day"),
        ("2026-05-25T18:00", "whitsun"),
        ("2029-05-10T18:00", "ascension"),
        ("2029-05-18T18:00", None),
    ],
)
def test_holiday_at_knows_holidays_of_several_years(moment: str, holiday: str | None) -> None:
    assert holiday_at(at(moment)) == holiday


@pytest.mark.parametrize(
    ("slot", "after", "starts_at"),
    [
        ("thu-evening", "2026-12-15T12:00", "2027-01-07T18:00"),
        ("fri-evening", "2026-12-24T12:00", "2027-01-08T18:00"),
        ("wed-evening", "2027-03-15T12:00", "2027-03-31T18:00"),
        ("sat-evening", "2027-03-13T12:00", "2027-04-03T18:00"),
        ("sat-day", "2027-03-13T12:00", "2027-03-20T13:00"),
        ("mon-evening", "2027-05-08T12:00", "2027-05-24T18:00"),
        ("thu-evening", "2026-05-06T12:00", "2026-05-21T18:00"),
        ("sun-day", "2026-05-10T12:00", "2026-05-31T13:00"),
        ("fri-morning", "2026-04-22T12:00", "2026-05-08T10:00"),
        ("tue-evening", "2026-12-14T12:00", "2026-12-22T18:00"),
    ],
)
def test_first_meeting_skips_holidays(slot: str, after: str, starts_at: str) -> None:
    assert first_meeting(slot, at(after), 7) == at(starts_at)


@pytest.mark.parametrize(
    ("starts_at", "later"),
    [
        ("2026-12-09T18:00", "2027-01-06T18:00"),
        ("2026-12-10T18:00", "2027-01-07T18:00"),
        ("2026-12-18T18:00", "2027-01-08T18:00"),
        ("2027-03-17T18:00", "2027-03-31T18:00"),  # across the beginning of summer time
        ("2026-10-20T18:00", "2026-11-03T18:00"),  # across its end
        ("2027-05-03T17:30", "2027-05-24T17:30"),
    ],
)
def test_postponed_by_keeps_wall_time_and_skips_holidays(starts_at: str, later: str) -> None:
    assert postponed_by(at(starts_at), 14) == at(later)


@given(st.sampled_from(SLOTS), st.datetimes(datetime(2024, 1, 1), datetime(2040, 1, 1)), st.integers(0, 60))  # noqa: DTZ001
def test_first_meeting_is_ordinary_and_the_first(slot: str, after: datetime, notice: int) -> None:
    moment = after.replace(tzinfo=OSLO_TZ)
    starts_at = first_meeting(slot, moment, notice).astimezone(OSLO_TZ)

    assert holiday_at(starts_at) is None
    earliest = after + timedelta(days=notice)
    week_before = starts_at - timedelta(days=7)
    assert starts_at.replace(tzinfo=None) >= earliest
    assert holiday_at(week_before) is not None or week_before.replace(tzinfo=None) < earliest


def test_ordinary_week_of_an_ordinary_moment_is_the_moment() -> None:
    assert ordinary_week(at("2026-11-17T18:00")) == at("2026-11-17T18:00")


@pytest.mark.parametrize(
    ("language", "words"), [("nb", "grunnlovsdagen"), ("nn", "grunnlovsdagen"), ("en", "Constitution Day")]
)
def test_holiday_label_is_in_the_reader_language(language: str, words: str) -> None:
    assert holiday_label("constitution_day", language) == words
