"""
The part of ``/metrics`` that is read from the database and the broker.

A figure that is not known is left out, and never 0: one that is missing can be seen by an alert.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy.pool import Pool, QueuePool

from shared.kit.certificates import EXPIRY
from shared.kit.figures import Family, Sample
from shared.kit.observation import INBOX_AGE, INBOX_ROWS, Observation

DATABASE_UP: Final = Family("selvhjelp_database_up", "1 if the database answered just now")
BROKER_UP: Final = Family("selvhjelp_broker_up", "1 if the broker answered just now")
_CONSUMER: Final = ("consumer",)

UNSENT: Final = Family("selvhjelp_outbox_unsent", "Events that wait for the relay")
OUTBOX_AGE: Final = Family("selvhjelp_outbox_oldest_seconds", "Age of the oldest unsent event")
DEAD_LETTERS: Final = Family("selvhjelp_dead_letters", "Messages that a person must look at")
CONSUMER_UP: Final = Family(
    "selvhjelp_consumer_up", "1 if the broker has this durable consumer, 0 if it is missing", ("consumer",)
)
PENDING: Final = Family("selvhjelp_consumer_pending", "Events not yet delivered", _CONSUMER)
UNACKNOWLEDGED: Final = Family(
    "selvhjelp_consumer_ack_pending", "Events delivered and not yet acknowledged", ("consumer",)
)
REDELIVERED: Final = Family(
    "selvhjelp_consumer_redelivered", "Events delivered more than once and not yet acknowledged", ("consumer",)
)

STREAM_FILLED: Final = Family("selvhjelp_stream_filled_ratio", "Bytes in a stream, of those that it takes", ("stream",))
POOL_USED: Final = Family("selvhjelp_database_pool_used", "Connections to the database that are in use")
POOL_SIZE: Final = Family("selvhjelp_database_pool_size", "Most connections to the database at one time")

FAMILIES: Final = (
    DATABASE_UP,
    BROKER_UP,
    UNSENT,
    OUTBOX_AGE,
    INBOX_ROWS,
    INBOX_AGE,
    DEAD_LETTERS,
    CONSUMER_UP,
    PENDING,
    UNACKNOWLEDGED,
    REDELIVERED,
    STREAM_FILLED,
    POOL_USED,
    POOL_SIZE,
    EXPIRY,
)
"""The figures of every service; its own are in ``figures.py`` of its queries."""


class _Families(Collector):
    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Sequence[Metric]:
        return self._families


def render(observation: Observation, pool: Pool) -> bytes:
    """Return an observation and the state of the connection pool in Prometheus text format."""
    registry = CollectorRegistry()
    registry.register(_Families((*_pool(pool), *_families(observation))))
    return generate_latest(registry)


def _families(observation: Observation) -> Iterator[Metric]:
    samples = [Sample(DATABASE_UP, observation.database), Sample(BROKER_UP, observation.broker)]
    if (queues := observation.queues) is not None:
        samples += [
            Sample(UNSENT, queues.unsent),
            Sample(OUTBOX_AGE, queues.outbox_age_seconds),
            Sample(DEAD_LETTERS, queues.dead_letters),
        ]
    for durable, state in observation.consumers.items():
        samples.append(Sample(CONSUMER_UP, state is not None, (durable,)))
        if state is not None:
            samples += [
                Sample(PENDING, state.pending, (durable,)),
                Sample(UNACKNOWLEDGED, state.unacknowledged, (durable,)),
                Sample(REDELIVERED, state.redelivered, (durable,)),
            ]
    samples += [Sample(STREAM_FILLED, part, (stream,)) for stream, part in observation.streams.items()]
    yield from _grouped([*samples, *observation.samples])


def _pool(pool: Pool) -> Iterator[Metric]:
    if isinstance(pool, QueuePool):
        size = pool.size() + pool._max_overflow  # noqa: SLF001 - it has no public name
        yield from _grouped([Sample(POOL_USED, pool.checkedout()), Sample(POOL_SIZE, size)])


def _grouped(samples: Iterable[Sample]) -> Iterator[Metric]:
    families: dict[Family, GaugeMetricFamily] = {}
    for sample in samples:
        family = sample.family
        if family not in families:
            families[family] = GaugeMetricFamily(family.name, family.meaning, labels=family.labels)
        families[family].add_metric(sample.labels, sample.value)
    yield from families.values()
