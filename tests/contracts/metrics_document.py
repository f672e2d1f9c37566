"""The table of all metrics for ``docs/operations/metrics.md``, from the code."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final, NamedTuple

from prometheus_client.metrics import MetricWrapperBase

import grouping.queries.figures
import intake.queries.figures
import notify.inbound.mailbox
import notify.metrics
import notify.queries.figures
import shared.kit.metrics
from shared.kit import collector
from shared.kit.certificates import EXPIRY
from shared.kit.figures import Family

FILE: Final = Path(__file__).parents[2] / "docs" / "operations" / "metrics.md"
ALL: Final = "all"

_COUNTED: Final[tuple[tuple[str, ModuleType], ...]] = (
    (ALL, shared.kit.metrics),
    ("notify", notify.metrics),
    ("notify", notify.inbound.mailbox),
)
_READ: Final[tuple[tuple[str, tuple[Family, ...]], ...]] = (
    (ALL, collector.FAMILIES),
    ("intake", intake.queries.figures.FAMILIES),
    ("grouping", grouping.queries.figures.FAMILIES),
    ("notify", notify.queries.figures.FAMILIES),
)

_HEAD: Final = """\
# Metrics

Made by `python -m tests.contracts.documents` from the code; do not edit.

Each service serves `/metrics` on its own port, for Prometheus and not through the gateway. A scrape never fails: while
the database or the broker is away the figures of before stand, and `selvhjelp_database_up` or `selvhjelp_broker_up` is
0. A figure that is not known is left out, and never 0.

- **Every copy of a service tells the same** about its database and its consumers. Take `max`, never `sum`, of what is
  marked *shared*; of the others take `sum`.
- **No label holds an id**, a centre, an area or anything that a person typed. `route` is the template of a route.
- **Numbers of people or groups from 1 to 4 are left out** (decision 46).
- Besides these there are the default metrics of the client: `process_*`, `python_gc_*`, `python_info`.

| metric | type | labels | from | shared | meaning |
|---|---|---|---|---|---|
"""


_OF_EACH_COPY: Final = (collector.DATABASE_UP, collector.BROKER_UP, collector.POOL_USED, collector.POOL_SIZE, EXPIRY)


class Row(NamedTuple):
    """One metric."""

    name: str
    kind: str
    labels: tuple[str, ...]
    service: str
    shared: bool
    meaning: str


def rows() -> Iterator[Row]:
    """Yield every metric of our own."""
    for service, module in _COUNTED:
        for value in vars(module).values():
            if isinstance(value, MetricWrapperBase):
                (family,) = value.describe()
                name = family.name + ("_total" if family.type == "counter" else "")
                yield Row(name, family.type, value._labelnames, service, False, family.documentation)
    for service, families in _READ:
        for each in families:
            is_shared = each not in _OF_EACH_COPY
            yield Row(each.name, "gauge", each.labels, service, is_shared, each.meaning)


def series_names() -> set[str]:
    """Return the name of every series, as rules and dashboards use them."""
    endings = {"histogram": ("_bucket", "_count", "_sum")}
    return {row.name + ending for row in rows() for ending in endings.get(row.kind, ("",))}


def document() -> str:
    """Return the page."""
    return _HEAD + "".join(
        f"| `{row.name}` | {row.kind} | {', '.join(f'`{label}`' for label in row.labels)} | {row.service} | "
        f"{'yes' if row.shared else ''} | {row.meaning} |\n"
        for row in sorted(rows(), key=lambda row: (row.service != ALL, row.service, row.name))
    )
