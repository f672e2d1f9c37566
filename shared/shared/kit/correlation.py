"""
The id of what is going on: a request, the event that is handled, a run of a job.

It is in every line of the log, in the events that follow, in the answer to the request, and is the id of the trace.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final
from uuid import UUID

from structlog.contextvars import bound_contextvars

_CURRENT: Final[ContextVar[UUID | None]] = ContextVar("correlation_id", default=None)


def current() -> UUID | None:
    """Return the correlation id of the running request, event or job; None where there is none, or several."""
    return _CURRENT.get()


@contextmanager
def correlated(*ids: UUID) -> Iterator[None]:
    """Write these correlation ids in every line of the log; a single one is taken over by new causes too."""
    distinct = list(dict.fromkeys(ids))
    only = distinct[0] if len(distinct) == 1 else None
    token = _CURRENT.set(only)
    try:
        with bound_contextvars(**({"correlation_id": only} if only else {"correlation_ids": distinct})):
            yield
    finally:
        _CURRENT.reset(token)
