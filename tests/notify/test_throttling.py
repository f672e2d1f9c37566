"""Rate of sending, and pauses while the mail server refuses."""

from hypothesis import given
from hypothesis import strategies as st

from notify.domain.throttling import (
    LARGEST_BATCH,
    LARGEST_WINDOW,
    MINUTE_SECONDS,
    REFUSALS_TO_PAUSE,
    SMALLEST_WINDOW,
    BatchSize,
    CircuitBreaker,
    MinuteLimit,
    windows,
)


def test_circuit_breaker_pauses_after_twenty_refusals_until_success() -> None:
    breaker = CircuitBreaker()
    pauses = [breaker.record_failure(reached=True) for _ in range(REFUSALS_TO_PAUSE + 1)]
    assert pauses[:-2] == [0.0] * (REFUSALS_TO_PAUSE - 1)
    assert all(pause > 0 for pause in pauses[-2:])
    breaker.record_success()
    assert breaker.record_failure(reached=True) == 0.0


def test_circuit_breaker_pauses_grow_while_server_is_unreachable() -> None:
    breaker = CircuitBreaker()
    pauses = [breaker.record_failure(reached=False) for _ in range(8)]
    assert pauses == sorted(pauses)
    assert 0 < pauses[0] < pauses[-1] == pauses[-2]


@given(
    steps=st.lists(st.tuples(st.floats(0, 20), st.integers(1, 64), st.integers(0, 64)), min_size=1, max_size=200),
    per_minute=st.integers(1, 600),
)
def test_minute_limit_allows_its_number_in_any_minute(steps: list[tuple[float, int, int]], per_minute: int) -> None:
    """Whatever is taken at once, and whatever of it is given back unsent."""
    limit, at, sent = MinuteLimit(per_minute), 0.0, []
    for gap, most, unsent in steps:
        at += gap
        taken = limit.take(most, at)
        assert 0 <= taken <= most
        back = min(unsent, taken)
        limit.give_back(back)
        sent += [at] * (taken - back)
    for index, began in enumerate(sent):
        assert sum(began <= other < began + 60 for other in sent[index:]) <= per_minute
    assert limit.take(1000, at + MINUTE_SECONDS + 1) == min(1000, per_minute)


def test_minute_limit_of_zero_is_unlimited() -> None:
    limit = MinuteLimit(0)
    assert [limit.take(64, 0.0) for _ in range(1000)] == [64] * 1000
    limit.give_back(64)


def test_batch_is_as_large_as_the_server_is_fast() -> None:
    size = BatchSize()
    assert size.mails == 8
    for _ in range(50):
        size.record(0.002)
    assert size.mails == LARGEST_BATCH
    for _ in range(50):
        size.record(30)
    assert size.mails == 1


def test_window_lasts_its_time_or_a_turn_of_the_books() -> None:
    size = BatchSize()
    assert size.window == SMALLEST_WINDOW
    size.seconds_each, size.seconds_of_turn = 0.008, 0.03
    assert size.window == 13
    size.seconds_of_turn = 0.2
    assert size.window == 26
    for _ in range(50):
        size.record_turn(3)
    assert size.window == LARGEST_WINDOW


@given(reminders=st.lists(st.booleans(), max_size=100), size=st.integers(1, 32))
def test_windows_keep_the_order_and_hold_one_reminder_at_most(reminders: list[bool], size: int) -> None:
    mails = list(enumerate(reminders))
    divided = windows(mails, size, lambda mail: mail[1])
    assert [mail for window in divided for mail in window] == mails
    for window in divided:
        assert 1 <= len(window) <= size
        assert not any(is_reminder for _, is_reminder in window[:-1])
