"""The promises of consumers, on the images of compose.yaml: the same tests, with other servers under them."""

import gc
from collections.abc import Iterator

import pytest

from tests.shared.test_consumers import *  # noqa: F403

pytestmark = [
    pytest.mark.containers,
    # The engine's port proxy takes connections while the server is away and drops them; nats-py forgets to close those.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def forgotten_connections() -> Iterator[None]:
    """Collect the connections that nats-py forgot, so that no later test is blamed for them."""
    yield
    gc.collect()
