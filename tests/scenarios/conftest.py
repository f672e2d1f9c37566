"""The whole system in one process, for stories of people."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devtools.testing.fixtures import Databases
from shared.kit.clock import ManualClock
from tests.scenarios.support.quiet import contradictions
from tests.scenarios.support.town import Town, running_town


@pytest.fixture
async def town(
    database_url: Databases, nats_url: str, manual_clock: ManualClock, tmp_path: Path
) -> AsyncIterator[Town]:
    """Run the system; at the end of each story, nobody has got mails that contradict each other within an hour."""
    async with running_town(database_url, nats_url, manual_clock, tmp_path) as running:
        yield running
        assert await contradictions(running) == []
