"""
What each identity may do at the broker, tried on a real one: the list below and nothing else.

The list is written by hand and not made from the table, so that a change of the table shows here.
"""

import asyncio
import re
import sys
from collections.abc import Iterator

import pytest
from nats.aio.msg import Msg

from devtools.local.nats import Nats
from devtools.testing.identities import AUTHORITY, SEEDS, connect
from shared.events import STREAMS, Stream
from shared.events.broker_access import BROKER_ACCESS, OPERATOR
from shared.kit.messaging import nats_connection, topology
from shared.kit.messaging.identities import Identity, public_key
from shared.kit.messaging.nats_connection import NatsConnection
from shared.kit.messaging.permissions import PERMISSIONS
from tests.shared.support.broker import refusal

EVERY_STREAM = (*(stream.value for stream in STREAMS), "JOURNAL")
SERVICES = ("intake", "grouping", "notify")

MAY_PUBLISH: dict[str, set[str]] = {
    "intake": {
        *("people.erased.v1", "signups.x.v1", "people.x.v1", "centres.x.v1", "tasks.x.v1"),
        *("_INBOX_grouping.x", "_INBOX_notify.x", "$JS.API.STREAM.INFO.JOURNAL", "$JS.API.STREAM.INFO.CENTRES"),
        *(
            f"$JS.API.{verb}.{stream}"
            for verb in ("STREAM.INFO", "STREAM.PURGE", "STREAM.MSG.DELETE", "CONSUMER.LIST")
            for stream in ("SIGNUPS", "PEOPLE", "GROUPS", "TASKS", "KONTAKTMOTER", "ERASURES", "RECONCILIATION")
        ),
    },
    "grouping": {
        "groups.x.v1",
        "tasks.x.v1",
        "erasures.x.v1",
        "reconciliation.x.v1",
        "contacts.resolve.grouping",
        *(f"$JS.API.STREAM.INFO.{stream}" for stream in ("GROUPS", "TASKS", "ERASURES", "RECONCILIATION")),
        "$JS.API.DIRECT.GET.JOURNAL",
    },
    "notify": {
        "kontaktmoter.x.v1",
        "tasks.x.v1",
        "erasures.x.v1",
        "reconciliation.x.v1",
        "contacts.resolve.notify",
        *(f"$JS.API.STREAM.INFO.{stream}" for stream in ("KONTAKTMOTER", "TASKS", "ERASURES", "RECONCILIATION")),
        "$JS.API.DIRECT.GET.JOURNAL",
    },
    "operator": {
        *("$JS.API.INFO", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST", "people.erased.v1"),
        "$JS.API.DIRECT.GET.JOURNAL",
        *(f"$JS.API.STREAM.{verb}.{stream}" for verb in ("INFO", "CREATE", "UPDATE") for stream in EVERY_STREAM),
        *(f"$JS.API.CONSUMER.{verb}.{stream}" for verb in ("NAMES", "LIST") for stream in EVERY_STREAM),
    },
}
"""Without what belongs to durable consumers, which is in :func:`may_publish`."""

MAY_CONSUME = {
    "intake": {"intake-groups", "intake-tasks", "intake-kontaktmoter", "intake-erasures", "intake-reconciliation"},
    "grouping": {"grouping-signups", "grouping-people", "grouping-centres", "grouping-kontaktmoter"},
    "notify": {"notify-signups", "notify-people", "notify-groups", "notify-centres"},
    "operator": set[str](),
}
MAY_SUBSCRIBE = {
    "intake": {("_INBOX_intake.x", ""), ("_INBOX_intake.>", ""), ("contacts.resolve.*", "intake")},
    "grouping": {("_INBOX_grouping.x", ""), ("_INBOX_grouping.>", "")},
    "notify": {("_INBOX_notify.x", ""), ("_INBOX_notify.>", "")},
    "operator": {("_INBOX_operator.x", ""), ("_INBOX_operator.>", "")},
}

OF_STREAM = (
    *("STREAM.INFO", "STREAM.CREATE", "STREAM.UPDATE", "STREAM.DELETE", "STREAM.PURGE", "STREAM.SNAPSHOT"),
    *("STREAM.RESTORE", "STREAM.MSG.GET", "STREAM.MSG.DELETE", "STREAM.LEADER.STEPDOWN", "STREAM.PEER.REMOVE"),
    *("DIRECT.GET", "CONSUMER.CREATE", "CONSUMER.NAMES", "CONSUMER.LIST"),
)
OF_CONSUMER = (
    *("CONSUMER.INFO", "CONSUMER.MSG.NEXT", "CONSUMER.CREATE", "CONSUMER.DURABLE.CREATE", "CONSUMER.DELETE"),
    *("CONSUMER.PAUSE", "CONSUMER.UNPIN", "CONSUMER.LEADER.STEPDOWN"),
)
LAST = "last.of.all"
VIOLATION = re.compile(
    r'permissions violation for (publish|subscription) to "([^"]+)"(?: using queue "([^"]+)")?', re.IGNORECASE
)


def stream_of(durable: str) -> str:
    return durable.partition("-")[2].upper()


def may_publish(name: str) -> set[str]:
    """Everything that the identity may publish, of what is tried."""
    consumers = {
        subject
        for durable in MAY_CONSUME[name]
        for subject in (
            f"$JS.API.CONSUMER.INFO.{stream_of(durable)}.{durable}",
            f"$JS.API.CONSUMER.MSG.NEXT.{stream_of(durable)}.{durable}",
            f"$JS.ACK.{stream_of(durable)}.{durable}.1.1.1.1.0",
        )
    }
    if name == OPERATOR:
        verbs = ("INFO", "DURABLE.CREATE")
        consumers = {f"$JS.API.CONSUMER.{verb}.{stream_of(each)}.{each}" for verb in verbs for each in durables()}
    return MAY_PUBLISH[name] | consumers


def durables() -> set[str]:
    return set().union(*MAY_CONSUME.values())


def publications() -> Iterator[str]:
    """Every subject that somebody could want to publish to."""
    for stream in EVERY_STREAM:
        yield f"{stream.lower()}.x.v1"
        yield from (f"$JS.API.{verb}.{stream}" for verb in OF_STREAM)
        yield f"$JS.API.CONSUMER.CREATE.{stream}.mine.{stream.lower()}.x"
    yield "people.erased.v1"
    for durable in sorted(durables()):
        yield from (f"$JS.API.{verb}.{stream_of(durable)}.{durable}" for verb in OF_CONSUMER)
        yield f"$JS.ACK.{stream_of(durable)}.{durable}.1.1.1.1.0"
    for name in (*SERVICES, OPERATOR):
        yield from (f"contacts.resolve.{name}", f"_INBOX_{name}.x")
    yield from ("$JS.API.INFO", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST", "$JS.API.ACCOUNT.PURGE.$G")
    yield from ("$SYS.REQ.SERVER.PING", "$SYS.REQ.USER.INFO", "_INBOX.x", "contacts.resolve", "new.subject")


def subscriptions() -> Iterator[tuple[str, str]]:
    """Every subject that somebody could want to listen to, with a queue group."""
    for stream in STREAMS:
        yield from ((stream.subjects, ""), (f"{stream.value.lower()}.x.v1", ""))
    for name in (*SERVICES, OPERATOR):
        yield from ((f"_INBOX_{name}.>", ""), (f"_INBOX_{name}.x", ""), (f"contacts.resolve.{name}", ""))
    for queue in ("", "intake", "notify", "mine"):
        yield "contacts.resolve.*", queue
    everything = (">", "*", "*.>", "*.*", "_INBOX.>", "contacts.>", "$JS.>", "$JS.API.>", "$JS.ACK.>", "$SYS.>")
    yield from ((subject, "") for subject in (*everything, "$JS.EVENT.ADVISORY.>", "$SRV.>"))


async def unheard(_: Msg) -> None:
    """Nothing is published that would come here."""


@pytest.mark.asvs("13.2.1", "13.2.2")
@pytest.mark.parametrize("name", [*SERVICES, OPERATOR])
async def test_identity_may_do_what_is_listed_and_nothing_else(name: str, nats_url: str, nats_server: Nats) -> None:
    said: list[str] = []
    last = asyncio.Event()

    async def on_error(error: Exception) -> None:
        if LAST in str(error):
            last.set()
        else:
            said.append(str(error))

    client = await connect(nats_url, name, on_error)
    for subject in publications():
        await client.publish(subject, b"{}", reply=f"_INBOX_{name}.x")
    for subject, queue in subscriptions():
        await client.subscribe(subject, queue=queue, cb=unheard)
    await client.publish(LAST, b"")  # nobody may, and denials come in order
    async with asyncio.timeout(60):
        await last.wait()
    denials = [VIOLATION.search(text) for text in said]
    await client.close()

    found = {(each[1], each[2], each[3] or "") for each in denials if each}
    assert len(found) == len(denials)
    denied = {("publish", subject, "") for subject in set(publications()) - may_publish(name)}
    denied |= {("subscription", *each) for each in set(subscriptions()) - MAY_SUBSCRIBE[name]}
    assert found == {(kind, subject.lower(), queue) for kind, subject, queue in denied}  # the client's spelling
    assert may_publish(name) <= set(publications())
    assert MAY_SUBSCRIBE[name] <= set(subscriptions())
    log, key = nats_server.log.read_text(), public_key(SEEDS[name].get_secret_value())
    for kind, subject, _ in sorted(denied)[::40]:
        assert f'nkey:{key}" - {kind.capitalize()} Violation - Subject "{subject}"' in log
    await _untouched_but(
        nats_url, {Stream(each.split(".")[0].upper()) for each in MAY_PUBLISH[name] if each.endswith(".v1")}
    )


async def _untouched_but(url: str, written: set[Stream]) -> None:
    """Every stream is there with its consumers, and only these may have had a message."""
    client = await connect(url)
    for stream in STREAMS:
        info = await client.jsm().stream_info(stream.value)
        assert info.state.last_seq == 0 or stream in written
        assert info.config.max_age == topology.stream_config(stream).max_age
    for durable in durables():
        assert (await client.jsm().consumer_info(stream_of(durable), durable)).name == durable
    await client.close()


def test_identities_are_the_services_and_the_operator() -> None:
    assert set(topology.DURABLES) == durables()
    assert set(PERMISSIONS) == {*SERVICES, OPERATOR} == set(MAY_PUBLISH)


def test_no_service_but_intake_consumes_what_it_publishes() -> None:
    """The broker sends what it delivers wherever the consumer says, so words of one's own must not be delivered."""
    both = {access.service for access in BROKER_ACCESS if set(access.publishes) & set(access.consumes)}
    assert both == {"intake"}


async def test_unknown_identity_ends_the_process_with_a_sentence(nats_url: str) -> None:
    code = (
        "import asyncio, sys; from pydantic import SecretStr\n"
        "from shared.kit.messaging.identities import Identity, new_seed\n"
        "from shared.kit.messaging.nats_connection import NatsConnection\n"
        "asyncio.run(NatsConnection(sys.argv[1], Identity('grouping', SecretStr(new_seed()), sys.argv[2])).start())"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code, nats_url, AUTHORITY.certificate),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    assert process.returncode == 70
    assert said.decode().splitlines()[-1] == (
        "grouping: the broker does not know GROUPING_NATS_SEED; make keys and restart the broker"
    )


async def test_identity_of_another_service_ends_the_process(nats_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the seed of notify, grouping would listen to replies that the broker never lets it hear."""
    ended = asyncio.Event()
    reasons: list[str] = []

    def end(reason: str, sentence: str = "") -> None:
        reasons.append(f"{reason}: {sentence}")
        ended.set()

    monkeypatch.setattr(nats_connection, "end_process", end)
    connection = NatsConnection(nats_url, Identity("grouping", SEEDS["notify"], AUTHORITY.certificate))
    await connection.start()
    asking = asyncio.create_task(connection.consumer("SIGNUPS", "grouping-signups"))
    async with asyncio.timeout(60):
        await ended.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await connection.stop()
    assert reasons[0].startswith("broker_permission_denied: grouping: ")
    assert "GROUPING_NATS_SEED" in reasons[0]


@pytest.mark.asvs("13.2.1", "13.2.3")
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"user": "selvhjelp", "pass": "x"},
        {"auth_token": "x"},
        {"nkey": public_key(SEEDS["intake"].get_secret_value())},
        {"nkey": public_key(SEEDS["intake"].get_secret_value()), "sig": "A" * 86},
    ],
)
async def test_nobody_connects_without_an_identity(options: dict[str, str], nats_url: str) -> None:
    assert await refusal(nats_url, AUTHORITY.certificate, **options) == "-ERR 'Authorization Violation'"
