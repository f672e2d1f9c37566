"""Periodic jobs of notify."""

from functools import partial
from typing import Final
from uuid import UUID

from notify.mails.registry import MailRegistry
from notify.store import projections, retention
from notify.usecases import calls, forgetting, signs_of_life
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.jobs import PeriodicJob, for_each
from shared.kit.messaging.causes import Cause
from shared.reference.centres import CentreDirectory

RETENTION_SECONDS: Final = 3600
SIGNS_OF_LIFE_SECONDS: Final = 3600
CALLS_SECONDS: Final = 300
FORGETTING_SECONDS: Final = 60


def periodic_jobs(
    database: Database, clock: Clock, directory: CentreDirectory, registry: MailRegistry
) -> tuple[PeriodicJob, ...]:
    """Return all jobs of notify."""
    return (
        PeriodicJob("retention", RETENTION_SECONDS, partial(delete_expired, database, clock, directory)),
        PeriodicJob("forgetting", FORGETTING_SECONDS, partial(forget_members, database, clock)),
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


async def forget_members(database: Database, clock: Clock) -> None:
    """Forget the members of each group that grouping has forgotten, once their last mail or call is done."""
    async with database.transaction() as session:
        group_ids = await forgetting.due(session)

    async def forget(group_id: UUID) -> None:
        async with database.transaction() as session:
            await projections.lock(session, group_id=group_id)
            await forgetting.forget_members(session, group_id, now=clock.now(), cause=Cause.fresh())

    await for_each("forgetting", group_ids, forget)


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
