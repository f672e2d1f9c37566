"""The disk of the broker is lost under traffic: nobody is lost, and nobody gets a mail twice."""

import asyncio
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from devtools.testing.identities import provide_streams
from tests.faults.support.checker import check, rows
from tests.faults.support.crowd import Crowd
from tests.faults.support.running_system import RunningSystem

pytestmark = pytest.mark.faults

LOSSES = 2
PEOPLE = 24


async def lose_disk(system: RunningSystem) -> None:
    """Take the broker's disk, and make the streams anew as `selvhjelp streams --keep` does."""
    system.nats.kill()
    shutil.rmtree(system.nats.directory / "jetstream")
    system.nats.start()
    await provide_streams(system.nats.url)


async def test_lost_broker_disk_loses_nobody_and_mails_once(tmp_path: Path) -> None:
    async with RunningSystem(tmp_path) as system:
        crowd = Crowd(system, seed=7)
        await crowd.load_centres()
        answering = asyncio.create_task(crowd.answer_until_cancelled())
        people = crowd.people(PEOPLE)
        share = PEOPLE // (LOSSES + 1)
        for loss in range(LOSSES):
            arriving = asyncio.create_task(crowd.arrive(people[loss * share : (loss + 1) * share]))
            reader = ("grouping", "notify")[loss % 2]
            await system.kill(reader)  # what is published meanwhile is in the stream only, as far as the reader goes
            await arriving
            await _published(system)
            before = await _known_streams(system)
            await lose_disk(system)
            await system.spawn(reader)
            await system.ready()
            await _refilled(system, before)
        await crowd.arrive(people[LOSSES * share :])
        answering.cancel()
        with suppress(asyncio.CancelledError):
            await answering
        await crowd.answer_until_at_rest()
        assert crowd.refused == []
        verdict = await check(system, crowd.accepted, crowd.answers.mails)
        assert verdict.violations == []
        assert verdict.counts["waiting.waiting"] < crowd.accepted, "groups have formed"
        assert await rows(system, "intake", f"SELECT 1 FROM outbox WHERE copy = {LOSSES}"), "sent again after each loss"


async def _published(system: RunningSystem) -> None:
    while await rows(system, "intake", "SELECT 1 FROM outbox WHERE sent_at IS NULL LIMIT 1"):
        await asyncio.sleep(0.1)


async def _known_streams(system: RunningSystem) -> set[tuple[str, str, str]]:
    """Return which stream each service has last seen under each name."""
    seen = set()
    for service in ("intake", "grouping", "notify"):
        for row in await rows(system, service, "SELECT stream, identity FROM known_streams"):
            seen.add((service, row["stream"], row["identity"]))
    return seen


async def _refilled(system: RunningSystem, before: set[tuple[str, str, str]]) -> None:
    """Wait until each service has noticed that its streams are new ones; what it sends again is then in its outbox."""
    while before & await _known_streams(system):
        await asyncio.sleep(0.1)
