"""Send the traces of this process to a collector, by OTLP over HTTP; it needs the extra ``tracing``."""

import os

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from shared.kit import tracing
from shared.kit.tracing import RootIds, root_span_id

TIMEOUT_SECONDS = 5


class _Ids(RandomIdGenerator):
    """Gives the first span of a trace the ids that follow from its correlation id."""

    def __init__(self, roots: RootIds) -> None:
        self._roots = roots

    def generate_trace_id(self) -> int:
        return self._roots.next.int if self._roots.next else super().generate_trace_id()

    def generate_span_id(self) -> int:
        correlation_id, self._roots.next = self._roots.next, None
        return root_span_id(correlation_id) if correlation_id else super().generate_span_id()


def start(service: str, processor: SpanProcessor) -> TracerProvider:
    """Have this process write spans; a provider of our own, so that no library finds it and adds its own."""
    roots = RootIds()
    provider = TracerProvider(
        sampler=ALWAYS_ON,  # the whole of a trace or nothing is for the collector to decide
        resource=Resource(
            {
                "service.namespace": "selvhjelp",
                "service.name": service,
                "service.version": os.environ.get("SELVHJELP_VERSION", "unknown"),
            }
        ),
        id_generator=_Ids(roots),
    )
    provider.add_span_processor(processor)
    tracing.trace_with(provider.get_tracer("selvhjelp"), roots)
    return provider


def exporter(endpoint: str) -> SpanProcessor:
    """Return what sends spans to a collector, from a thread of its own; what cannot be sent is dropped."""
    return BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=TIMEOUT_SECONDS))
