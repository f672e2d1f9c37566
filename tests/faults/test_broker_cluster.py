"""
Three brokers that hold each stream, killed in turn under load: nobody is lost, and streams stay as they were.

Ten minutes by `just nodes`, which prints what it measured.
"""

import asyncio
import itertools
import json
import os
import statistics
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.support.broker_cluster import NODES, ClusteredSystem
from tests.faults.support.checker import check, rows
from tests.faults.support.crowd import Crowd

pytestmark = pytest.mark.faults

LOAD_SECONDS = float(os.environ.get("FAULTS_NODES_SECONDS", "20"))
PEOPLE_PER_SECOND = float(os.environ.get("FAULTS_NODES_RATE", "5"))
REST_SECONDS = max(300.0, 2 * LOAD_SECONDS)
"""Until all that waited then is done, on a machine that other tests use too."""
AWAY_SECONDS = 3.0
"""So long a node stays away, then comes back with what it had; the next is killed when all have caught up."""

WAITED = """
    SELECT extract(epoch FROM percentile_cont(0.99) WITHIN GROUP (ORDER BY sent_at - created_at))::float AS p99,
           extract(epoch FROM max(sent_at - created_at))::float AS longest, count(*) AS events FROM outbox
"""


async def test_nodes_killed_in_turn_lose_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with ClusteredSystem(tmp_path) as system:
        crowd = Crowd(system, seed=11, pause_seconds=0)
        await crowd.load_centres()
        before = await system.topology()
        answering = asyncio.create_task(crowd.answer_until_cancelled())
        answer_seconds: list[float] = []
        ends_at = time.monotonic() + LOAD_SECONDS
        arriving = asyncio.create_task(_arrive(crowd, ends_at, answer_seconds))
        kills = 0
        for node in itertools.cycle(system.nodes):
            if time.monotonic() > ends_at and kills >= NODES:
                break
            node.kill()
            kills += 1
            await asyncio.sleep(AWAY_SECONDS)  # the outage itself is what is tested
            node.start()
            await system.agree()
        await arriving
        answering.cancel()
        with suppress(asyncio.CancelledError):
            await answering
        await crowd.answer_until_at_rest(within_seconds=REST_SECONDS)
        verdict = await check(system, crowd.accepted, crowd.answers.mails)
        (waited,) = await rows(system, "intake", WAITED)
        result = {
            "kills": kills,
            "accepted": crowd.accepted,
            "refused": len(crowd.refused),
            "violations": verdict.violations,
            "answer_p99_s": round(statistics.quantiles(answer_seconds, n=100)[98], 3),
            "outbox_p99_s": round(waited["p99"], 3),
            "outbox_longest_s": round(waited["longest"], 3),
            "events": waited["events"],
        }
        with capsys.disabled():
            print("\n" + json.dumps(result))
        assert crowd.refused == []
        assert verdict.violations == []
        assert await system.topology() == before, "a node that comes back changes nothing"
        assert not any(child.gone.is_set() for child in system.children.values()), "no service needs a restart"


async def _arrive(crowd: Crowd, ends_at: float, answer_seconds: list[float]) -> None:
    """Have people sign up at a steady pace, one after the other; keep how long each answer took."""
    for person, kommune in crowd.people(int(LOAD_SECONDS * PEOPLE_PER_SECOND) + 1):
        if time.monotonic() > ends_at:
            break
        started_at = time.monotonic()
        await crowd.sign_up(person, kommune)
        answer_seconds.append(time.monotonic() - started_at)
        await asyncio.sleep(max(0.0, 1 / PEOPLE_PER_SECOND - answer_seconds[-1]))
