"""What each fault costs people who look at pages and sign up meanwhile: docs/operations/losses.md has the figures."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.containers.support.load import ANSWERED, Load
from tests.containers.support.stack import SERVICES, Stack
from tests.shared.support.eventually import eventually

pytestmark = pytest.mark.containers

WHOLE = "LOSSES" in os.environ
"""Whether all faults are tried: `just losses`, some minutes."""

SLICE = ("notify killed", "nats frozen")
AWAY_SECONDS = 5.0
READY_SECONDS = 120


def _restart(stack: Stack, service: str) -> None:
    stack.compose("restart", "--timeout", "30", service)
    _await_health(stack, service)


def _kill(stack: Stack, service: str) -> None:
    stack.compose("kill", service)
    _await_health(stack, service)


def _freeze(stack: Stack, service: str) -> None:
    stack.compose("pause", service)
    time.sleep(AWAY_SECONDS)
    stack.compose("unpause", service)


def _lose_disk(stack: Stack) -> None:
    stack.compose("kill", "nats")
    stack.compose("run", "--rm", "--no-deps", "--entrypoint", "rm", "nats", "-rf", "/data/jetstream")
    _await_health(stack, "nats")


def _fill(stack: Stack, service: str, folder: str) -> None:
    """Take all room that is left; whoever looks after the machine makes room again after a while."""
    stack.inside(service, f"cat /dev/zero >{folder}/filler")
    time.sleep(AWAY_SECONDS)
    assert "100%" in stack.inside("keeper", f"df /kept/{service}")
    stack.inside("keeper", f"rm /kept/{service}/filler")
    _await_health(stack, service)


def _await_health(stack: Stack, service: str) -> None:
    stack.compose("up", "--detach", "--no-deps", "--no-build", "--wait", "--wait-timeout", "120", service)


FAULTS: dict[str, Callable[[Stack], None]] = {
    **{f"{service} restarted": partial(_restart, service=service) for service in SERVICES},
    **{f"{service} killed": partial(_kill, service=service) for service in (*SERVICES, "gateway", "postgres", "nats")},
    **{f"{service} frozen": partial(_freeze, service=service) for service in (*SERVICES, "postgres", "nats")},
    "disk of nats lost": _lose_disk,
    "disk of nats full": partial(_fill, service="nats", folder="/data"),
    "disk of postgres full": partial(_fill, service="postgres", folder="/var/lib/postgresql"),
}
UNNOTICED = ("nats killed", "nats frozen", "disk of nats lost", "disk of nats full")
"""Faults of which nobody who asks for a page or signs up may notice anything."""


@pytest.fixture(scope="module")
def tried(engine: None, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Stack]:
    """A stack whose disks are small, so that they can be filled; for the slice of CI, that of the other tests."""
    if not WHOLE:
        yield request.getfixturevalue("stack")
        return
    stack = Stack(tmp_path_factory.mktemp("small"), "tests/containers/compose.small.yaml")
    try:
        stack.up()
        yield stack
    finally:
        stack.down()


@pytest.mark.parametrize("fault", FAULTS if WHOLE else SLICE)
async def test_fault_under_load_loses_nobody(tried: Stack, capsys: pytest.CaptureFixture[str], fault: str) -> None:
    async with Load(tried) as load:
        await load.during("quiet", partial(time.sleep, 1))
        await load.during(fault, partial(FAULTS[fault], tried))
        started = time.monotonic()
        await eventually(lambda: _works(load), within_seconds=READY_SECONDS)
        took = time.monotonic() - started
        await load.during("afterwards", partial(time.sleep, 2))
        answers = load.answers[fault]
        refused = Counter({answer: count for answer, count in answers.items() if answer not in ANSWERED})
        lost = load.accepted - load.stored()
        with capsys.disabled():
            print(
                f"\n{fault}: {refused.total()} of {answers.total()} refused {dict(refused)}, lost {lost}, {took:.0f} s"
            )
        assert not load.answers["quiet"].keys() - ANSWERED
        assert not load.answers["afterwards"].keys() - ANSWERED
        assert fault not in UNNOTICED or not refused
        assert lost <= 0, "what was acknowledged is there; of one that was broken off, nobody knows"


async def _works(load: Load) -> bool:
    """Return whether a round of all pages and a sign-up is answered as usual."""
    await load.during("recovery", partial(time.sleep, 1))
    return not load.answers["recovery"].keys() - ANSWERED
