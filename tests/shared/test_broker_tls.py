"""The broker over TLS: who is believed, what is said of one that is not, and that a service comes back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from faststream.nats import NatsBroker

from devtools.local import nats as local
from devtools.local.authority import Certificate, issue, new_authority
from devtools.local.nats import Nats
from devtools.testing import servers
from devtools.testing.identities import AUTHORITY, identity
from selvhjelp.operations.connections import connect_once
from shared.kit.messaging import nats_connection
from shared.kit.messaging.nats_connection import NatsConnection, connect_for_ever, connect_options
from shared.kit.tls import NotBelievedError, Refusals
from tests.shared.support.eventually import eventually

Issue = Callable[[Certificate], Certificate]
DAY = timedelta(days=1)


def ours(authority: Certificate) -> Certificate:
    return issue(authority)


def of_another_authority(_: Certificate) -> Certificate:
    return issue(new_authority())


def of_another_name(authority: Certificate) -> Certificate:
    return issue(authority, "nats.example")


def expired(authority: Certificate) -> Certificate:
    return issue(authority, starts_at=datetime.now(UTC) - 9 * DAY, life=DAY)


def early(authority: Certificate) -> Certificate:
    return issue(authority, starts_at=datetime.now(UTC) + 9 * DAY)


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator["Broker"]:
    broker = Broker(monkeypatch)
    yield broker
    servers.discard(broker.server)


class Broker:
    """A broker whose certificate can be changed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.server = servers.new_nats()
        self._patch = monkeypatch

    def shows(self, made: Issue | None) -> None:
        """Start it anew with a certificate, or without TLS; wait for its port only, since its own client refuses."""
        self.server.kill()
        self._patch.setattr(local, "issue", made)
        self._patch.setattr(self.server, "authority", AUTHORITY if made else None)
        self._patch.setattr(Nats, "ready", lambda _: True)
        self.server.start()


FAULTS: list[tuple[Issue | None, str]] = [
    (of_another_authority, "its certificate is not of the authority that is believed (unable to get local issuer "),
    (of_another_name, "its certificate has another name"),
    (expired, "its certificate has expired; run deploy/secrets.sh and restart it"),
    (early, "its certificate is not valid yet; is the clock right?"),
    (None, "it does not speak TLS"),
]


@pytest.mark.asvs("12.3.1", "12.3.2", "12.3.4")
@pytest.mark.parametrize(("made", "fault"), FAULTS)
async def test_command_does_not_believe_another_broker(made: Issue | None, fault: str, broker: Broker) -> None:
    broker.shows(made)

    async def answer() -> str:
        try:
            await connect_once(broker.server.url, identity("operator"))
        except NotBelievedError as error:
            return str(error)
        except (OSError, TimeoutError):
            return ""  # not listening yet
        return "believed"

    assert (await eventually(answer)).startswith(f"NATS is not believed: {fault}")


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []

    class Told(Refusals):
        def report(self, sentence: str) -> None:
            said.append(sentence)

    monkeypatch.setattr(nats_connection, "REFUSALS", Told())
    monkeypatch.setattr(nats_connection, "ATTEMPT_SECONDS", 1)
    monkeypatch.setattr(nats_connection, "RECONNECT_SECONDS", 0.05)
    return said


def said(reported: list[str]) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        return bool(reported)

    return ask


@pytest.fixture
async def connection(broker: Broker) -> AsyncIterator[NatsConnection]:
    connection = NatsConnection(broker.server.url, identity("intake"))
    yield connection
    await connection.stop()


@pytest.mark.parametrize(("made", "fault"), FAULTS)
async def test_service_reports_another_broker_and_connects_to_ours(
    made: Issue | None, fault: str, broker: Broker, connection: NatsConnection, reported: list[str]
) -> None:
    """Before the first connection nats-py waits for ever once a handshake has failed."""
    broker.shows(made)

    async def reconnected() -> bool:
        return connection.connected

    starting = asyncio.create_task(connection.start())
    await eventually(said(reported))
    assert not connection.connected
    assert reported[0].startswith(f"NATS is not believed: {fault}")
    broker.shows(ours)
    await starting
    assert connection.connected

    broker.shows(made)  # the same again, while it reconnects
    reported.clear()
    await eventually(said(reported))
    assert not connection.connected
    broker.shows(ours)
    await eventually(reconnected)


@pytest.mark.parametrize(("made", "fault"), FAULTS)
async def test_consumers_report_another_broker_and_connect_to_ours(
    made: Issue | None, fault: str, broker: Broker, reported: list[str]
) -> None:
    async def closed() -> None:
        """Nothing ends here."""

    broker.shows(made)
    consumers = NatsBroker(
        broker.server.url, logger=None, **identity("intake").broker_options(), **connect_options("intake", closed)
    )
    starting = asyncio.create_task(connect_for_ever(consumers.connect))
    await eventually(said(reported))
    assert reported[0].startswith(f"NATS is not believed: {fault}")
    broker.shows(ours)
    await starting
    await consumers.stop()


async def test_broker_says_no_word_in_clear(nats_server: Nats) -> None:
    """Its first line says whether it wants TLS; in clear, whoever is in between could leave that out."""
    reader, writer = await asyncio.open_connection("127.0.0.1", nats_server.port)
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


def test_refusals_are_logged_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now, lines = [0.0], []
    refusals = Refusals(lambda: now[0])
    monkeypatch.setattr("shared.kit.tls.log.error", lambda event, reason: lines.append((event, reason)))
    for second in range(0, 121, 20):
        now[0] = second
        refusals.report("a")
    refusals.report("b")
    assert lines == [("server_not_believed", reason) for reason in ("a", "a", "a", "b")]
