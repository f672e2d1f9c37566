"""Periodic jobs: a failing item does not starve the rest."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from notify.jobs import delete_expired, periodic_jobs
from notify.mails.registry import mail_registry
from notify.store import retention
from shared.events.contacts import GroupAddress
from shared.kit.clock import ManualClock
from shared.reference import centres
from shared.reference.centres import CentreDirectory, Centres
from tests.notify.support.events import NOON, Person
from tests.notify.support.world import Feed

DIRECTORY = CentreDirectory(centres.load())


async def test_retention_with_failing_rule_runs_the_others(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_session: AsyncSession, _centres: Centres, _now: datetime) -> None:
        raise RuntimeError

    monkeypatch.setattr(retention, "RULES", {"broken": broken, **retention.RULES})
    person = Person()
    await feed.deliver(person.ready(), person.withdrawn())
    async with feed.database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("UPDATE mails SET status = 'sent', next_at = NULL, settled_at = created_at")
    await delete_expired(feed.database, ManualClock(NOON + timedelta(days=90)), DIRECTORY)
    assert await feed.mails() == []


def test_table_of_jobs_names_each_job_once(feed: Feed) -> None:
    async def nobody(_meeting: UUID, _groups: Collection[UUID]) -> Sequence[GroupAddress]:
        return ()

    jobs = periodic_jobs(feed.database, feed.clock, DIRECTORY, mail_registry(), nobody)
    assert [job.name for job in jobs] == [
        "retention",
        "forgetting",
        "calls",
        "sealed_groups",
        "lines",
        "signs_of_life",
    ]
