"""Periodic jobs of notify."""

from functools import partial
from typing import Final
from uuid import UUID

from notify.mails.registry import MailRegistry
from notify.store import retention
from notify.usecases import calls, signs_of_life
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.jobs import PeriodicJob, for_each
from shared.reference.centres import CentreDirectory

RETENTION_SECONDS: Final = 3600
SIGNS_OF_LIFE_SECONDS: Final = 3600
CALLS_SECONDS: Final = 300


def periodic_jobs(
    database: Database, clock: Clock, directory: CentreDirectory, registry: MailRegistry
) -> tuple[PeriodicJob, ...]:
    """Return all jobs of notify."""
    return (
        PeriodicJob("retention", RETENTION_SECONDS, partial(delete_expired, database, clock, directory)),
        PeriodicJob("calls", CALLS_SECONDS, partial(close_moot_calls, database, clock, registry)),
        PeriodicJob("signs_of_life", SIGNS_OF_LIFE_SECONDS, partial(plan_signs_of_life, database, clock, registry)),
    )


async def close_moot_calls(database: Database, clock: Clock, registry: MailRegistry) -> None:
    """Close the calls whose deadline has passed, and tasks about mails that are gone, each in a transaction."""
    async with database.transaction() as session:
        mail_ids = await calls.due(session)

    async def refresh(mail_id: UUID) -> None:
        async with database.transaction() as session:
            await calls.refresh(session, registry, mail_id, now=clock.now())

    await for_each("calls", mail_ids, refresh)


async def plan_signs_of_life(database: Database, clock: Clock, registry: MailRegistry) -> None:
    """Plan a mail for each person who has waited a month without a word."""
    async with database.transaction() as session:
        due = await signs_of_life.due(session, now=clock.now())

    async def plan(ids: tuple[UUID, UUID]) -> None:
        async with database.transaction() as session:
            await signs_of_life.plan(session, registry, *ids, now=clock.now())

    await for_each("signs_of_life", due, plan)


async def delete_expired(database: Database, clock: Clock, directory: CentreDirectory) -> None:
    """Apply each rule of retention in a transaction of its own."""

    async def apply(name: str) -> None:
        async with database.transaction() as session:
            await retention.RULES[name](session, directory.current(), clock.now())

    await for_each("retention", retention.RULES, apply)
