"""
200 SIGKILLs of the services at failpoints and at random, 10 of NATS: all invariants hold.

`just kills` makes runs of other sizes, with kills of PostgreSQL and frozen services too, each one line of JSON.
"""

import asyncio
import itertools
import json
import os
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import pytest

from devtools.testing.identities import connect, provide_streams
from grouping.jobs import SYNC_TASKS
from shared.kit.failpoints import FAILPOINTS
from tests.faults.support.checker import changes, check, contents
from tests.faults.support.crowd import Crowd
from tests.faults.support.running_system import SERVICES, RunningSystem

pytestmark = pytest.mark.faults

KILLS = int(os.environ.get("FAULTS_KILLS", "200"))
INTERRUPTIONS: Final = {
    "nats kills": int(os.environ.get("FAULTS_NATS_KILLS", "10")),
    "database kills": int(os.environ.get("FAULTS_DATABASE_KILLS", "0")),
    "freezes": int(os.environ.get("FAULTS_FREEZES", "0")),
}
JOBS_SECONDS: Final = 120
SABOTAGE = os.environ.get("FAULTS_SABOTAGE", "")
SEED = int(os.environ.get("FAULTS_SEED", "20261122"))
PASSED_BY = {
    "submissions": ("intake",),
    "consumer": ("intake", "grouping", "notify"),
    "dead_letter": (),
    "relay": ("intake", "grouping"),
    "mailer": ("notify",),
    "web": ("intake", "grouping"),
}
POINTS: Final = {name: [point for point in FAILPOINTS if name in PASSED_BY[point.split(".")[0]]] for name in SERVICES}


async def kill_nats(system: RunningSystem, chance: random.Random) -> None:
    """End the broker, and start it soon after."""
    system.nats.kill()
    await asyncio.sleep(chance.uniform(0, 0.5))
    system.nats.start()


async def kill_database(system: RunningSystem, _chance: random.Random) -> None:
    """End PostgreSQL with all its processes, and start it at once; it recovers from its log."""
    system.postgres.kill()
    system.postgres.start()


async def freeze(system: RunningSystem, chance: random.Random) -> None:
    """Stop a service for a while, as a machine that swaps does, and let it go on."""
    child = system.children[chance.choice(SERVICES)]
    with suppress(ProcessLookupError):
        os.kill(child.pid, signal.SIGSTOP)
        await asyncio.sleep(chance.uniform(0.5, 3))
        os.kill(child.pid, signal.SIGCONT)


ACTS: Final[dict[str, Callable[[RunningSystem, random.Random], Awaitable[None]]]] = {
    "nats kills": kill_nats,
    "database kills": kill_database,
    "freezes": freeze,
}


@dataclass
class Storm:
    """
    Kills of the three services side by side, at each failpoint in turn and at random moments.

    Args:
        kills: How many, of all services together.
        interruptions: How often each of :data:`ACTS` is done meanwhile, spread over the kills.
    """

    system: RunningSystem
    seed: int
    kills: int
    interruptions: dict[str, int]
    reached: Counter[str] = field(default_factory=Counter)
    _interrupting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def blow(self) -> Counter[str]:
        """Do all kills; return how often each kind and each failpoint was reached."""
        async with asyncio.TaskGroup() as storms:
            for number, name in enumerate(SERVICES):
                storms.create_task(self._kill_often(name, random.Random(self.seed * len(SERVICES) + number)))
        await self._interrupt(random.Random(self.seed))
        return self.reached

    async def _kill_often(self, name: str, chance: random.Random) -> None:
        for point in itertools.cycle(POINTS[name]):
            if not self.system.children[name].gone.is_set():
                await self.system.kill(name)
                self.reached["kills"] += 1
            if self.reached["kills"] >= self.kills:
                break
            child = await self.system.spawn(name, (point, chance.randint(1, 3)))
            await self._interrupt(chance)
            await self.system.answers(name)
            try:
                async with asyncio.timeout(chance.uniform(0.2, 1.5)):
                    await child.gone.wait()
            except TimeoutError:
                continue
            log = self.system.directory / f"{name}.log"
            assert child.killed, f"{name} ended by itself at {point}: {log.read_text()[-2000:]}"
            self.reached["kills"] += 1
            self.reached[f"{name} {point}"] += 1
        await self.system.spawn(name)

    async def _interrupt(self, chance: random.Random) -> None:
        async with self._interrupting:
            for kind, number in self.interruptions.items():
                while self.reached[kind] < number * min(self.reached["kills"], self.kills) // self.kills:
                    await ACTS[kind](self.system, chance)
                    self.reached[kind] += 1


