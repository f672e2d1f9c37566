"""
Identities at the brokers of tests: those of the services, with their real permissions, and two more.

``toy`` is the service of the kit's own tests; ``everything`` may do everything, as a test that looks into streams must.
The seeds are the same in every run, so that settings of tests need no broker.
"""

import hashlib
import json
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Final

import nats
from nats.aio.client import Client
from pydantic import SecretStr

from devtools.local.authority import Certificate, new_authority
from shared.events import Stream
from shared.events.broker_access import OPERATOR, BrokerAccess
from shared.kit.messaging import topology
from shared.kit.messaging.identities import Identity, new_seed, public_key
from shared.kit.messaging.permissions import PERMISSIONS, Permissions, authorization, of_service

EVERYTHING: Final = "everything"
TOY: Final = BrokerAccess(
    "toy", publishes=(Stream.PEOPLE,), consumes=(Stream.PEOPLE,), reads_journal=True, forgets=(Stream.PEOPLE,)
)
TEST_PERMISSIONS: Final = {
    **PERMISSIONS,
    TOY.service: of_service(TOY),
    EVERYTHING: Permissions(publish=(">",), subscribe=(">",)),
}
SEEDS: Final = {name: SecretStr(new_seed(hashlib.sha256(name.encode()).digest())) for name in TEST_PERMISSIONS}

_INHERITED: Final = "SELVHJELP_AUTHORITY_OF_TESTS"


def _authority() -> Certificate:
    """Return the authority of this process and of those that it starts."""
    if _INHERITED not in os.environ:
        os.environ[_INHERITED] = json.dumps(asdict(new_authority()))
    return Certificate(**json.loads(os.environ[_INHERITED]))


AUTHORITY: Final = _authority()
"""Issues the certificates of the brokers of tests; settings take the certificate as ``nats_authority``."""


def identity(name: str) -> Identity:
    """Return one of :data:`SEEDS` as an identity that believes the brokers of tests."""
    return Identity(name, SEEDS[name], AUTHORITY.certificate)


def authorization_of_tests() -> str:
    """Return the `authorization` of the broker of a test."""
    return authorization({name: public_key(seed.get_secret_value()) for name, seed in SEEDS.items()}, TEST_PERMISSIONS)


async def connect(
    url: str, name: str = EVERYTHING, on_error: Callable[[Exception], Awaitable[None]] | None = None
) -> Client:
    """Connect to the broker of a test as one of :data:`SEEDS`."""
    return await nats.connect(url, name=name, error_cb=on_error, **identity(name).client_options())


async def provide_streams(url: str, durables: Mapping[str, Stream] = topology.DURABLES, replicas: int = 1) -> None:
    """Make the streams and the consumers of all services, or these, as the operator does."""
    client = await connect(url, OPERATOR)
    try:
        await topology.ensure(client.jetstream(), replicas, durables)
    finally:
        await client.close()


async def renew_streams(url: str) -> None:
    """Delete all streams of a broker and make them anew."""
    client = await connect(url)
    try:
        for stream in await client.jsm().streams_info():
            await client.jsm().delete_stream(str(stream.config.name))
    finally:
        await client.close()
    await provide_streams(url)
