"""A queue that has grown while there was no mail server, and how it drains; ``just drain`` is the long run."""

import pytest
from pydantic import SecretStr

from devtools.testing.fixtures import Databases
from shared.kit.database.engine import Database
from tests.bench.draining import drain

MAILS = 800
PER_HOUR = 200
FLAT_MB = 20


@pytest.mark.proofs
async def test_queue_after_an_outage_drains_in_order_at_the_limit(database_url: Databases) -> None:
    """Oldest first, never more in an hour than allowed, links that no longer work dropped, in the same memory."""
    url = await database_url("notify")
    database = Database(SecretStr(url))
    seen = await drain(database, database.dsn, mails=MAILS, per_hour=PER_HOUR)
    await database.dispose()
    assert seen.tries_in_vain >= 1
    assert seen.states == {"sent": MAILS * 9 // 10, "cancelled: expired": MAILS // 10}
    assert len(seen.sent) == len(set(seen.sent)) == MAILS * 9 // 10
    assert seen.passed_by_younger == 0
    assert seen.most_in_an_hour == PER_HOUR
    assert max(seen.memory_mb) - seen.memory_mb[0] < FLAT_MB
