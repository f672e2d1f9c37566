"""Periodic jobs of notify."""

from functools import partial
from typing import Final

from notify.store import retention
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.jobs import PeriodicJob, for_each
from shared.reference.centres import CentreDirectory

RETENTION_SECONDS: Final = 3600


def periodic_jobs(database: Database, clock: Clock, directory: CentreDirectory) -> tuple[PeriodicJob, ...]:
    """Return all jobs of notify."""
    return (PeriodicJob("retention", RETENTION_SECONDS, partial(delete_expired, database, clock, directory)),)


async def delete_expired(database: Database, clock: Clock, directory: CentreDirectory) -> None:
    """Apply each rule of retention in a transaction of its own."""

    async def apply(name: str) -> None:
        async with database.transaction() as session:
            await retention.RULES[name](session, directory.current(), clock.now())

    await for_each("retention", retention.RULES, apply)
