"""Servers in containers, in place of those that other tests start from wheels."""

import subprocess
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from devtools.local.ports import answers
from devtools.testing.identities import TOY, provide_streams
from tests.containers.support.stack import ROOT, Stack

if TYPE_CHECKING:
    from tests.containers.support.servers import NatsInContainer, PostgresInContainer


@pytest.fixture(scope="session")
def engine() -> None:
    """A container engine with the base images at hand."""
    asked = subprocess.run([ROOT / "deploy" / "engine.sh"], check=False, capture_output=True, text=True)
    if asked.returncode:
        pytest.fail(f"no usable container engine: {asked.stderr}")


@pytest.fixture(scope="session")
def stack(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole of compose.yaml, built and healthy, under a name of its own."""
    stack = Stack(tmp_path_factory.mktemp("stack"))
    try:
        stack.up()
        yield stack
    finally:
        stack.down()


@pytest.fixture(scope="session")
def postgres_server(engine: None) -> Iterator["PostgresInContainer"]:
    """The image that compose.yaml names, instead of the wheel."""
    from tests.containers.support.servers import PostgresInContainer  # only who asks for it waits for the library

    server = PostgresInContainer()
    yield server
    server.discard()
    assert not answers(server.port)


@pytest.fixture(scope="session")
def nats_server(engine: None) -> Iterator["NatsInContainer"]:
    """The image that compose.yaml names, instead of the wheel."""
    from tests.containers.support.servers import NatsInContainer

    server = NatsInContainer()
    yield server
    server.discard()
    assert not answers(server.port)


@pytest_asyncio.fixture
async def nats_url(nats_url: str) -> str:
    """Add the consumer of the toy to those of the services."""
    await provide_streams(nats_url, TOY.durables)
    return nats_url
