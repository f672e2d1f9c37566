"""What the status page says, and who is asked for it."""

import httpx
import pytest

from shared.kit.observation import ConsumerState, Observation, Queues
from shared.kit.web import status_page
from shared.kit.web.status_page import remarks
from tests.shared.support.web_demo.demo import build

WELL = Observation(True, True, True, queues=Queues(0, 0.0, 0), consumers={"a-b": ConsumerState(0, 0, 0)})


@pytest.mark.parametrize(
    ("observation", "sentences"),
    [
        (WELL, []),
        (Observation(), [status_page.DATABASE_AWAY, status_page.BROKER_AWAY]),
        (
            Observation(True, False, True, queues=Queues(3, 130.0, 0)),
            [status_page.BROKER_AWAY, status_page.OUTBOX_LATE],
        ),
        (Observation(True, True, False, queues=Queues(0, 0.0, 0)), [status_page.STARTING]),
        (Observation(True, True, True, consumers={"a-b": None}), [status_page.CONSUMER_MISSING]),
        (Observation(True, True, True, queues=Queues(0, 0.0, 2)), [status_page.DEAD_LETTERS]),
    ],
)
def test_remarks_name_what_is_away(observation: Observation, sentences: list[str]) -> None:
    assert [sentence for sentence, _ in remarks(observation)] == sentences
    for sentence, values in remarks(observation):
        assert "%" not in sentence % values


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/status", "Meldingskøen svarer ikke"),
        ("/nn/status", "Meldingskøen svarer ikkje"),
        ("/en/status", "The message queue does not answer"),
    ],
)
async def test_status_page_without_servers_answers_in_words(path: str, words: str) -> None:
    transport = httpx.ASGITransport(build())
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        answer = await client.get(path)
        assert answer.status_code == 200
        assert words in answer.text
        assert 'href="/nn/-/demo/status"' in answer.text
        assert (await client.get("/livez")).json() == {"status": "alive"}
        assert (await client.get("/healthz")).status_code == 200
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()) == (503, {"ready": False})
        state = await client.get("/status.json")
        assert (state.status_code, state.json()["broker"]) == (503, False)
        figures = await client.get("/metrics")
        assert figures.status_code == 200
        assert "selvhjelp_database_up 0.0" in figures.text
        assert "selvhjelp_broker_up 0.0" in figures.text
