"""The whole path through all three services, by HTTP and mail, in the time that everyday tests have."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.kit.clock import FastClock
from tests.faults.support.checker import check, messages, rows
from tests.faults.support.crowd import Crowd
from tests.faults.support.running_system import SERVICES, RunningSystem

BERGEN = "4601"
NINE = 9


@pytest.mark.every_turn
async def test_nine_signups_form_one_group_of_eight(tmp_path: Path) -> None:
    async with RunningSystem(tmp_path) as system:
        crowd = Crowd(system, seed=9)
        crowd.answers.declines = 0
        await crowd.load_centres()
        for person, _ in crowd.people(NINE):
            alike = replace(person, place="5003", slots=("tue-evening",), email=f"{person.email}")
            await crowd.sign_up(alike, BERGEN)
        assert crowd.refused == []
        await crowd.answer_until_at_rest()
        assert Counter(row["status"] for row in await rows(system, "grouping", "SELECT status FROM waiting")) == {
            "seated": 8,
            "waiting": 1,
        }
        verdict = await check(system, crowd.accepted, crowd.answers.mails)
        assert verdict.violations == []

        now = datetime.now(UTC)
        system.clock = FastClock(now + timedelta(days=20), now, 1).spec()
        for name in SERVICES:
            await system.kill(name)
            await system.spawn(name)
        await system.ready()

        async def started() -> bool:
            return bool(await rows(system, "grouping", "SELECT 1 FROM groups WHERE state = 'started' AND live = 8"))

        async with asyncio.timeout(240):
            while not await started():
                await asyncio.sleep(0.2)
        await crowd.answer_until_at_rest()
        events = [event for subject, event in await messages(system) if subject == "groups.started.v1"]
        assert [(event["size"], event["area"], event["centre"]) for event in events] == [(8, "bergen", "link-bergen")]
        assert set(events[0]) >= {"group_id", "policy_version", "started_at"}
        verdict = await check(system, crowd.accepted, crowd.answers.mails)
        assert verdict.violations == []
        states = Counter(row["state"] for row in await rows(system, "intake", "SELECT state FROM signups"))
        assert states == {"member": 8, "ready": 1}
        per_person = Counter(mail.to for mail in crowd.answers.mails)
        assert Counter(per_person.values()) == {4: 8, 2: 1}
