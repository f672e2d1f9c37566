"""The broker of the kit's own tests: it knows the toy."""

import pytest_asyncio

from devtools.testing.identities import TOY, provide_streams


@pytest_asyncio.fixture
async def nats_url(nats_url: str) -> str:
    """Add the consumer of the toy to those of the services."""
    await provide_streams(nats_url, TOY.durables)
    return nats_url
