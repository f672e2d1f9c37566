"""Every key and every password of a database is replaced while people sign up: nobody is refused, links go on."""

import asyncio
import os
import re
import subprocess
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from selvhjelp.operations.key_table import ROTATED
from selvhjelp.rehearsal.people import invent
from selvhjelp.rehearsal.visitor import TIMEOUT_SECONDS, Mailbox, Visitor
from tests.containers.support.stack import ROOT, SERVICES, Stack
from tests.shared.support.eventually import eventually

pytestmark = [
    pytest.mark.containers,
    pytest.mark.skipif(
        "ROTATION_UNDER_LOAD" not in os.environ, reason="never run to its end: the machine was too busy"
    ),
]

KOMMUNE = "0301"
PEOPLE = 900  # fewer than one network may send in ten minutes while it is the only one
PAUSE_SECONDS = 0.6
PAGES = ("/", "/nn/", "/plass/unknown", "/mote/unknown", "/stab/logg-inn")
ONCE = ("postgres", "nats", "gateway", *SERVICES)
"""Services that must not start anew."""

BY_HAND = re.compile(r"authority|nats_|.*_(certificate|tls_key)$|dkim|oidc|smtp|imap|sms|database_replicator$")
"""Secrets that are replaced otherwise."""


@dataclass
class Load:
    """
    Visitors who look at pages and sign up until they are told to end.

    Attributes:
        answers: How often which answer came.
        links: The mailed links, in the order in which the mails came.
    """

    stack: Stack
    answers: Counter[str] = field(default_factory=Counter)
    links: list[str] = field(default_factory=list)
    ended: bool = False

    def __post_init__(self) -> None:
        self.visitor, self.mailbox = Visitor(self.stack.url), Mailbox(self.stack.mailbox_url)
        self._client = httpx.AsyncClient(base_url=self.stack.url, timeout=TIMEOUT_SECONDS)
        self._seen: set[str] = set()

    async def run(self) -> None:
        await asyncio.gather(self._sign_up(), self._look(), self._read_mails())

    async def _sign_up(self) -> None:
        centre = next(each for each in await self.visitor.centres() if KOMMUNE in each["kommuner"])
        for person in invent(PEOPLE, [KOMMUNE], seed=7, tag="rotate"):
            if self.ended:
                break
            payload = person.payload(centre["consent_version"], centre["information_version"])
            await self._count("POST", self.visitor.sign_up(payload))
            await asyncio.sleep(PAUSE_SECONDS)

    async def _look(self) -> None:
        number = 0
        while not self.ended:
            await self._count("GET", self._client.get(PAGES[number % len(PAGES)]))
            number += 1
            await asyncio.sleep(PAUSE_SECONDS / 6)

    async def _read_mails(self) -> None:
        while not self.ended:
            self.links += [link for mail in await self.mailbox.new(self._seen) if (link := mail.link("bekreft"))]
            await asyncio.sleep(PAUSE_SECONDS)

    async def _count(self, method: str, request: Any) -> None:
        try:
            response = await request
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody got no answer
            self.answers[f"{method} {type(error).__name__}"] += 1
        else:
            self.answers[f"{method} {response.status_code}"] += 1

    async def more_mails(self) -> None:
        """Wait until mails come that were asked for from now on: forms, events and mails go on."""
        now = len(self.links)
        await eventually(lambda: _is(len(self.links) > now + 2), within_seconds=120)

    async def close(self) -> None:
        await self.visitor.close()
        await self.mailbox.close()
        await self._client.aclose()


async def _is(condition: bool) -> bool:
    return condition


@pytest.fixture
async def load(stack: Stack) -> AsyncIterator[Load]:
    load = Load(stack)
    yield load
    load.ended = True
    await load.close()


async def test_every_secret_replaced_under_load_refuses_nobody(stack: Stack, load: Load) -> None:
    signups_before, started = _signups(stack), {service: _started(stack, service) for service in ONCE}
    secrets = {path.name: path.read_text() for path in (stack.folder / "secrets").iterdir()}
    working = asyncio.create_task(load.run())
    await load.more_mails()
    held = load.links[0]

    for rotate in (_keys, _script("passwords")):
        await asyncio.to_thread(rotate, stack)
        await load.more_mails()

    load.ended = True
    await working
    print(f"\n{dict(load.answers)}, {len(load.links)} mails")
    assert load.answers.keys() <= {"GET 200", "GET 404", "POST 202"}, load.answers
    await eventually(lambda: _is(_signups(stack) - signups_before == load.answers["POST 202"]), within_seconds=60)
    assert {service: _started(stack, service) for service in ONCE} == started
    changed = {name for name, text in secrets.items() if (stack.folder / "secrets" / name).read_text() != text}
    assert changed == {name for name in secrets if not BY_HAND.match(name)}
    await _old_secrets_open_nothing(stack, secrets)

    page, forms = await load.visitor.open(held)
    assert page.status_code == 200
    form = next(form for form in forms if form.method == "post" and "/bekreft/" in f"{form.action}{page.url}")
    assert (await load.visitor.press(form, page)).status_code == 200


async def _old_secrets_open_nothing(stack: Stack, secrets: dict[str, str]) -> None:
    for role in SERVICES:
        address = secrets[f"database_{role}"].strip().replace("+asyncpg", "").replace("@postgres:", "@127.0.0.1:")
        assert "password authentication failed" in stack.inside("postgres", f"psql '{address}' -c 'SELECT 1'")


def _keys(stack: Stack) -> None:
    """Replace each key that the command changes, one after the other, as docs/security/keys.md says."""
    each = f"set -e; for name in {' '.join(ROTATED)}; do selvhjelp keys rotate $name --secrets /secrets; done"
    mounted = ("-u", str(os.getuid()), "-v", f"{stack.folder / 'secrets'}:/secrets")
    stack.compose("run", "--rm", "--no-deps", "--no-TTY", *mounted, "--entrypoint", "sh", "selvhjelp", "-c", each)


def _script(*words: str) -> Any:
    def rotate(stack: Stack) -> None:
        done = subprocess.run(
            [ROOT / "deploy" / "rotate.sh", *words],
            check=False, capture_output=True, text=True, env=os.environ | stack.environment,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    return rotate


def _started(stack: Stack, service: str) -> tuple[str, int]:
    container = stack.inspect(service)
    return container["State"]["StartedAt"], container["RestartCount"]


def _signups(stack: Stack) -> int:
    counted = stack.compose(
        *("exec", "--no-TTY", "postgres", "psql", "-h", "/var/run/postgresql", "-U", "postgres", "-d", "intake"),
        *("--no-align", "--tuples-only", "-c", "SELECT count(*) FROM signups"),
    )
    return int(counted)
