"""
Five faults planted in a running system: the alerts that their pages are for fire on what the services then tell.

The rules are run by promtool on figures from `/metrics` of the running services. What was counted between two looks is
taken for ten minutes that go on like this, and a mail is made late in its row, so that nobody waits for an hour.
"""

import asyncio
import re
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from devtools.testing.identities import connect
from tests.deploy.test_observability import FOLDER, PROMTOOL, RULES
from tests.faults.support.crowd import Crowd
from tests.faults.support.running_system import SERVICES, RunningSystem

pytestmark = pytest.mark.faults

PEOPLE = 105
FIRES_SECONDS = 150
HOURS = 2
"""How long the figures of the last look go on."""

Look = Mapping[str, float]
"""Figures by their series, as Prometheus writes it."""


async def look(system: RunningSystem) -> Look:
    """Return what all services tell just now."""
    found: dict[str, float] = {}
    async with httpx.AsyncClient(timeout=60) as client:
        for service in SERVICES:
            text = (await client.get(f"http://127.0.0.1:{system.ports[service]}/metrics")).raise_for_status().text
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    if sample.name.startswith("selvhjelp_"):
                        labels = {"service": service, **sample.labels}
                        named = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()))
                        found[f"{sample.name}{{{named}}}"] = sample.value
    return found


def series(before: Look, now: Look) -> list[dict[str, str]]:
    minutes = HOURS * 60
    counted = [each for each in now if re.match(r"\w+(_total|_bucket|_sum|_count)\{", each)]
    steps = {each: max(0.0, now[each] - before.get(each, 0.0)) / 10 for each in counted}
    return [{"series": each, "values": f"{value}+{steps.get(each, 0.0):.9f}x{minutes}"} for each, value in now.items()]


def fires(before: Look, now: Look, alert: str, labels: Mapping[str, str], folder: Path) -> bool:
    """Return True if an alert with these labels fires on these figures."""
    (rule,) = [rule for rule in RULES if rule["alert"] == alert]

    def said(text: str) -> str:
        return re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda found: labels[found[1]], text)

    expected = {
        "exp_labels": {**labels, **rule["labels"]},
        "exp_annotations": {name: said(text) for name, text in rule["annotations"].items()},
    }
    case = {"eval_time": f"{HOURS}h", "alertname": alert, "exp_alerts": [expected]}
    tests: dict[str, Any] = {
        "rule_files": [str(FOLDER / "rules.yaml")],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": series(before, now), "alert_rule_test": [case]}],
    }
    path = folder / f"{alert}.yaml"
    path.write_text(yaml.safe_dump(tests))
    assert PROMTOOL is not None
    done = subprocess.run([PROMTOOL, "test", "rules", str(path)], capture_output=True, text=True, check=False)
    return done.returncode == 0


async def execute(system: RunningSystem, database: str, *statements: str) -> None:
    connection = await asyncpg.connect(system.database(database))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def mail_server_refuses(system: RunningSystem) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{system.ports['mailbox']}") as mailbox:
        fault = {"kind": "reply", "code": 451, "stage": "mail", "count": 100_000}
        (await mailbox.post("/api/v1/faults", json=fault)).raise_for_status()


async def job_fails(system: RunningSystem) -> None:
    """Take away what the job asks for, as a hand in the database or a migration that went wrong."""
    await execute(system, "notify", "ALTER TABLE kontaktmote_sealed_groups RENAME TO lost")


async def consumer_stands_still(system: RunningSystem) -> None:
    client = await connect(system.nats.url)
    try:
        until = datetime.now(UTC) + timedelta(hours=1)
        await client.jetstream().pause_consumer("SIGNUPS", "grouping-signups", until.isoformat())
    finally:
        await client.close()


async def everybody_waits_at_grouping(system: RunningSystem) -> None:
    """Wait until every sign-up is in the stream: one that is not would find the stream full and stay in the outbox."""
    client = await connect(system.nats.url)
    try:
        async with asyncio.timeout(FIRES_SECONDS):
            while (await client.jetstream().consumer_info("SIGNUPS", "grouping-signups")).num_pending < PEOPLE:
                await asyncio.sleep(0.1)
    finally:
        await client.close()


async def disk_is_nearly_full(system: RunningSystem) -> None:
    """Give a stream the room that is nearly used, as a broker with a small disk does."""
    client = await connect(system.nats.url)
    try:
        stream = await client.jetstream().stream_info("SIGNUPS")
        small = replace(stream.config, max_bytes=int(stream.state.bytes * 1.2))
        await client.jetstream().update_stream(small)
    finally:
        await client.close()


async def policy_is_bad(system: RunningSystem) -> None:
    """Store a version of a centre's policy that grouping cannot read."""
    version = (
        "INSERT INTO centre_policies (tenant, number, content) VALUES ('link-bergen', 999, '{\"group_size\": \"mye\"}')"
    )
    changed = " ON CONFLICT (tenant) DO UPDATE SET number = excluded.number, content = excluded.content"
    await execute(system, "grouping", version + changed, "NOTIFY centre_policies")


PLANTED: tuple[tuple[Callable[[RunningSystem], Awaitable[None]], str, dict[str, str]], ...] = (
    (mail_server_refuses, "MailLate", {}),
    (consumer_stands_still, "ConsumerBehind", {"consumer": "grouping-signups"}),
    (job_fails, "JobFails", {"service": "notify", "periodic_job": "sealed_groups"}),
    (disk_is_nearly_full, "StreamFilling", {"stream": "SIGNUPS"}),
    (policy_is_bad, "PolicyUnreadable", {"service": "grouping"}),
)
"""The first two are there before people sign up."""


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[RunningSystem]:
    async with RunningSystem(tmp_path) as system:
        yield system


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not here: deploy/observability/tools.sh")
async def test_five_planted_faults_fire_their_alerts(system: RunningSystem, tmp_path: Path) -> None:
    crowd = Crowd(system, seed=3)
    await crowd.load_centres()
    before = await look(system)
    assert not [alert for _, alert, labels in PLANTED if fires(before, before, alert, labels, tmp_path)]

    await mail_server_refuses(system)
    await consumer_stands_still(system)
    for person, kommune in crowd.people(PEOPLE):
        await crowd.sign_up(person, kommune)
    assert crowd.refused == []
    await everybody_waits_at_grouping(system)
    for plant, _, _ in PLANTED[2:]:
        await plant(system)

    quiet = [(alert, labels) for _, alert, labels in PLANTED]
    now = before
    try:
        async with asyncio.timeout(FIRES_SECONDS):
            while quiet:
                await execute(system, "notify", "UPDATE mails SET next_at = next_at - interval '10 minutes'")
                now = await look(system)
                quiet = [(alert, labels) for alert, labels in quiet if not fires(before, now, alert, labels, tmp_path)]
    except TimeoutError:
        pytest.fail(f"these do not fire: {quiet}")
    assert not any(value for name, value in now.items() if name.startswith("selvhjelp_dead_letters"))
