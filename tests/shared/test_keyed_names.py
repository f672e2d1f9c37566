"""Names of one day and one process."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.kit.clock import ManualClock
from shared.kit.keyed_names import KeyedNames

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.mark.parametrize("content", ["kari", b"kari", "203.0.113.0/24", "", "\ud800"])
def test_keyed_names_change_every_day_and_with_the_process(content: str | bytes) -> None:
    clock = ManualClock(NOON)
    names = KeyedNames(lambda: clock.now().date())
    before = names.of(content)
    assert names.of(content) == before != KeyedNames(lambda: clock.now().date()).of(content)
    clock.move(timedelta(days=1))
    assert names.of(content) != before
