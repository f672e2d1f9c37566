"""Rate of sending, and pauses while the mail server refuses."""

from hypothesis import given
from hypothesis import strategies as st

from notify.domain.throttling import REFUSALS_TO_PAUSE, CircuitBreaker, TokenBucket


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


@given(gaps=st.lists(st.floats(0, 5), min_size=1, max_size=200), per_minute=st.integers(1, 600))
def test_token_bucket_allows_its_rate_per_minute(gaps: list[float], per_minute: int) -> None:
    bucket, at, sent = TokenBucket.full(per_minute, 0.0), 0.0, []
    for gap in gaps:
        at += gap
        at += bucket.consume(at)
        sent.append(at)
    for index, began in enumerate(sent):
        assert sum(began <= other < began + 60 for other in sent[index:]) <= 2 * per_minute + 1


def test_token_bucket_with_rate_zero_is_unlimited() -> None:
    bucket = TokenBucket.full(0, 0.0)
    assert [bucket.consume(0.0) for _ in range(1000)] == [0.0] * 1000
