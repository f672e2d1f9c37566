"""The running system with three brokers that hold each stream, as deploy/compose.cluster.yaml has them."""

import asyncio
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from nats.errors import Error as NatsError

from devtools.local.nats import Nats
from devtools.local.ports import LOOPBACK, free_port, release_port
from devtools.testing import servers
from devtools.testing.identities import authorization_of_tests, connect, provide_streams
from shared.events import STREAMS
from shared.kit.messaging.topology import DURABLES
from tests.faults.support.running_system import RunningSystem

NODES = 3
MEET_SECONDS = 60
POLL_SECONDS = 0.2


class ClusteredSystem(RunningSystem):
    """Its ``nats`` is the first node."""

    nodes: list[Nats]
    routes: list[int]

    @property
    def broker_url(self) -> str:
        return ",".join(node.url for node in self.nodes)

    async def start_broker(self) -> None:
        self.routes, self.nodes = [free_port() for _ in range(NODES)], []
        others = ", ".join(f'"nats-route://{LOOPBACK}:{port}"' for port in self.routes)
        for port in self.routes:
            cluster = (
                f'cluster {{ name: faults, listen: "{LOOPBACK}:{port}", no_advertise: true, routes: [{others}] }}\n'
            )
            self.nodes.append(servers.new_nats(sync="always", authorization=authorization_of_tests() + cluster))
        self.nats = self.nodes[0]
        async with asyncio.timeout(MEET_SECONDS):
            while True:
                with suppress(NatsError, TimeoutError):  # until they have met and chosen who leads
                    await provide_streams(self.nats.url, replicas=NODES)
                    break
                await asyncio.sleep(POLL_SECONDS)

    def discard_broker(self) -> None:
        for node in getattr(self, "nodes", []):
            servers.discard(node)
        for port in getattr(self, "routes", []):
            release_port(port)

    async def agree(self) -> None:
        """
        Wait until every node has all of every stream.

        Raises:
            TimeoutError: They do not agree in time.
        """
        async with asyncio.timeout(MEET_SECONDS):
            while not await self._agrees():
                await asyncio.sleep(POLL_SECONDS)

    async def _agrees(self) -> bool:
        try:
            client = await connect(self.nodes[0].url)
            try:
                for stream in STREAMS:
                    cluster = (await client.jetstream().stream_info(stream.value)).cluster
                    followers = (cluster.replicas or []) if cluster else []
                    if len(followers) != NODES - 1 or not all(peer.current and not peer.offline for peer in followers):
                        return False
            finally:
                await client.close()
        except (NatsError, TimeoutError):
            return False
        return True

    async def topology(self) -> dict[str, Any]:
        """Return the configuration of each stream and consumer, and when each stream was made."""
        client = await connect(self.nodes[0].url)
        try:
            js = client.jetstream()
            streams = [await js.stream_info(stream.value) for stream in STREAMS]
            consumers = [await js.consumer_info(stream.value, durable) for durable, stream in DURABLES.items()]
        finally:
            await client.close()
        return {str(each.config.name): (asdict(each.config), each.created) for each in streams} | {
            str(each.name): asdict(each.config) for each in consumers
        }
