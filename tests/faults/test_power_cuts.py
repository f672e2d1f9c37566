"""
The power is cut under traffic: what was accepted is there afterwards, and so are the streams of the broker.

PostgreSQL and NATS run on a disk that loses what was not synced. ``just power-cuts 36`` cuts more often.
"""

import asyncio
import json
import os
import random
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from devtools.testing import servers
from devtools.testing.identities import connect
from shared.events import STREAMS
from tests.faults.support.checker import check, rows
from tests.faults.support.crowd import Crowd
from tests.faults.support.power_disk import PowerDisk, is_possible
from tests.faults.support.running_system import SERVICES, RunningSystem

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(not is_possible(), reason="needs root, /dev/fuse and libfuse3"),
]

CUTS = int(os.environ.get("FAULTS_POWER_CUTS", "1"))
SEED = int(os.environ.get("FAULTS_SEED", "20261127"))
PEOPLE_PER_CUT = 4
REST_SECONDS = 900  # the disk is slow


@pytest.fixture
def disk() -> Iterator[PowerDisk]:
    directory = servers.new_directory()  # one that the user of PostgreSQL can reach
    disk = PowerDisk(directory)
    disk.start()
    yield disk
    if disk.alive:
        disk.unmount()
    shutil.rmtree(directory)


def written(path: Path, data: bytes, *, synced: bool, flags: int = 0) -> None:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | flags, 0o644)
    os.write(handle, data)
    if synced:
        os.fsync(handle)
    os.close(handle)


def test_cut_loses_exactly_what_was_not_synced(disk: PowerDisk) -> None:
    (disk.mount / "folder").mkdir()
    before = {
        name: disk.mount / name for name in ("synced", "unsynced", "half", "folder/moved", "by_writing", "shorter")
    }
    written(before["synced"], b"kept", synced=True)
    written(before["unsynced"], b"lost", synced=False)
    written(before["half"], b"kept", synced=True)
    written(before["half"], b"lost and longer", synced=False)
    written(disk.mount / "old", b"kept", synced=True)
    (disk.mount / "old").rename(before["folder/moved"])
    written(before["by_writing"], b"kept", synced=False, flags=os.O_DSYNC)
    written(before["shorter"], b"kept", synced=True)
    os.truncate(before["shorter"], 1)
    disk.cut_power()
    after = {name: path.read_bytes() for name, path in before.items()}
    assert after == {**dict.fromkeys(before, b"kept"), "unsynced": b""}


@pytest.mark.parametrize(("sync", "kept"), [("always", 20), ("10s", 0)])
async def test_power_cut_keeps_messages_only_if_synced(disk: PowerDisk, sync: str, kept: int) -> None:
    nats = servers.new_nats(sync=sync, disk=disk.mount)
    try:
        connection = await connect(nats.url)
        jetstream = connection.jetstream()
        await jetstream.add_stream(name="PROBE", subjects=["probe"])
        for number in range(20):
            await jetstream.publish("probe", b"%d" % number)
        await connection.close()
        nats.kill()
        disk.cut_power()
        nats.start()
        connection = await connect(nats.url)
        there = {info.config.name: info.state.messages for info in await connection.jsm().streams_info()}
        await connection.close()
        assert there.get("PROBE", 0) == kept
    finally:
        servers.discard(nats)


async def cut_power(system: RunningSystem, disk: PowerDisk) -> None:
    """End everything that runs at once, lose what was not synced, and start it again."""
    system.postgres.kill()
    system.nats.kill()
    for name in SERVICES:
        await system.kill(name)
    disk.cut_power()
    system.postgres.start()
    system.nats.start()
    for name in SERVICES:
        await system.spawn(name)
    await system.ready()


async def messages(system: RunningSystem) -> int:
    """Return how many messages there have been in all streams."""
    connection = await connect(system.nats.url)
    try:
        states = [(await connection.jsm().stream_info(stream.value)).state for stream in STREAMS]
    finally:
        await connection.close()
    return sum(state.last_seq for state in states)


async def test_power_cuts_lose_nobody_and_no_stream(tmp_path: Path, disk: PowerDisk) -> None:
    chance = random.Random(SEED)
    async with RunningSystem(tmp_path, durable=True, disk=disk.mount) as system:
        disk.sync()  # the copy of an empty cluster was not
        crowd = Crowd(system, SEED, pause_seconds=0.1)
        await crowd.load_centres()
        answering = asyncio.create_task(crowd.answer_until_cancelled())
        arriving = asyncio.create_task(crowd.arrive(crowd.people(CUTS * PEOPLE_PER_CUT)))
        for _ in range(CUTS):
            await asyncio.sleep(chance.uniform(0.5, 4))
            await cut_power(system, disk)
        await arriving
        answering.cancel()
        with suppress(asyncio.CancelledError):
            await answering
        await crowd.answer_until_at_rest(REST_SECONDS)
        verdict = await check(system, crowd.accepted, crowd.answers.mails)
        again = len(await rows(system, "intake", "SELECT 1 FROM outbox WHERE copy > 0"))
        report = {
            "power cuts": CUTS, "seed": SEED, "accepted": crowd.accepted, "refused": crowd.refused,
            "lost": crowd.accepted - verdict.counts["signups"], "published again": again,
            "messages": await messages(system), "violations": verdict.violations,
        }  # fmt: skip
        print(json.dumps(report))
        assert (report["refused"], report["violations"], report["lost"]) == ([], [], 0)
        assert again == 0, "the streams were lost, and filled again from the database"
