"""200 SIGKILLs of the services at failpoints and at random, 10 of NATS: all invariants hold."""

import asyncio
import json
import os
import random
from pathlib import Path

import pytest

from devtools.testing.identities import connect, provide_streams
from shared.kit.failpoints import FAILPOINTS
from tests.faults.support.checker import check, fingerprint
from tests.faults.support.crowd import Crowd
from tests.faults.support.running_system import SERVICES, RunningSystem

pytestmark = pytest.mark.faults

KILLS = int(os.environ.get("FAULTS_KILLS", "200"))
NATS_KILLS = 10
SEED = int(os.environ.get("FAULTS_SEED", "20261122"))
PASSED_BY = {
    "submissions": ("intake",),
    "consumer": ("intake", "grouping", "notify"),
    "dead_letter": (),
    "relay": ("intake", "grouping"),
    "mailer": ("notify",),
    "web": ("intake", "grouping"),
}
POINTS = [(point, name) for point in FAILPOINTS for name in PASSED_BY[point.split(".")[0]]]


async def storm(system: RunningSystem, crowd: Crowd, kills: int, nats_kills: int) -> dict[str, int]:
    """Kill the services at each failpoint in turn and at random moments; return how often each was reached."""
    chance = random.Random(crowd.seed)
    reached: dict[str, int] = {}
    killed = 0
    turn = 0
    while killed < kills:
        point, name = POINTS[turn % len(POINTS)]
        turn += 1
        if not system.children[name].gone.is_set():
            await system.kill(name)
            killed += 1
        child = await system.spawn(name, (point, chance.randint(1, 3)))
        try:
            async with asyncio.timeout(chance.uniform(0.8, 2.5)):
                await child.gone.wait()
        except TimeoutError:
            continue
        assert child.killed, (
            f"{name} ended by itself at {point}: {(system.directory / f'{name}.log').read_text()[-2000:]}"
        )
        killed += 1
        reached[f"{name} {point}"] = reached.get(f"{name} {point}", 0) + 1
        if nats_kills and killed % max(1, kills // NATS_KILLS) < 2:
            nats_kills -= 1
            system.nats.kill()
            await asyncio.sleep(chance.uniform(0, 0.5))
            system.nats.start()
    for name in SERVICES:
        await system.kill(name)
        await system.spawn(name)
    while nats_kills:
        nats_kills -= 1
        system.nats.kill()
        system.nats.start()
    reached["kills"] = killed
    return reached


async def run(directory: Path, kills: int, people: int, *, sabotage: str = "") -> dict[str, object]:
    """Run one storm with people in it; return the verdict, with the changes by a replay of every stream."""
    async with RunningSystem(directory, sabotage=sabotage) as system:
        crowd = Crowd(system, SEED, pause_seconds=0.1)
        await crowd.load_centres()
        arriving = asyncio.create_task(crowd.arrive(crowd.people(people)))
        answering = asyncio.create_task(crowd.answer_until_cancelled())
        reached = await storm(system, crowd, kills, NATS_KILLS if kills >= 50 else 1)
        await arriving
        answering.cancel()
        await system.ready()
        await crowd.answer_until_at_rest()
        verdict = await check(system, crowd.accepted, crowd.answers.mails)
        replay = await replay_changes(system, crowd)
        return {
            "seed": SEED,
            "reached": reached,
            "refused": crowd.refused,
            "counts": dict(verdict.counts),
            "violations": verdict.violations + replay,
        }


async def replay_changes(system: RunningSystem, crowd: Crowd) -> list[str]:
    """I7: deliver every event of every stream once more; return the differences."""
    from tests.faults.support.checker import CONSUMERS

    mails = len(crowd.answers.mails)
    before = await fingerprint(system)
    connection = await connect(system.nats.url)
    for contract in CONSUMERS.values():
        for consumer in contract():
            await connection.jetstream().delete_consumer(consumer.stream.value, consumer.durable)
    await connection.close()
    await provide_streams(system.nats.url)
    for name in SERVICES:
        await system.kill(name)
        await system.spawn(name)
    await system.ready()
    await crowd.answer_until_at_rest()
    after = await fingerprint(system)
    changed = [f"I7: {table} changed by a replay" for table in after if after[table] != before[table]]
    if len(crowd.answers.mails) != mails:
        changed.append(f"I7: {len(crowd.answers.mails) - mails} mails more after a replay")
    return changed


@pytest.mark.asvs("2.3.3")
async def test_services_killed_at_failpoints_keep_all_invariants(tmp_path: Path) -> None:
    report = await run(tmp_path, KILLS, people=KILLS)
    print(json.dumps(report))
    assert report["refused"] == []
    assert report["violations"] == []
    reached = report["reached"]
    assert isinstance(reached, dict)
    assert reached["kills"] >= KILLS


async def test_services_killed_without_the_inbox_break_invariants(tmp_path: Path) -> None:
    report = await run(tmp_path, 12, people=24, sabotage="no-inbox")
    print(json.dumps(report["violations"], indent=1)[:2000])
    assert report["violations"]
