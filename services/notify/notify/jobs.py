"""Periodic jobs of notify."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial
from typing import Final
from uuid import UUID

from notify.contacts import MOST_AT_ONCE
from notify.domain.kontaktmoter.meetings import LINE_CLOSES_BEFORE
from notify.mails.registry import MailRegistry
from notify.store import kontaktmoter, projections, retention
from notify.usecases import calls, forgetting, kontaktmote_addresses, kontaktmote_replies, signs_of_life
from shared.events.contacts import GroupAddress
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.jobs import PeriodicJob, for_each
from shared.kit.messaging.causes import Cause
from shared.reference.centres import CentreDirectory

RETENTION_SECONDS: Final = 3600
SIGNS_OF_LIFE_SECONDS: Final = 3600
CALLS_SECONDS: Final = 300
FORGETTING_SECONDS: Final = 60
SEALED_SECONDS: Final = 5
LINES_SECONDS: Final = 300

OpenAddresses = Callable[[UUID, Collection[UUID]], Awaitable[Sequence[GroupAddress]]]
"""Asks intake for the sealed addresses of groups, for one meeting."""


def periodic_jobs(
    database: Database, clock: Clock, directory: CentreDirectory, registry: MailRegistry, open_addresses: OpenAddresses
) -> tuple[PeriodicJob, ...]:
    """Return all jobs of notify."""
    return (
        PeriodicJob("retention", RETENTION_SECONDS, partial(delete_expired, database, clock, directory)),
        PeriodicJob("forgetting", FORGETTING_SECONDS, partial(forget_members, database, clock)),
        PeriodicJob("calls", CALLS_SECONDS, partial(close_moot_calls, database, clock, registry)),
        PeriodicJob(
            "sealed_groups",
            SEALED_SECONDS,
            partial(invite_sealed_groups, database, clock, registry, open_addresses),
            database.written,
        ),
        PeriodicJob("lines", LINES_SECONDS, partial(close_lines, database, clock, registry)),
        PeriodicJob("signs_of_life", SIGNS_OF_LIFE_SECONDS, partial(plan_signs_of_life, database, clock, registry)),
    )


async def invite_sealed_groups(
    database: Database, clock: Clock, registry: MailRegistry, open_addresses: OpenAddresses
) -> None:
    """Invite the groups that are reached by sealed addresses, a hundred at a time; intake is asked in between."""
    async with database.transaction() as session:
        waiting = await kontaktmote_addresses.to_open(session, clock.now())

    async def invite(part: tuple[UUID, tuple[UUID, ...]]) -> None:
        kontaktmote_id, group_ids = part
        addresses = await open_addresses(kontaktmote_id, group_ids)
        async with database.transaction() as session:
            await kontaktmote_addresses.invite(
                session, registry, kontaktmote_id, group_ids, addresses, now=clock.now(), cause=Cause.fresh()
            )

    parts = [
        (kontaktmote_id, tuple(part))
        for kontaktmote_id, group_ids in waiting.items()
        for part in (group_ids[first : first + MOST_AT_ONCE] for first in range(0, len(group_ids), MOST_AT_ONCE))
    ]
    await for_each("sealed_groups", parts, invite)


async def close_lines(database: Database, clock: Clock, registry: MailRegistry) -> None:
    """Close the lines for places at meetings that are near, and tell those who have waited in vain."""
    async with database.transaction() as session:
        due = await kontaktmoter.lines_to_close(session, clock.now() + LINE_CLOSES_BEFORE)

    async def close(kontaktmote_id: UUID) -> None:
        async with database.transaction() as session:
            await kontaktmote_replies.close_line(
                session, registry, kontaktmote_id, now=clock.now(), cause=Cause.fresh()
            )

    await for_each("lines", due, close)


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
