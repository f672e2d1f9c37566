"""The fault harness itself: it reports a process that cannot start, at once."""

import asyncio
import socket
import time
from pathlib import Path

import pytest

from devtools.local.process import LocalError
from tests.faults.support.running_system import READY_SECONDS, RunningSystem

pytestmark = pytest.mark.faults

SOON_SECONDS = READY_SECONDS / 2  # PostgreSQL, NATS and all migrations come first


class Misconfigured(RunningSystem):
    """A system in which notify cannot start."""

    def environment(self) -> dict[str, str]:
        return super().environment() | {"NOTIFY_COMMON_KEY": "short"}


@pytest.mark.parametrize("forked", [True, False])
async def test_running_system_reports_a_service_that_ends_at_once(tmp_path: Path, *, forked: bool) -> None:
    system = Misconfigured(tmp_path, forked=forked)
    with pytest.raises(LocalError, match=r"notify ended with status 1 before it was ready: .*NOTIFY_COMMON_KEY"):
        async with asyncio.timeout(SOON_SECONDS), system:
            pytest.fail("it started")


async def test_running_system_starts_on_other_ports_if_one_is_taken(tmp_path: Path) -> None:
    system = RunningSystem(tmp_path)
    before = dict(system.ports)
    with socket.create_server(("127.0.0.1", before["notify"])):
        async with system:
            assert not set(system.ports.values()) & set(before.values())
            assert len(await system.visitor().centres()) > 0


async def test_running_system_reports_a_zygote_that_cannot_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "uvloop.py").write_text("raise SystemExit('no event loop here')\n")
    with pytest.raises(LocalError, match="the zygote ended with status 1 before it was ready: no event loop here"):
        async with asyncio.timeout(SOON_SECONDS), RunningSystem(tmp_path):
            pytest.fail("it started")


async def test_running_system_reads_birth_and_end_of_a_service_at_once(tmp_path: Path) -> None:
    async with RunningSystem(tmp_path) as system:
        asked = asyncio.create_task(system.spawn("notify"))  # its port is taken, so it ends by itself
        await asyncio.sleep(0)
        until_ended(system.directory / "notify.log")
        child = await asked
        async with asyncio.timeout(SOON_SECONDS):
            await child.gone.wait()
        assert child.status == 1


def until_ended(log: Path) -> None:
    """Keep the event loop from reading anything until a second service has said that it cannot start."""
    deadline = time.monotonic() + SOON_SECONDS
    while "Address already in use" not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)  # and until the zygote has told of its end
