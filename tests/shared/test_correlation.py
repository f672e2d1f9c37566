"""Requests, batches and jobs have an id, in every line of the log and in what follows from them."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest
from fastapi import APIRouter
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from shared.events import Event
from shared.kit import correlation, otlp, tracing
from shared.kit.correlation import correlated
from shared.kit.ids import new_id
from shared.kit.jobs import PeriodicJob
from shared.kit.logging import get_logger
from shared.kit.messaging.batching import BatchQueue
from shared.kit.messaging.causes import Cause
from tests.shared.support.web_demo import demo
from tests.shared.support.web_demo.client import client
from tests.shared.test_causes import erased

log = get_logger(__name__)


def test_cause_within_a_request_has_its_correlation_id() -> None:
    request_id = new_id()
    with correlated(request_id):
        first, second = Cause.fresh(), Cause.fresh()

    assert first.correlation_id == second.correlation_id == request_id
    assert len({first.id, second.id, request_id}) == 3
    assert Cause.fresh().correlation_id != request_id


@pytest.mark.parametrize(
    "path", ["/", "/finnes-ikke", "/feil/x", "/api/x", "/static/site.css", "/stab/", "/livez", "/pamelding"]
)
async def test_answer_has_an_id_of_its_own_whatever_came(path: str) -> None:
    async with client(demo.build()) as reader:
        sent = {"x-request-id": str(new_id()), "traceparent": f"00-{new_id().hex}-{new_id().hex[:16]}-01"}
        ids = [(await reader.get(path, headers=sent)).headers["x-request-id"] for _ in range(2)]

    assert len({*ids, sent["x-request-id"]}) == 3
    assert all(UUID(id_).version == 7 for id_ in ids)


async def test_lines_of_a_request_have_the_id_of_its_answer() -> None:
    app = demo.build()
    router = APIRouter()

    @router.get("/")
    async def page() -> None:
        log.info("seen")

    app.router.routes.insert(0, router.routes[0])
    async with client(app) as reader:
        with capture_logs(processors=[merge_contextvars]) as lines:
            answers = await asyncio.gather(*(reader.get("/") for _ in range(5)))

    seen = [str(line["correlation_id"]) for line in lines if line["event"] == "seen"]
    assert sorted(seen) == sorted(answer.headers["x-request-id"] for answer in answers)


async def test_lines_of_a_batch_have_the_ids_of_its_events() -> None:
    events = [erased(Cause.fresh(), number) for number in range(3)]

    async def handle_batch(batch: Sequence[Event]) -> None:
        log.info("together")
        raise ValueError

    async def handle_one(event: Event) -> None:
        with correlated(event.correlation_id):
            log.info("alone")
            assert Cause.fresh().correlation_id == event.correlation_id

    queue = BatchQueue("toys", 10, handle_batch, handle_one)
    with capture_logs(processors=[merge_contextvars]) as lines:
        await asyncio.gather(*(queue.enqueue(event) for event in events))

    ids = [event.correlation_id for event in events]
    together = {line["event"]: line["correlation_ids"] for line in lines if line["event"] != "alone"}
    assert together == {"together": ids, "batch_failed": ids}
    assert [line["correlation_id"] for line in lines if line["event"] == "alone"] == ids


async def test_each_run_of_a_job_has_an_id() -> None:
    ids: list[UUID | None] = []

    async def run() -> None:
        ids.append(correlation.current())
        if len(ids) == 3:
            raise asyncio.CancelledError
        raise ValueError

    with capture_logs(processors=[merge_contextvars]) as lines, pytest.raises(asyncio.CancelledError):
        await PeriodicJob("toy", 0, run).forever()

    assert len(set(ids)) == 3
    assert [line["correlation_id"] for line in lines] == ids[:2]


def test_spans_hold_neither_error_texts_nor_other_attributes() -> None:
    exporter, id_, headers = InMemorySpanExporter(), new_id(), list[str | None]()
    provider = otlp.start("toys", SimpleSpanProcessor(exporter))

    def fail() -> None:
        with (
            tracing.span("GET", SpanKind.SERVER, id_, {"http.request.method": "GET"}, is_root=True),
            tracing.span("part", SpanKind.INTERNAL, id_, {"url.path": "/bekreft/hemmelig", "selvhjelp.event": "x"}),
        ):
            headers.append(tracing.traceparent(id_))
            raise ValueError("Kari")

    try:
        with pytest.raises(ValueError, match="Kari"):
            fail()
        part, root = exporter.get_finished_spans()
    finally:
        tracing.trace_with(None, tracing.RootIds())
        provider.shutdown()

    assert part.attributes == {"selvhjelp.event": "x", "error.type": "ValueError"}
    assert not part.events
    assert part.status.description is None
    assert part.parent is not None
    assert root.parent is None
    assert root.context is not None
    assert part.parent.span_id == root.context.span_id == tracing.root_span_id(id_)
    assert root.context.trace_id == id_.int
    assert [tracing.correlation_of(header) for header in headers if header] == [id_]


@pytest.mark.parametrize(
    "header",
    [None, "", "x", f"00-{'a' * 32}-{'1' * 16}-01", f"00-{'0' * 32}-{'1' * 16}-01", "00-kari-nordmann-01"],
)
def test_span_with_a_strange_header_hangs_below_the_root(header: str | None) -> None:
    exporter, id_ = InMemorySpanExporter(), new_id()
    provider = otlp.start("toys", SimpleSpanProcessor(exporter))
    try:
        with tracing.span("process", SpanKind.CONSUMER, id_, {}, parent=header):
            pass
        (span,) = exporter.get_finished_spans()
    finally:
        tracing.trace_with(None, tracing.RootIds())
        provider.shutdown()

    assert span.parent is not None
    assert (span.parent.trace_id, span.parent.span_id) == (id_.int, tracing.root_span_id(id_))


def test_without_a_collector_nothing_is_traced() -> None:
    id_ = new_id()
    with tracing.span("process", SpanKind.CONSUMER, id_, {}) as span:
        assert not span.is_recording()
        assert tracing.traceparent(id_) is None


def test_telemetry_of_fastapi_is_off_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would tell the path of each page, and paths hold the tokens of links."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    app = demo.build()
    kinds = ("tracing", "metrics", "logs", "auto_configure")
    assert not any(app._telemetry[kind] for kind in kinds)  # type: ignore[literal-required]
