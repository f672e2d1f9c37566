"""
Traces in OpenTelemetry's terms: off, and nearly free, until :mod:`shared.kit.otlp` is started.

The id of a trace is the correlation id: a line of the log, an event and a mail lead to their trace and back. Spans hold
templates of routes, kinds and states only, as metrics do. No library writes spans here: theirs hold addresses of pages,
and those hold the tokens of links.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from opentelemetry.context import Context
from opentelemetry.trace import (
    INVALID_SPAN,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.kit.correlation import current

HEADER: Final = "traceparent"
"""The header of W3C Trace Context, on messages."""

ATTRIBUTES: Final = frozenset(
    {
        "db.system.name", "error.type", "http.request.method", "http.response.status_code", "http.route",
        "messaging.consumer.group.name", "messaging.destination.name", "messaging.system", "selvhjelp.event",
        "selvhjelp.mail.kind", "selvhjelp.mail.outcome",
    }
)  # fmt: skip
"""All attributes that a span may have: none can ever hold an id of a person, or text that somebody typed."""

_PROPAGATOR: Final = TraceContextTextMapPropagator()
_SPAN_ID: Final = (1 << 64) - 1


class RootIds:
    """The id of the next root span, for the SDK's generator of ids."""

    def __init__(self) -> None:
        self.next: UUID | None = None


@dataclass
class _Tracing:
    tracer: Tracer
    roots: RootIds
    open: dict[UUID, list[Span]] = field(default_factory=dict)
    """Open spans by correlation id, innermost last; a context variable could not tell the events of a batch apart."""

    def begin(
        self,
        name: str,
        kind: SpanKind,
        correlation_id: UUID,
        attributes: Mapping[str, str],
        *,
        parent: str | None,
        is_root: bool,
        since: datetime | None,
    ) -> Span:
        self.roots.next = correlation_id if is_root else None
        span = self.tracer.start_span(
            name,
            Context() if is_root else set_span_in_context(self.parent(correlation_id, parent), Context()),
            kind,
            {key: value for key, value in attributes.items() if key in ATTRIBUTES},
            start_time=round(since.timestamp() * 1e9) if since else None,
            record_exception=False,
            set_status_on_exception=False,
        )
        self.open.setdefault(correlation_id, []).append(span)
        return span

    def end(self, correlation_id: UUID, span: Span) -> None:
        span.end()
        spans = self.open[correlation_id]
        spans.remove(span)
        if not spans:
            del self.open[correlation_id]

    def parent(self, correlation_id: UUID, header: str | None = None) -> Span:
        """Return the span of a header if it belongs to the trace, else the innermost open one, else the root."""
        if header is not None:
            told = get_current_span(_PROPAGATOR.extract({HEADER: header}, Context()))
            if told.get_span_context().trace_id == correlation_id.int:
                return told
        if spans := self.open.get(correlation_id):
            return spans[-1]
        flags = TraceFlags(TraceFlags.SAMPLED)
        return NonRecordingSpan(
            SpanContext(correlation_id.int, root_span_id(correlation_id), is_remote=True, trace_flags=flags)
        )


_tracing: _Tracing | None = None


def root_span_id(correlation_id: UUID) -> int:
    """Return the id of the first span of a trace; it follows from that of the trace, and so need not be stored."""
    return correlation_id.int & _SPAN_ID


def trace_with(tracer: Tracer | None, roots: RootIds) -> None:
    """Have every span made by this tracer; None ends it."""
    global _tracing  # noqa: PLW0603 - one for the process, like its registry of metrics
    _tracing = None if tracer is None else _Tracing(tracer, roots)


@contextmanager
def span(
    name: str,
    kind: SpanKind,
    correlation_id: UUID,
    attributes: Mapping[str, str],
    *,
    parent: str | None = None,
    is_root: bool = False,
    since: datetime | None = None,
) -> Iterator[Span]:
    """
    Record a step of a trace for as long as the body runs.

    Args:
        name: Fixed words, and templates.
        kind: As OpenTelemetry has it.
        correlation_id: The trace.
        attributes: Only those in :data:`ATTRIBUTES` are kept.
        parent: The ``traceparent`` of a message; without it the innermost open span of the trace.
        is_root: True for the first span of a trace.
        since: When the step began, if that was before.
    """
    tracing = _tracing
    if tracing is None:
        yield INVALID_SPAN
        return
    begun = tracing.begin(name, kind, correlation_id, attributes, parent=parent, is_root=is_root, since=since)
    try:
        yield begun
    except BaseException as error:
        begun.set_attribute("error.type", type(error).__name__)
        begun.set_status(Status(StatusCode.ERROR))
        raise
    finally:
        tracing.end(correlation_id, begun)


@contextmanager
def step(name: str, attributes: Mapping[str, str]) -> Iterator[None]:
    """Record a step of the span that is open for the current correlation id; nothing without one."""
    correlation_id = current() if _tracing is not None else None
    if _tracing is None or correlation_id is None or correlation_id not in _tracing.open:
        yield
        return
    with span(name, SpanKind.INTERNAL, correlation_id, attributes):
        yield


def traceparent(correlation_id: UUID) -> str | None:
    """Return the header with which another process goes on with a trace; None while there are no traces."""
    return header_of(_tracing.parent(correlation_id)) if _tracing is not None else None


def header_of(span: Span) -> str | None:
    """Return the header with which another process goes on after this very step; None if it is not recorded."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier, set_span_in_context(span, Context()))
    return carrier.get(HEADER)


def correlation_of(header: str) -> UUID | None:
    """Return the correlation id of a trace from its header; None if the header is none."""
    context = get_current_span(_PROPAGATOR.extract({HEADER: header}, Context())).get_span_context()
    return UUID(int=context.trace_id) if context.is_valid else None