async def run(directory: Path, kills: int, people: int, *, sabotage: str = "") -> dict[str, object]:
    """Run one storm with people in it; return the verdict, with the changes by a replay of every stream."""
    interruptions = INTERRUPTIONS if kills >= 50 else {**INTERRUPTIONS, "nats kills": 1}
    async with RunningSystem(directory, sabotage=sabotage, durable=interruptions["database kills"] > 0) as system:
        crowd = Crowd(system, SEED, pause_seconds=0.1)
        await crowd.load_centres()
        arriving = asyncio.create_task(crowd.arrive(crowd.people(people)))
        answering = asyncio.create_task(crowd.answer_until_cancelled())
        reached = await Storm(system, SEED, kills, interruptions).blow()
        await arriving
        answering.cancel()
        await system.ready()
        await crowd.answer_until_at_rest()
        verdict = await check(system, crowd.accepted, crowd.answers.mails)
        replay = await replay_changes(system, crowd)
        return {
            "seed": SEED,
            "reached": reached,
            "lost": crowd.accepted - verdict.counts["signups"],
            "refused": crowd.refused,
            "counts": dict(verdict.counts),
            "violations": verdict.violations + replay,
        }


async def restart_all(system: RunningSystem, crowd: Crowd) -> None:
    """End and start all services; return when the tasks of grouping are in step and all is at rest."""
    for name in SERVICES:
        await system.kill(name)
        await system.spawn(name)
    await system.ready()
    async with asyncio.timeout(JOBS_SECONDS), httpx.AsyncClient() as client:
        while (
            f'selvhjelp_job_runs_total{{outcome="done",periodic_job="{SYNC_TASKS.name}"}}'
            not in (await client.get(f"http://127.0.0.1:{system.ports['grouping']}/metrics")).text
        ):
            await asyncio.sleep(0.1)
    await crowd.answer_until_at_rest()


async def replay_changes(system: RunningSystem, crowd: Crowd) -> list[str]:
    """I7: deliver every event of every stream once more; return the differences."""
    from tests.faults.support.checker import CONSUMERS

    await restart_all(system, crowd)  # the jobs of a start bring in step what had been waiting for the next run
    mails = len(crowd.answers.mails)
    before = await contents(system)
    connection = await connect(system.nats.url)
    for contract in CONSUMERS.values():
        for consumer in contract():
            await connection.jetstream().delete_consumer(consumer.stream.value, consumer.durable)
    await connection.close()
    await provide_streams(system.nats.url)
    await restart_all(system, crowd)
    changed = [f"I7: by a replay {change}" for change in changes(before, await contents(system))]
    if len(crowd.answers.mails) != mails:
        changed.append(f"I7: {len(crowd.answers.mails) - mails} mails more after a replay")
    return changed


@pytest.mark.asvs("2.3.3")
@pytest.mark.every_turn
async def test_services_killed_at_failpoints_keep_all_invariants(tmp_path: Path) -> None:
    report = await run(tmp_path, KILLS, people=max(24, KILLS // 2), sabotage=SABOTAGE)
    print(json.dumps(report))
    assert report["refused"] == []
    assert report["violations"] == []
    reached = report["reached"]
    assert isinstance(reached, dict)
    assert reached["kills"] >= KILLS
    if KILLS >= 100:  # on a busy machine one kill in twenty is at a failpoint, so a short storm may meet none
        assert any("." in kind for kind in reached), "no failpoint was reached: the kills met starting services only"


async def test_services_killed_without_the_inbox_break_invariants(tmp_path: Path) -> None:
    report = await run(tmp_path, 12, people=24, sabotage="no-inbox")
    print(json.dumps(report["violations"], indent=1)[:2000])
    assert report["violations"]
