"""One trace leads from a form through outbox, stream, matching and offer to the mail, and tells nothing of anybody."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from shared.kit.tracing import ATTRIBUTES
from shared.reference import access
from tests.faults.support.crowd import Crowd
from tests.faults.support.running_system import SERVICES, RunningSystem
from tests.system.support.collector import Collector, TakenSpan

BERGEN = "4601"
NINE = 9
RESOURCE = {"service.namespace", "service.name", "service.version"}
NAME = re.compile(
    r"(?:send|process) [a-z_]+\.[a-z_]+\.v\d|send mail|transaction|(?:GET|HEAD|POST|OPTIONS) (?P<route>\S+)"
)
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-", re.IGNORECASE)


class TracedSystem(RunningSystem):
    """A system whose services send their traces to a collector."""

    def __init__(self, directory: Path, collector: Collector) -> None:
        super().__init__(directory, forked=False)
        self._collector = collector

    def environment(self) -> dict[str, str]:
        own = {f"{name.upper()}_OTLP_ENDPOINT": self._collector.url for name in SERVICES}
        return super().environment() | own | {"OTEL_BSP_SCHEDULE_DELAY": "100"}


@dataclass
class Traced:
    """What a system sent while nine people signed up and eight of them were offered a seat."""

    collector: Collector

    async def await_trace(self, *names: str) -> list[TakenSpan]:
        """Return the first trace that has spans of all these names."""
        async with asyncio.timeout(30):
            while True:
                for trace_id in {span.trace_id for span in self.collector.spans}:
                    spans = [span for span in self.collector.spans if span.trace_id == trace_id]
                    if {f"{span.service}: {span.name}" for span in spans} >= set(names):
                        return spans
                await asyncio.sleep(0.05)


@pytest.fixture
async def traced(tmp_path: Path) -> AsyncIterator[Traced]:
    collector = Collector()
    try:
        async with TracedSystem(tmp_path, collector) as system:
            crowd = Crowd(system, seed=9)
            crowd.answers.declines = 0
            await crowd.load_centres()
            for person, _ in crowd.people(NINE):
                await crowd.sign_up(replace(person, place="5003", slots=("tue-evening",)), BERGEN)
            await crowd.answer_until_at_rest()
            yield Traced(collector)
    finally:
        collector.close()


def names_above(spans: list[TakenSpan], name: str) -> set[str]:
    """Return the names of what the spans of this name followed from, besides transactions."""
    by_id = {span.span_id: span for span in spans}
    above = {by_id[span.parent_id] for span in spans if span.name == name}
    return {(by_id[span.parent_id] if span.name == "transaction" else span).name for span in above}


async def test_one_trace_joins_form_matching_offer_and_mail(traced: Traced) -> None:
    form = await traced.await_trace(
        "intake: POST /api/v1/signups",
        "intake: send signups.received.v1",
        "notify: process signups.received.v1",
        "notify: send mail",
    )
    press = await traced.await_trace(
        "intake: POST /bekreft/{token}",
        "intake: send signups.ready.v1",
        "grouping: process signups.ready.v1",
        "grouping: send groups.proposed.v1",
        "notify: process groups.proposed.v1",
        "notify: send mail",
    )
    for spans in (form, press):
        ids = {span.span_id for span in spans}
        (root,) = [span for span in spans if not span.parent_id]
        assert root.service == "intake"
        assert all(span.parent_id in ids for span in spans if span is not root)
    assert names_above(press, "process groups.proposed.v1") == {"send groups.proposed.v1"}
    assert names_above(press, "send groups.proposed.v1") == {"process signups.ready.v1"}

    routes = {line.path for line in access.LINES} | {"none"}
    assert len(traced.collector.spans) > 100
    for span in traced.collector.spans:
        assert set(span.attributes) <= ATTRIBUTES
        assert set(span.resource) <= RESOURCE
        assert span.events == 0, "an event of a span has the text of an error"
        named = NAME.fullmatch(span.name)
        assert named, span.name
        assert named["route"] in {None, *routes}, span.name
        told = " ".join((span.name, *span.attributes.values()))
        assert "@" not in told
        assert not ID.search(told)
