"""The restore drill: a backup of all databases into new ones, timed; `just drill` prints how long each step took."""

import itertools
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import asyncpg
import pyrage
import pytest

from selvhjelp.installation import Installation
from selvhjelp.operations import people
from selvhjelp.operations.backups.backup import backup
from selvhjelp.operations.backups.restore import chosen, restore
from tests.faults.support.checker import check, rows
from tests.faults.support.crowd import Crowd
from tests.faults.support.running_system import DATABASES, SERVICES, RunningSystem

pytestmark = pytest.mark.faults

PEOPLE = 16


@pytest.mark.every_turn
async def test_restore_drill_brings_back_all_but_the_erased(tmp_path: Path) -> None:
    async with RunningSystem(tmp_path) as system:
        installation = Installation(system.environment())
        crowd = Crowd(system, seed=8)
        await crowd.load_centres()
        await crowd.arrive(crowd.people(PEOPLE))
        await crowd.answer_until_at_rest()
        times = {"start": time.monotonic()}
        name = await make_backup(installation, tmp_path)
        times["backup"] = time.monotonic()
        before = await counts(system)
        (erased, *_) = [row["person_id"] for row in await rows(system, "intake", "SELECT person_id FROM people")]
        receipt = await people.erase(installation, erased, 60)
        assert receipt.complete
        mailed = Counter(mail.message_id for mail in crowd.answers.mails)

        for service in SERVICES:
            await system.kill(service)
        for database in DATABASES:
            await make_anew(system, database)
        times["loss"] = time.monotonic()
        held = await restore(
            installation, name, tmp_path / "b", tmp_path / "k", tmp_path / "identity", chosen([]), print
        )
        times["restore"] = time.monotonic()
        for service in SERVICES:
            await system.spawn(service)
        await system.ready()
        await crowd.answer_until_at_rest()
        times["ready"] = time.monotonic()

        assert held == []
        after = await counts(system)
        assert {name for name in before if before[name] != after[name]} <= {"intake.erasures", *touched(before)}
        for database, table in (
            ("intake", "people"),
            ("grouping", "waiting"),
            ("notify", "signups"),
            ("notify", "mails"),
        ):
            assert not await rows(system, database, f"SELECT 1 FROM {table} WHERE person_id = '{erased}'")
        assert not await rows(system, "intake_keys", f"SELECT 1 FROM person_keys WHERE person_id = '{erased}'")
        verdict = await check(system, crowd.accepted - 1, crowd.answers.mails)
        assert [fact for fact in verdict.violations if not fact.startswith(("I5", "I6"))] == []
        assert Counter(mail.message_id for mail in crowd.answers.mails) - mailed == Counter(), "a mail left twice"
        steps = list(times.items())
        for (_, began), (step, ended) in itertools.pairwise(steps):
            print(f"{step:<8} {ended - began:6.1f} s")


async def make_backup(installation: Installation, folder: Path) -> str:
    key = pyrage.x25519.Identity.generate()
    (folder / "identity").write_text(f"# created\n{key}\n")
    return await backup(
        installation,
        folder / "b",
        folder / "k",
        [str(key.to_public())],
        keep=timedelta(days=30),
        keep_keys=timedelta(days=7),
        say=print,
    )


async def make_anew(system: RunningSystem, database: str) -> None:
    connection = await asyncpg.connect(system.postgres.url())
    await connection.execute(f'DROP DATABASE "{database}" WITH (FORCE)')
    await connection.execute(f'CREATE DATABASE "{database}"')
    await connection.close()


async def counts(system: RunningSystem) -> dict[str, int]:
    """Return the number of rows of each table."""
    found = {}
    for database in DATABASES:
        query = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        for (table,) in await rows(system, database, query):
            ((count,),) = await rows(system, database, f'SELECT count(*) FROM "{table}"')
            found[f"{database}.{table}"] = count
    return found


def touched(names: dict[str, int]) -> set[str]:
    """Return the tables from which the erased person is gone, or in which the erasure is noted."""
    moved = (
        *("people", "signups", "consents", "confirmations", "person_keys", "erasures", "waiting", "seats", "mails"),
        *("outbox", "inbox", "forgotten", "board_changes", "meeting_seats", "contact_readings", "audit_log", "tasks"),
        *("listed_tasks", "erasure_reports", "known_streams", "journal_checks", "limit_hits", "groups", "meetings"),
        *("announcements", "announcement_seats", "group_starters", "arrivals", "security_events", "drafts"),
        *("signup_comparisons", "signup_differences", "newest_backup", "waiting_counts"),
    )
    return {name for name in names if name.partition(".")[2] in moved}
