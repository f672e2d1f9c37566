"""The AsyncAPI 3 document of a service, generated from the events that it publishes and handles."""

import inspect
import json
from collections.abc import Sequence
from typing import Any

from faststream.nats import JStream, NatsBroker, PullSub
from faststream.specification import AsyncAPI

from shared.events import EVENTS, Event, Stream
from shared.kit.messaging.consumer import Consumer


def document(name: str, description: str, publishes: Sequence[Stream], consumers: Sequence[Consumer]) -> dict[str, Any]:
    """
    Return the AsyncAPI 3 document of one service, as JSON.

    Args:
        name: The service.
        description: Its purpose.
        publishes: The streams that it publishes to.
        consumers: Its consumers; events without a handler are left out.
    """
    broker = NatsBroker()
    for kind in EVENTS.values():
        if kind.stream in publishes:
            broker.publisher(
                kind.subject,
                stream=JStream(kind.stream.value, declare=False),
                schema=kind,
                title=f"{name}-publishes-{_slug(kind)}",
                description=inspect.getdoc(kind),
            )
    for consumer in consumers:
        for kind in consumer.handlers:
            broker.subscriber(
                kind.subject,
                stream=JStream(consumer.stream.value, declare=False),
                durable=consumer.durable,
                pull_sub=PullSub(),
                title=f"{consumer.durable}-hears-{_slug(kind)}",
                description=inspect.getdoc(kind),
            )(_handler_of(kind))
    specification = AsyncAPI(broker, title=name, version="1", description=description)
    whole: dict[str, Any] = json.loads(specification.to_specification().to_json())
    whole.pop("servers", None)
    for channel in whole["channels"].values():
        channel.pop("servers", None)
    return whole


def _handler_of(kind: type[Event]) -> Any:
    async def handle(event: Any) -> None:
        """Never called: the document is made of its signature."""

    handle.__annotations__["event"] = kind
    return handle


def _slug(kind: type[Event]) -> str:
    return kind.subject.replace(".", "-")
