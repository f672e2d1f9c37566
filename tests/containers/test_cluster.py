"""deploy/compose.cluster.yaml: nodes, copies and the database are lost in turn under load; nobody who signed up is."""

import json
import os
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest

from tests.containers.support.load import ANSWERED, Load
from tests.containers.support.stack import SERVICES, Stack
from tests.shared.support.eventually import eventually

pytestmark = [
    pytest.mark.containers,
    pytest.mark.skipif("CLUSTER_UNDER_LOAD" not in os.environ, reason="twenty containers: `just cluster`"),
]

NODES = ("nats", "nats2", "nats3")
AWAY_SECONDS = 4.0
BROKEN_OFF = {"GET 503", "POST 503"}
"""Answers to requests that a copy had when it died: the page that says so."""


@pytest.fixture(scope="module")
def cluster(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("cluster"), "deploy/compose.cluster.yaml")
    stack.set(DATABASE_HOST="postgres,postgres2", WAIT_SECONDS="300", INTAKE_COPIES="2")
    try:
        stack.up()
        yield stack
    finally:
        stack.down()


def test_cluster_is_as_check_expects_it(cluster: Stack) -> None:
    look = ("--entrypoint", "sh", "selvhjelp", "-c", "selvhjelp check --json || true")  # the mailbox is a warning
    findings = json.loads(cluster.compose("run", "--rm", "--no-deps", "--no-TTY", *look))["findings"]
    levels = {part: {each["level"] for each in findings if each["part"] == part} for part in ("NATS", "certificates")}
    assert levels == {"NATS": {"ok"}, "certificates": {"ok"}}, findings
    assert "PostgreSQL has room for all connections" in str(findings)


async def test_copies_nodes_and_database_lost_under_load(cluster: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    cluster.script("failover.sh", "synchronous")
    async with Load(cluster) as load:
        try:
            await load.during("quiet", partial(time.sleep, 5))
            for service in SERVICES:
                await load.during(f"a copy of {service} killed", partial(_kill_one, cluster, service))
            for node in NODES:
                await load.during(f"{node} killed", partial(_kill, cluster, node))
            await load.during("postgres killed", partial(_fail_over, cluster))
            began = time.monotonic()
            await eventually(lambda: _ready(cluster), within_seconds=120)
            took = time.monotonic() - began
            await load.during("after the failover", partial(time.sleep, 10))
        finally:
            with capsys.disabled():
                print(f"\n{load.report()}")
        with capsys.disabled():
            print(f"accepted {load.accepted}, stored {load.stored()}, ready {took:.0f} s after the promotion")
        cluster.script("failover.sh", "rejoin")
        cluster.script("failover.sh", "synchronous")
        refused = {step: _refused(answers) for step, answers in load.answers.items()}
        assert not any(refused[step] for step in ("quiet", "after the failover", *(f"{node} killed" for node in NODES)))
        for service in SERVICES:
            assert set(refused[f"a copy of {service} killed"]) <= BROKEN_OFF
        assert load.stored() >= load.accepted, "nothing that was acknowledged is missing on the standby"
    assert cluster.query("postgres", "SELECT pg_is_in_recovery()") == "f"
    assert "postgres: standby" in cluster.script("failover.sh", "status")


def _refused(answers: Counter[str]) -> dict[str, int]:
    return {answer: count for answer, count in answers.items() if answer not in ANSWERED}


def _kill_one(stack: Stack, service: str) -> None:
    """Kill one copy; the engine starts it anew by itself only after an end of its own, so start it."""
    copy = min(stack.copies(service))
    subprocess.run(["docker", "kill", copy], check=True, capture_output=True)
    time.sleep(AWAY_SECONDS)
    subprocess.run(["docker", "start", copy], check=True, capture_output=True)
    time.sleep(AWAY_SECONDS)


def _kill(stack: Stack, service: str) -> None:
    stack.compose("kill", service)
    time.sleep(AWAY_SECONDS)
    stack.compose("up", "--detach", "--no-deps", "--no-build", "--wait", service)
    time.sleep(AWAY_SECONDS)


def _fail_over(stack: Stack) -> None:
    stack.script("failover.sh", "promote")
    stack.writer = "postgres2"


async def _ready(stack: Stack) -> bool:
    probe = (
        "from urllib.request import urlopen; print(urlopen('http://gateway:8080/-/intake/readyz', timeout=5).status)"
    )
    return "200" in stack.inside("intake", f'python3 -I -c "{probe}"')
