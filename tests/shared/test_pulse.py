"""A process that stands still says so, and is ended."""

import asyncio
import subprocess
import sys

import pytest

from shared.kit import pulse
from shared.kit.pulse import FETCH_LIMIT_SECONDS, LATE_SECONDS, Pulse

FREEZE = """
import asyncio, time
from shared.kit.pulse import end_when_frozen

async def main():
    watchdog = asyncio.create_task(end_when_frozen(1))
    await asyncio.sleep(0)
    {standstill}
    print("still here")

asyncio.run(main())
"""


class Seconds:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("late", [0, 1, LATE_SECONDS, LATE_SECONDS + 1, 3600])
def test_pulse_without_a_beat_is_late(late: float) -> None:
    clock = Seconds()
    life = Pulse(clock)
    assert life.fault() is None
    life.beat()
    clock.now = late
    assert life.fault() == ("loop_late" if late > LATE_SECONDS else None)
    life.beat()
    assert life.fault() is None


def test_pulse_fetch_without_a_sign_is_stuck() -> None:
    clock = Seconds()
    life = Pulse(clock)
    life.fetched("a")
    life.fetched("b")
    clock.now = FETCH_LIMIT_SECONDS
    life.fetched("a")
    assert life.fault() is None
    clock.now += 1
    assert life.fault() == "fetch_stuck"
    life.fetched("b")
    assert life.fault() is None


async def test_pulse_stuck_fetch_ends_the_process() -> None:
    clock = Seconds()
    life = Pulse(clock)
    life.fetched("a")
    clock.now = FETCH_LIMIT_SECONDS + 1
    ended: asyncio.Queue[str] = asyncio.Queue()
    running = asyncio.create_task(life.run(ended.put_nowait))
    assert await ended.get() == "fetch_stuck"
    running.cancel()
    await asyncio.wait({running})


@pytest.mark.parametrize(
    "standstill",
    [
        "time.sleep(600)",
        "[None for _ in iter(int, 1)]",
        "import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()",
        "import re; re.match('(a+)+$', 'a' * 60 + 'b')",
        "sum(range(10**12))",
    ],
    ids=["sleeps", "turns in Python", "waits for a lock", "looks in C", "counts in C"],
)
def test_watchdog_frozen_loop_ends_the_process(standstill: str) -> None:
    command = [sys.executable, "-c", FREEZE.format(standstill=standstill)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "Timeout" in done.stderr
    assert done.stdout == ""


def test_watchdog_turning_loop_goes_on() -> None:
    command = [sys.executable, "-c", FREEZE.format(standstill="await asyncio.sleep(2.5)")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "still here\n")


def test_pulse_limits_are_longer_than_what_is_allowed() -> None:
    from shared.kit.messaging import batching, fetches

    assert pulse.FETCH_LIMIT_SECONDS > fetches.SILENCE_SECONDS + 3 * batching.HANDLER_TIMEOUT_SECONDS
    assert pulse.FROZEN_SECONDS > pulse.LATE_SECONDS > pulse.BEAT_SECONDS
