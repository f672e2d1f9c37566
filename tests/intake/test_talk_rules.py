"""Rules of the forsamtale without a database: rows of times, and the stages of a talk."""

from datetime import UTC, date, datetime, time
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.talk_times import row_of_times
from intake.domain.talks import OFFER_STANDS, Talk, TalkOutcome
from shared.timezone import OSLO_TZ


@pytest.mark.parametrize("day", [date(2026, 3, 26), date(2026, 10, 22), date(2026, 12, 17), date(2027, 4, 29)])
def test_rows_keep_the_hour_through_summer_time_and_skip_days_off(day: date) -> None:
    spans = row_of_times(day, time(10), minutes=20, in_a_row=3, weeks=3)
    assert {span.starts_at.astimezone(OSLO_TZ).strftime("%H:%M") for span in spans} == {"10:00", "10:20", "10:40"}
    days = {span.starts_at.astimezone(OSLO_TZ).date() for span in spans}
    off = {date(2026, 12, 24), date(2026, 12, 31), date(2027, 5, 6), date(2027, 5, 13)}
    assert not days & {date(2026, 12, 24), date(2026, 12, 31)}
    assert all((later - earlier).days % 7 == 0 for earlier, later in pairwise(sorted(days)))
    assert day in days
    assert len(days) in (1, 2, 3)
    assert off


STEPS = st.lists(
    st.sampled_from(["book", "ask", "give_up", "miss", "end", "offer", "clear", "not_now", "reopen"]), max_size=30
)


@given(STEPS)
def test_talk_is_always_in_one_stage_and_never_chases_more_than_twice(steps: list[str]) -> None:
    talk, now, offers = Talk(), datetime(2026, 1, 5, tzinfo=UTC), 0
    for step in steps:
        if talk.stage == "held" and step != "reopen":
            continue
        before = talk
        match step:
            case "book":
                talk = talk.book(uuid4(), uuid4())
            case "ask":
                talk = talk.give_up().ask(now, uuid4())
            case "give_up":
                talk = talk.give_up()
            case "miss":
                talk = talk.miss(uuid4(), now + OFFER_STANDS, None)
                offers += talk.offered_until is not None
            case "offer":
                talk = talk.offer(uuid4(), None, None)
            case "end":
                talk = talk.end()
            case "reopen":
                talk = talk.reopen()
            case _:
                talk = talk.hold(TalkOutcome(step))
        arranged = [talk.time_id, talk.call_from, talk.outcome]
        assert sum(value is not None for value in arranged) <= 1
        assert talk.past <= (talk.time_id is not None)
        assert talk.time_id is None or talk.talk_id is not None
        assert talk.unanswered >= before.unanswered
        if before.time_id is not None and talk.time_id not in (None, before.time_id):
            assert (talk.talk_id, talk.sequence) == (before.talk_id, before.sequence + 1)
    assert offers <= 2
