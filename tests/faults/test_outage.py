"""Broker outage and killed PostgreSQL: every sign-up is accepted, and the system catches up soon after."""

import asyncio
import os
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.support.checker import check, rows
from tests.faults.support.crowd import Crowd
from tests.faults.support.running_system import SERVICES, RunningSystem

pytestmark = pytest.mark.faults

# Longer than nats-py's own patience (60 attempts of a second); five minutes by FAULTS_OUTAGE_SECONDS=300.
OUTAGE_SECONDS = float(os.environ.get("FAULTS_OUTAGE_SECONDS", "75"))
CATCH_UP_SECONDS = 30


async def test_broker_outage_rejects_no_signup_and_is_caught_up(tmp_path: Path) -> None:
    async with RunningSystem(tmp_path) as system:
        crowd = Crowd(system, seed=5)
        await crowd.load_centres()
        system.nats.kill()
        gone_at = time.monotonic()
        people = crowd.people(60)
        for person in people:
            await crowd.sign_up(*person)
        assert crowd.accepted == len(people)
        before = {name: cpu_seconds(system.children[name].pid) for name in SERVICES}
        rest = OUTAGE_SECONDS - (time.monotonic() - gone_at)
        await asyncio.sleep(rest)  # the outage itself is what is tested
        spent = {name: cpu_seconds(system.children[name].pid) - before[name] for name in SERVICES}
        assert all(seconds < rest / 4 for seconds in spent.values()), f"a spinning loop: {spent}"
        assert await rows(system, "intake", "SELECT 1 FROM outbox WHERE sent_at IS NULL")

        system.nats.start()

        async def all_mailed() -> bool:
            mails = await rows(system, "notify", "SELECT 1 FROM mails WHERE kind = 'address_to_confirm'")
            return len(mails) == len(people)

        async with asyncio.timeout(CATCH_UP_SECONDS):
            while not await all_mailed():
                await asyncio.sleep(0.2)
        await crowd.answer_until_at_rest()
        verdict = await check(system, crowd.accepted, crowd.answers.mails)
        assert verdict.violations == []
        assert not system.deaths, "no service may need a restart for this"


async def test_database_kill_services_recover_without_restart(tmp_path: Path) -> None:
    async with RunningSystem(tmp_path, durable=True) as system:
        crowd = Crowd(system, seed=6)
        await crowd.load_centres()
        arriving = asyncio.create_task(crowd.arrive(crowd.people(40)))
        answering = asyncio.create_task(crowd.answer_until_cancelled())
        for _ in range(3):
            await asyncio.sleep(1)  # let work be under way
            system.postgres.kill()
            system.postgres.start()
        await arriving
        answering.cancel()
        with suppress(asyncio.CancelledError):
            await answering
        await system.ready(30)
        await crowd.answer_until_at_rest()
        assert crowd.refused == []
        verdict = await check(system, crowd.accepted, crowd.answers.mails)
        assert verdict.violations == []
        assert not system.deaths, "no service may need a restart for this"


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
