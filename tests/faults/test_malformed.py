"""
Broken events and generated requests: no crash, no leak, and the system goes on.

``FUZZ_EVENTS=1000000 FUZZ_BROKER=10000 FUZZ_REQUESTS=100000 just fuzz`` takes as many; ``FUZZ_SEED`` makes other ones.
Each prints a line of JSON.
"""

import io
import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from random import Random
from typing import Final
from urllib.parse import quote_plus, unquote

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from pydantic import ValidationError

from devtools.testing.fixtures import Databases
from shared.events import STREAMS, Stream
from shared.kit.clock import ManualClock
from shared.kit.messaging.consumer import Consumer
from shared.kit.messaging.retry import DeadLetter, Unreadable, decide
from shared.kit.staff import StaffMember, wall_now
from shared.kit.web.csrf import FIELD, token
from tests.faults.support.malformed import MARKER, NASTY, Malformed
from tests.scenarios.support.log import written_log
from tests.scenarios.support.people import waiting
from tests.scenarios.support.town import URL, Town, running_town
from tests.shared.support.staff import signed

pytestmark = pytest.mark.faults

SEED: Final = int(os.environ.get("FUZZ_SEED", "20261126"))
EVENTS: Final = int(os.environ.get("FUZZ_EVENTS", "20000"))
BROKER: Final = int(os.environ.get("FUZZ_BROKER", "200"))
REQUESTS: Final = int(os.environ.get("FUZZ_REQUESTS", "1000"))

STAFF: Final = StaffMember("berit", frozenset({"koordinator", "admin"}), frozenset({"link-bergen"}), f"{1:032x}")

CONSUMER: Final = Consumer("fuzz", Stream.SIGNUPS)


def refusal(subject: str, payload: bytes) -> DeadLetter | None:
    """Return the dead letter that a message becomes; None for an event. Nothing else may happen."""
    try:
        CONSUMER.read(subject, payload)
    except (Unreadable, ValidationError) as error:
        decision = decide(error, 1)
        assert isinstance(decision, DeadLetter), (subject, payload)
        return decision
    return None


def told(what: str, **figures: object) -> None:
    print(json.dumps({"fuzz": what, "seed": SEED, **figures}))


def test_malformed_events_are_refused_without_their_values() -> None:
    source, reasons = Malformed(SEED), Counter[str]()
    assert [subject for subject, payload in source.wholes.items() if refusal(subject, payload)] == []
    for _ in range(EVENTS):
        subject, payload = source.next()
        letter = refusal(subject, payload)
        reasons["read" if letter is None else letter.reason.partition(" ")[0]] += 1
        assert letter is None or MARKER not in letter.reason, letter
    told("events in process", events=EVENTS, **dict(reasons.most_common(4)))
    assert sum(reasons.values()) - reasons["read"] > EVENTS / 2


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with written_log() as lines:
        yield lines


@pytest.fixture
async def town(
    database_url: Databases, nats_url: str, manual_clock: ManualClock, tmp_path: Path
) -> AsyncIterator[Town]:
    async with running_town(database_url, nats_url, manual_clock, tmp_path) as running:
        yield running


async def test_malformed_events_at_the_broker_stop_nobody(town: Town, log: io.StringIO) -> None:
    source, sent, subjects = Malformed(SEED), 0, tuple(stream.value.lower() + "." for stream in STREAMS)
    jetstream = town.broker.jetstream()
    read_by: Counter[str] = Counter()
    for stream in STREAMS:
        read_by[stream.value] = len(await town.broker.jsm().consumers_info(stream.value))
    expected = 0
    while sent < BROKER:
        subject, payload = source.next()
        if subject.startswith(subjects) and refusal(subject, payload):
            ack = await jetstream.publish(subject, payload)
            sent, expected = sent + 1, expected + read_by[ack.stream]
    await town.at_rest()
    letters = [row for name in town.apps for row in await town.rows(name, "SELECT t::text AS row FROM dead_letters t")]
    await waiting(town, "Kari")
    assert await town.rows("grouping", "SELECT 1 FROM waiting")
    assert len(letters) == log.getvalue().count('"dead_letter"') == expected
    assert not [row for row in letters if MARKER in row["row"]]
    assert MARKER not in log.getvalue()
    told("events through the broker", sent=sent, dead_letters=expected, after="a sign-up is handled")


