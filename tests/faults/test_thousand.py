"""A thousand sign-ups in twenty kommuner, every event delivered twice in random order: each person in one place."""

import asyncio
import json
import os
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from devtools.testing.identities import connect
from selvhjelp.installation import Installation
from selvhjelp.operations import agreement
from selvhjelp.rehearsal.people import invent
from shared.events import STREAMS
from shared.reference import centres
from shared.reference.places import distance_km
from tests.faults.support.checker import changes, check, contents, messages, rows
from tests.faults.support.crowd import Crowd
from tests.faults.support.running_system import SERVICES, RunningSystem

pytestmark = pytest.mark.faults

PEOPLE = int(os.environ.get("FAULTS_PEOPLE", "1000"))
KOMMUNER = [
    "0301", "4601", "5001", "1103", "1108", "4204", "5501", "1804", "3301", "3107",
    "3201", "3205", "4627", "4626", "4624", "5035", "1508", "1506", "3403", "4003",
]  # fmt: skip
SEED = 1000


async def test_shuffled_double_delivery_keeps_each_person_in_one_place(tmp_path: Path) -> None:
    async with RunningSystem(tmp_path) as system:
        crowd = Crowd(system, SEED)
        crowd.answers.declines = 0.05
        await crowd.load_centres()
        await system.kill("grouping")
        people = [
            (replace(person, email=f"{kommune}-{person.email}"), kommune)
            for kommune in KOMMUNER
            for person in invent(PEOPLE // len(KOMMUNER), [kommune], SEED)
        ]
        answering = asyncio.create_task(crowd.answer_until_cancelled())
        gate = asyncio.Semaphore(8)

        async def arrive(person: Any, kommune: str) -> None:
            async with gate:
                await crowd.sign_up(person, kommune)

        await asyncio.gather(*(arrive(*each) for each in people))
        assert crowd.refused == []
        await _until(lambda: _confirmed(system), len(people))
        answering.cancel()

        await republish_twice_shuffled(system, clean=True)
        await system.ready()
        await crowd.answer_until_at_rest(600)
        verdict = await check(system, crowd.accepted, crowd.answers.mails)
        print(json.dumps(verdict.counts, indent=1))
        assert verdict.violations == []
        assert await limit_violations(system) == []
        assert await agreement.look(Installation(system.environment())) == agreement.Differences()

        before, mails = await contents(system), len(crowd.answers.mails)
        await republish_twice_shuffled(system, clean=False)
        await system.ready()
        await crowd.answer_until_at_rest(300)
        assert changes(before, await contents(system)) == []
        assert len(crowd.answers.mails) == mails


async def _confirmed(system: RunningSystem) -> int:
    return len(await rows(system, "intake", "SELECT 1 FROM signups WHERE state <> 'received'"))


async def _until(count: Any, wanted: int, within_seconds: float = 300) -> None:
    async with asyncio.timeout(within_seconds):
        while await count() < wanted:
            await asyncio.sleep(0.3)


async def republish_twice_shuffled(system: RunningSystem, *, clean: bool) -> None:
    """
    Stop all services, publish every event of every stream twice more in random order, and start them again.

    Args:
        system: The system.
        clean: Purge the streams first, so that only the random order remains.
    """
    for name in SERVICES:
        await system.kill(name)
    twice = await messages(system) * 2
    random.Random(SEED).shuffle(twice)
    connection = await connect(system.nats.url)
    js = connection.jetstream(timeout=30)
    if clean:
        for stream in STREAMS:
            await js.purge_stream(stream.value)
    for subject, event in twice:
        await js.publish(subject, json.dumps(event).encode())
    await connection.close()
    for name in SERVICES:
        await system.spawn(name)


async def limit_violations(system: RunningSystem) -> list[str]:
    """Return seats whose person cannot reach the place, cannot come then, or does not speak the language."""
    query = """
        SELECT w.*, g.place, g.slot, g.spoken_language, g.area AS group_area FROM seats s
        JOIN groups g ON g.id = s.group_id JOIN waiting w ON w.signup_id = s.signup_id
        WHERE s.state IN ('offered', 'taken')
    """
    known = centres.load()
    wrong = []
    for row in await rows(system, "grouping", query):
        result = known.area(row["group_area"])
        assert result is not None
        place = result[1].place(row["place"])
        assert place is not None
        km = distance_km(row["latitude"], row["longitude"], place.latitude, place.longitude)
        if km > row["max_travel_km"] or row["slot"] not in row["slots"]:
            wrong.append(f"{row['signup_id']}: {km:.1f} of {row['max_travel_km']} km, {row['slot']} of {row['slots']}")
        if row["spoken_language"] not in row["languages"]:
            wrong.append(f"{row['signup_id']}: {row['spoken_language']} of {row['languages']}")
    return wrong
