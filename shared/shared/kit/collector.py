"""
The part of ``/metrics`` that is read from the database and the broker.

A figure that is not known is left out, and never 0: one that is missing can be seen by an alert.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from shared.kit.observation import Observation

DATABASE_UP: Final = ("selvhjelp_database_up", "1 if the database answered just now")
BROKER_UP: Final = ("selvhjelp_broker_up", "1 if the broker answered just now")
UNSENT: Final = ("selvhjelp_outbox_unsent", "Events that wait for the relay")
OUTBOX_AGE: Final = ("selvhjelp_outbox_oldest_seconds", "Age of the oldest unsent event")
DEAD_LETTERS: Final = ("selvhjelp_dead_letters", "Messages that a person must look at")
CONSUMER_UP: Final = ("selvhjelp_consumer_up", "1 if the broker has this durable consumer, 0 if it is missing")
PENDING: Final = ("selvhjelp_consumer_pending", "Events not yet delivered")
UNACKNOWLEDGED: Final = ("selvhjelp_consumer_ack_pending", "Events delivered and not yet acknowledged")
REDELIVERED: Final = ("selvhjelp_consumer_redelivered", "Events delivered more than once and not yet acknowledged")


class _Families(Collector):
    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Sequence[Metric]:
        return self._families


def render(observation: Observation) -> bytes:
    """Return an observation in Prometheus text format."""
    registry = CollectorRegistry()
    registry.register(_Families(tuple(_families(observation))))
    return generate_latest(registry)


def _families(observation: Observation) -> Iterator[Metric]:
    yield GaugeMetricFamily(*DATABASE_UP, value=observation.database)
    yield GaugeMetricFamily(*BROKER_UP, value=observation.broker)
    if (queues := observation.queues) is not None:
        yield GaugeMetricFamily(*UNSENT, value=queues.unsent)
        yield GaugeMetricFamily(*OUTBOX_AGE, value=queues.outbox_age_seconds)
        yield GaugeMetricFamily(*DEAD_LETTERS, value=queues.dead_letters)
    yield from _consumers(observation)


def _consumers(observation: Observation) -> Iterator[Metric]:
    up, *figures = (
        GaugeMetricFamily(*family, labels=["consumer"])
        for family in (CONSUMER_UP, PENDING, UNACKNOWLEDGED, REDELIVERED)
    )
    for durable, state in observation.consumers.items():
        up.add_metric([durable], state is not None)
        if state is not None:
            values = (state.pending, state.unacknowledged, state.redelivered)
            for family, value in zip(figures, values, strict=True):
                family.add_metric([durable], value)
    yield from (up, *figures)
