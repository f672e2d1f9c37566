"""Check the broker: version, durability, streams and consumers."""

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import urlopen

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from selvhjelp.installation import Installation
from selvhjelp.operations.checks.databases import LOCAL
from selvhjelp.operations.checks.finding import Finding, broken, ok, warning
from selvhjelp.operations.connections import connect_once
from shared.events import STREAMS, Stream
from shared.kit.messaging import topology
from shared.kit.tls import NotBelievedError

PART: Final = "NATS"
OLDEST: Final = (2, 14)
LAG: Final = 100  # events
ANSWER_SECONDS: Final = 3
FULL: Final = 0.7  # of max_bytes
MONITORING_PORT: Final = 8222
BELIEVE: Final = "see that the broker is ours and its certificate too; the form takes sign-ups meanwhile"

STREAM_FIELDS: Final = (
    "subjects", "retention", "storage", "discard", "max_age", "max_bytes", "max_msg_size", "duplicate_window",
    "allow_direct", "num_replicas",
)  # fmt: skip
CONSUMER_FIELDS: Final = (
    "filter_subject",
    "ack_policy",
    "deliver_policy",
    "ack_wait",
    "max_deliver",
    "max_ack_pending",
)


async def check(installation: Installation) -> list[Finding]:
    """Check the broker, then each stream and each consumer."""
    try:
        client = await connect_once(installation.nats_url, installation.operator)
    except NotBelievedError as error:
        return [broken(PART, str(error), BELIEVE)]
    except (NatsError, OSError, TimeoutError) as error:
        remedy = "start NATS; the form takes sign-ups meanwhile"
        if not installation.operator.authority:
            remedy += "; if it wants TLS, set NATS_AUTHORITY"
        return [broken(PART, f"the server does not answer ({type(error).__name__})", remedy)]
    try:
        findings = [*_version(client), *_unverified(client, installation), *await _sync(installation, client)]
        js = client.jetstream(timeout=ANSWER_SECONDS)
        for stream in STREAMS:
            findings += await _stream(js, stream, installation.stream_replicas)
        for durable, stream in topology.DURABLES.items():
            findings += await _consumer(js, durable, stream)
    except (NatsError, TimeoutError) as error:
        findings = [
            broken(PART, f"JetStream does not answer ({type(error).__name__})", "look for `jetstream` in nats.conf")
        ]
    finally:
        await client.close()
    if all(finding.level == "ok" for finding in findings):
        findings.append(ok(PART, "all streams and consumers are as they should be"))
    return findings


def _unverified(client: Client, installation: Installation) -> Iterator[Finding]:
    """Warn of a broker beyond this machine that is believed without a certificate."""
    host = client.connected_url.hostname if client.connected_url else None
    if not installation.operator.authority and host not in LOCAL:
        yield warning(PART, f"NATS at {host} is believed without a certificate", "set NATS_AUTHORITY of all services")


def _version(client: Client) -> list[Finding]:
    version = client.connected_server_version
    if (version.major, version.minor) < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        return [
            broken(PART, f"the server has version {version.major}.{version.minor}", f"upgrade to {wanted} or later")
        ]
    return [ok(PART, f"the server answers, version {version.major}.{version.minor}.{version.patch}")]


async def _sync(installation: Installation, client: Client) -> list[Finding]:
    """Check that the server syncs each message to disk; empty if neither its file nor its monitoring can be read."""
    if installation.directory is not None:
        file = installation.directory / "nats" / "nats.conf"
        setting = re.search(r"sync_interval:\s*(\S+)", file.read_text()) if file.is_file() else None
        always = None if not file.is_file() else setting is not None and setting[1] == "always"
    else:
        host = client.connected_url.hostname if client.connected_url else urlsplit(installation.nats_url).hostname
        always = await asyncio.to_thread(_monitored, host or "")
    if always is False:
        what = "sync_interval is not always: a power cut can lose acknowledged events"
        return [broken(PART, what, "set `sync_interval: always` under jetstream")]
    return [ok(PART, "sync_interval is always")] if always else []


def _monitored(host: str) -> bool | None:
    try:
        with urlopen(f"http://{host}:{MONITORING_PORT}/varz", timeout=1) as answer:
            config: dict[str, Any] = json.load(answer).get("jetstream", {}).get("config", {})
    except (OSError, ValueError):
        return None
    return bool(config.get("sync_always")) if config else None


async def _stream(js: JetStreamContext, stream: Stream, replicas: int) -> list[Finding]:
    name = stream.value
    try:
        info = await js.stream_info(name)
    except NotFoundError:
        return [broken(PART, f"the stream {name} does not exist", "run `selvhjelp migrate`")]
    expected = topology.stream_config(stream, replicas)
    findings = _differences(f"the stream {name}", expected, info.config, STREAM_FIELDS)
    if info.config.max_bytes and info.state.bytes > FULL * info.config.max_bytes:
        share = 100 * info.state.bytes / info.config.max_bytes
        findings.append(
            warning(PART, f"the stream {name} is {share:.0f} % full", "give it more space before it refuses events")
        )
    return findings


async def _consumer(js: JetStreamContext, durable: str, stream: Stream) -> list[Finding]:
    try:
        info = await js.consumer_info(stream.value, durable)
    except NotFoundError:
        return [broken(PART, f"the consumer {durable} does not exist", "run `selvhjelp migrate`")]
    findings = _differences(
        f"the consumer {durable}", topology.consumer_config(durable, stream), info.config, CONSUMER_FIELDS
    )
    lag = (info.num_pending or 0) + (info.num_ack_pending or 0)
    if lag > LAG:
        remedy = f"check that {durable.partition('-')[0]} runs"
        findings.append(warning(PART, f"the consumer {durable} is {lag} events behind", remedy))
    return findings


def _differences(what: str, expected: object, actual: object, fields: tuple[str, ...]) -> list[Finding]:
    differing = [name for name in fields if _plain(getattr(expected, name)) != _plain(getattr(actual, name))]
    return [broken(PART, f"{what} differs in {', '.join(differing)}", "run `selvhjelp migrate`")] if differing else []


def _plain(value: object) -> object:
    """Return a comparable value: of an enum its value, of a number a float, of nothing None."""
    value = getattr(value, "value", value)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value or None