async def test_generated_requests_crash_nothing(town: Town, log: io.StringIO) -> None:
    chance, statuses = Random(SEED), Counter[int]()
    doors = [
        (name, method, str(route.path))
        for name, app in town.apps.items()
        for route in iter_route_contexts(app.routes)
        for method in sorted(set(route.methods or ()) - {"HEAD"})
        if route.path and not route.path.startswith("/metrics")
    ]
    transports = {name: httpx.ASGITransport(app, client=("203.0.113.9", 50000)) for name, app in town.apps.items()}
    for _ in range(REQUESTS):
        name, method, pattern = chance.choice(doors)
        member = chance.choice((None, STAFF))
        path, query, headers, body = generated(chance, pattern)
        if chance.random() < 0.8:  # past the first door
            web = town.apps[name].state.web
            body = f"{FIELD}={quote_plus(token(web.form_keys, unquote(path), member, wall_now()))}&".encode() + body
            headers |= {"Origin": URL, "Content-Type": TYPES[0]}
        headers |= signed(member, name) if member else {}
        request = httpx.Request(
            method, f"{URL}{path}?{query}", headers=headers, content=b"" if method == "GET" else body
        )
        try:
            answer = await transports[name].handle_async_request(request)
            text = await answer.aread()
        except Exception as crash:
            raise AssertionError((method, pattern, path, body)) from crash
        assert answer.status_code != 500, (method, pattern, body)
        assert b"Traceback" not in text, (method, pattern, body)
        statuses[answer.status_code] += 1
    assert MARKER not in log.getvalue()
    await waiting(town, "Kari")
    assert await town.rows("grouping", "SELECT 1 FROM waiting")
    told("requests", requests=REQUESTS, doors=len(doors), statuses=dict(sorted(statuses.items())))


PIECES: Final = (
    "x", "%00", "%ff%fe", "..%2f..%2fetc", "0", "-1", "9" * 300, "%ed%a0%80", "nb", "2026-13-45", "a" * 64,
    "00000000-0000-0000-0000-000000000001", MARKER, "%E2%80%AE", "1%20OR%201=1", "%3Cscript%3E", "link-bergen",
)  # fmt: skip
TYPES: Final = (
    "application/x-www-form-urlencoded", "application/json", "text/plain", "multipart/form-data; boundary=b", "", "x",
)  # fmt: skip
NAMES: Final = (
    "email", "mobile", "first_name", "place", "slots", "consent", "_csrf", "neste", "username", "password", "code",
    "tekst", "side", "centre", "languages", "adult", "max_travel_km", "besked", "svar", "token",
)  # fmt: skip


def generated(chance: Random, pattern: str) -> tuple[str, str, dict[str, str], bytes]:
    """Return path, query, headers and body of a request to a route: all are what they should not be."""
    path = pattern
    while "{" in path:
        start, _, rest = path.partition("{")
        path = start + chance.choice(PIECES) + rest.partition("}")[2]
    fields = [(chance.choice(NAMES), chance.choice(PIECES)) for _ in range(chance.randrange(6))]
    form = "&".join(f"{name}={value}" for name, value in fields)
    text = form if chance.random() < 0.5 else "{" + ",".join(f'"{n}":{chance.choice(NASTY)}' for n, _ in fields) + "}"
    body = chance.randbytes(chance.randrange(200)) if chance.random() < 0.1 else text.encode()
    headers = {"Content-Type": chance.choice(TYPES), "Origin": chance.choice((URL, "https://evil.example", "null"))}
    for name in ("Cookie", "X-Forwarded-For", "Accept-Language", "Idempotency-Key", "If-None-Match", "Range"):
        if chance.random() < 0.15:
            headers[name] = f"a={chance.choice(PIECES)}"
    return path, form, headers, body
