"""deploy/upgrade.sh under load: every copy is replaced, nobody is refused, the number of copies is remembered."""

import asyncio
import os
import subprocess
from collections import Counter
from typing import Any

import httpx
import pytest

from selvhjelp.rehearsal.visitor import TIMEOUT_SECONDS, CentreInfo, Visitor
from tests.containers.support.stack import ROOT, SERVICES, Stack

pytestmark = [
    pytest.mark.containers,
    pytest.mark.skipif("UPGRADE_UNDER_LOAD" not in os.environ, reason="never run to its end: the machine was too busy"),
]

COPIES = 2
NEW_VERSION = "test-new"
SIGNUPS = 100  # fewer than one network may send in ten minutes
PAUSE_SECONDS = 0.3
PAGES = ("/", "/nn/", "/plass/unknown", "/mote/unknown", "/stab/logg-inn")


async def test_upgrade_under_load_refuses_and_loses_nothing(stack: Stack) -> None:
    before = {service: _copies(stack, service) for service in SERVICES}
    signups_before = _signups(stack)
    for image in (*SERVICES, "selvhjelp"):
        name = f"localhost/selvhjelp/{image}"
        subprocess.run(["docker", "tag", f"{name}:test", f"{name}:{NEW_VERSION}"], check=True)
    stack.set(SELVHJELP_VERSION=NEW_VERSION, WAIT_SECONDS="600")
    stack.set(**{f"{service.upper()}_COPIES": str(COPIES) for service in SERVICES})

    load = _Load(stack)
    working = asyncio.gather(load.sign_up(), load.look())
    upgrade = await asyncio.to_thread(_upgrade, stack)
    load.ended = True
    await working
    await load.close()

    assert upgrade.returncode == 0, upgrade.stdout + upgrade.stderr
    assert load.answers.keys() <= {"GET 200", "GET 404", "POST 202"}, (load.answers, upgrade.stdout)
    accepted = load.answers["POST 202"]
    assert accepted > 0
    assert _signups(stack) - signups_before == accepted
    for service in SERVICES:
        assert len(_copies(stack, service)) == COPIES
        assert not _copies(stack, service) & before[service]
        assert stack.inspect(service)["Config"]["Image"].endswith(f":{NEW_VERSION}")
    print(f"\n{dict(load.answers)} during {upgrade.stdout}")

    again = await asyncio.to_thread(_upgrade, stack)
    assert again.stdout.count("is current") == len(SERVICES)
    stack.compose("up", "--detach", "--no-build")
    assert {len(_copies(stack, service)) for service in SERVICES} == {COPIES}


class _Load:
    """Visitors that look at pages and sign up until they are told to end; counts the answers."""

    def __init__(self, stack: Stack) -> None:
        self.ended = False
        self.answers: Counter[str] = Counter()
        self._visitor = Visitor(stack.url)
        self._client = httpx.AsyncClient(base_url=stack.url, timeout=TIMEOUT_SECONDS)

    async def sign_up(self) -> None:
        centre = next(each for each in await self._visitor.centres() if "4601" in each["kommuner"])
        for number in range(SIGNUPS):
            if self.ended:
                break
            await self._count("POST", self._visitor.sign_up(_person(number, centre)))
            await asyncio.sleep(PAUSE_SECONDS)

    async def look(self) -> None:
        number = 0
        while not self.ended:
            await self._count("GET", self._client.get(PAGES[number % len(PAGES)]))
            number += 1
            await asyncio.sleep(PAUSE_SECONDS / 3)

    async def close(self) -> None:
        await self._visitor.close()
        await self._client.aclose()

    async def _count(self, method: str, request: Any) -> None:
        try:
            response = await request
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody got no answer
            self.answers[f"{method} {type(error).__name__}"] += 1
        else:
            self.answers[f"{method} {response.status_code}"] += 1


def _person(number: int, centre: CentreInfo) -> dict[str, Any]:
    return {
        "first_name": "Kari",
        "email": f"upgrade{number}@example.org",
        "mobile": None,
        "place": "5003",
        "slots": ["tue-evening"],
        "languages": ["nb"],
        "max_travel_km": 20,
        "language": "nb",
        "adult": True,
        "consent_version": centre["consent_version"],
        "information_version": centre["information_version"],
    }


def _upgrade(stack: Stack) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "deploy" / "upgrade.sh", "--no-build"],
        check=False, capture_output=True, text=True, env=os.environ | stack.environment,
    )  # fmt: skip


def _copies(stack: Stack, service: str) -> set[str]:
    return set(stack.compose("ps", "--quiet", service).split())


def _signups(stack: Stack) -> int:
    counted = stack.compose(
        *("exec", "--no-TTY", "postgres", "psql", "-h", "/var/run/postgresql", "-U", "postgres", "-d", "intake"),
        *("--no-align", "--tuples-only", "-c", "SELECT count(*) FROM people"),
    )
    return int(counted)
