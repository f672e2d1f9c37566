"""Metrics on real servers: every outage is seen, and no scrape fails."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from devtools.local.nats import Nats
from devtools.local.postgres import Postgres
from devtools.testing.fixtures import Databases
from devtools.testing.identities import TOY, connect, provide_streams
from shared.errors import DomainError, NotYet
from shared.kit import health, observation
from shared.kit.figures import Family, Sample, counts, without_few
from shared.kit.observation import Observer
from tests.shared.support import toy as toys
from tests.shared.support.eventually import eventually
from tests.shared.support.toy import Toy, new_person
from tests.shared.support.web_demo.demo import build

Series = dict[tuple[str, tuple[str, ...]], float]


@pytest.fixture
async def toy(database_url: Databases, nats_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Toy]:
    monkeypatch.setattr(observation, "CACHE_SECONDS", 0)
    async with Toy(await database_url("toy", toys.Base.metadata), nats_url).running() as toy:
        await eventually(lambda: _listening(toy))
        yield toy


async def _listening(toy: Toy) -> bool:
    return toy.service.listening


class Scraper:
    """Scrapes one toy, as Prometheus does."""

    def __init__(self, toy: Toy) -> None:
        app = FastAPI(openapi_url=None)
        app.include_router(health.routes(toy.service, Observer(toy.service)))
        self._transport = httpx.ASGITransport(app)

    async def scrape(self) -> Series:
        async with httpx.AsyncClient(transport=self._transport, base_url="http://toy") as client:
            answer = await client.get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")
        families = text_string_to_metric_families(answer.text)
        return {(each.name, tuple(each.labels.values())): each.value for family in families for each in family.samples}

    async def shows(self, name: str, value: float, *labels: str) -> bool:
        return (await self.scrape()).get((f"selvhjelp_{name}", labels)) == value


async def test_metrics_without_broker_keep_what_was_known(toy: Toy, nats_server: Nats) -> None:
    scraper = Scraper(toy)
    await eventually(lambda: scraper.shows("broker_up", 1))
    await eventually(lambda: scraper.shows("consumer_pending", 0, "toy-people"))
    nats_server.kill()
    await eventually(lambda: scraper.shows("broker_up", 0))
    await toy.publish(new_person())
    await eventually(lambda: scraper.shows("outbox_unsent", 1))
    series = await scraper.scrape()
    assert series["selvhjelp_database_up", ()] == 1
    assert series["selvhjelp_consumer_pending", ("toy-people",)] == 0
    nats_server.start()
    await eventually(lambda: scraper.shows("outbox_unsent", 0))
    await eventually(lambda: scraper.shows("broker_up", 1))


async def test_metrics_without_database_keep_what_was_known(toy: Toy, postgres_server: Postgres) -> None:
    scraper = Scraper(toy)
    await eventually(lambda: scraper.shows("database_up", 1))
    await asyncio.to_thread(postgres_server.kill)
    try:
        await eventually(lambda: scraper.shows("database_up", 0))
        series = await scraper.scrape()
        assert series["selvhjelp_outbox_unsent", ()] == 0
        assert series["selvhjelp_broker_up", ()] == 1
        assert ("process_cpu_seconds_total", ()) in series
    finally:
        postgres_server.start()
    await eventually(lambda: scraper.shows("database_up", 1))


async def test_metrics_of_a_missing_consumer_are_not_zero(toy: Toy, nats_url: str) -> None:
    scraper = Scraper(toy)
    await eventually(lambda: scraper.shows("consumer_up", 1, "toy-people"))
    connection = await connect(nats_url)
    await connection.jetstream().delete_consumer("PEOPLE", "toy-people")
    await connection.close()
    await eventually(lambda: scraper.shows("consumer_up", 0, "toy-people"))
    assert ("selvhjelp_consumer_pending", ("toy-people",)) not in await scraper.scrape()
    await provide_streams(nats_url, TOY.durables)


async def test_metrics_count_what_became_of_each_event(toy: Toy) -> None:
    def verdicts() -> list[float]:
        labels = [{"consumer": "toy-people", "verdict": verdict} for verdict in ("handled", "retried", "dead_letter")]
        return [REGISTRY.get_sample_value("selvhjelp_events_total", each) or 0 for each in labels]

    before = verdicts()
    good, late, bad = new_person(), new_person(), new_person()
    toy.fail_with = {late: [NotYet("not_yet")], bad: [DomainError("never")]}
    await toy.publish(good, late, bad)
    await eventually(lambda: toy.times(late))
    scraper = Scraper(toy)
    await eventually(lambda: scraper.shows("dead_letters", 1))
    assert [after - was for after, was in zip(verdicts(), before, strict=True)] == [2, 1, 1]
    redelivered = REGISTRY.get_sample_value("selvhjelp_event_redeliveries_total", {"consumer": "toy-people"})
    assert redelivered is not None
    assert redelivered >= 1


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/feil/kari@example.org", "/feil/{what}", "5xx"),
        ("GET", "/nn/feil/nei", "/feil/{what}", "4xx"),
        ("GET", "/.env/kari@example.org", "none", "4xx"),
        ("GET", "/livez", "/livez", "2xx"),
        ("POST", "/pamelding", "none", "4xx"),
        ("BREW", "/livez", "/livez", "4xx"),
    ],
)
async def test_requests_are_counted_by_the_template(method: str, path: str, route: str, status: str) -> None:
    def count() -> float:
        word = method if method in {"GET", "POST"} else "other"
        labels = {"method": word, "route": route, "status": status}
        return REGISTRY.get_sample_value("selvhjelp_http_requests_total", labels) or 0

    before = count()
    transport = httpx.ASGITransport(build())
    body = b"x" * 20_000 if method == "POST" else None
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        await client.request(method, path, content=body)
        assert count() == before + 1
        assert "kari" not in (await client.get("/metrics")).text


def test_few_people_are_left_out() -> None:
    family = Family("selvhjelp_x", "x", ("state",))
    by_state = {"a": 1, "b": 4, "c": 5, "d": 100}
    shown = without_few(counts(family, by_state, ("a", "b", "c", "d", "e")))
    assert shown == [Sample(family, 5, ("c",)), Sample(family, 100, ("d",)), Sample(family, 0, ("e",))]
