"""
Intake's periodic jobs: a table of due items and the command for one of them.

The failure of one item is counted and logged, and the others are handled.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.job_types import Cleanup, Job, JobContext
from intake.store import accounts as account_store
from intake.store import identities, own_pages, proofs_of_work
from intake.store import quiet_pairs as quiet_names
from intake.store import sealed_addresses as sealed_rows
from intake.usecases import (
    accounts,
    blind_indexes,
    changed_texts,
    confirmation_mails,
    drafts,
    erase,
    figures,
    group_events,
    meeting_guests,
    memberships,
    network_limits,
    policies,
    quiet_pairs,
    reconciliation,
    renewals,
    retention,
    sealed_addresses,
    sign_in,
    signup_tasks,
    staff_factors,
    staff_sessions,
    talks,
    tasks,
    waiting,
)
from shared.kit.audit import Actor
from shared.kit.jobs import PeriodicJob
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause
from shared.kit.staff import wall_now
from shared.reference.centres import Centres
from shared.reference.retention import Data, kept_for

MINUTE: Final = 60
HOUR: Final = 3600
"""In seconds, as all intervals here."""

KEYS_AT_ONCE: Final = 500
INDEXES_SECONDS: Final = 5  # wall time, as that after which a changed key is read

log = get_logger(__name__)


async def seed_policies(context: JobContext) -> None:
    """Write new policies of the installation's file as versions."""
    async with context.database.transaction() as session:
        file = context.file or context.directory.current()
        await policies.seed(session, context.directory, file, now=context.clock.now())


async def compute_indexes(context: JobContext, *, at_start: bool = False) -> None:
    """Compute the blind indexes anew if their key was replaced."""
    async with context.database.transaction() as session:
        await blind_indexes.compute_anew(session, context.vault, today=None if at_start else wall_now().date())


async def list_signups(context: JobContext) -> None:
    """Tell the other services which sign-ups there are, so that they answer what they know otherwise."""
    async with context.database.transaction() as session:
        await reconciliation.list_signups(session, now=wall_now())


async def _due_signups(context: JobContext) -> list[UUID]:
    async with context.database.transaction() as session:
        return await retention.due_signups(session, context.directory.current(), now=context.clock.now())


async def _delete_signup(context: JobContext, signup_id: UUID) -> None:
    cause = Cause.tick("forget", signup_id)  # the id of the event derives from it, so the word never changes
    async with context.database.transaction() as session:
        await retention.delete_signup(
            session, context.vault, context.directory.current(), signup_id, now=context.clock.now(), cause=cause
        )
    log.info("signup_deleted", signup_id=signup_id)


async def _postponed_confirmations(context: JobContext) -> list[UUID]:
    async with context.database.transaction() as session:
        return await confirmation_mails.postponed(session, context.vault, context.caps, now=context.clock.now())


async def _send_postponed(context: JobContext, confirmation_id: UUID) -> None:
    async with context.database.transaction() as session:
        await confirmation_mails.send_postponed(
            session,
            context.vault,
            context.directory.current(),
            confirmation_id,
            context.caps,
            now=context.clock.now(),
        )


async def _ended_talks(context: JobContext) -> list[UUID]:
    async with context.database.transaction() as session:
        return await talks.ended(session, now=context.clock.now())


async def _mark_talk_past(context: JobContext, signup_id: UUID) -> None:
    async with context.database.transaction() as session:
        await talks.mark_past(session, context.directory.current(), signup_id, now=context.clock.now())


async def _unanswered_talks(context: JobContext) -> list[UUID]:
    async with context.database.transaction() as session:
        return await talks.unanswered(session, now=context.clock.now())


async def _count_unanswered_talk(context: JobContext, signup_id: UUID) -> None:
    async with context.database.transaction() as session:
        await talks.count_unanswered(session, context.directory.current(), signup_id, now=context.clock.now())


async def _due_renewals(context: JobContext) -> list[UUID]:
    async with context.database.transaction() as session:
        return await renewals.due_questions(session, context.directory.current(), now=context.clock.now())


async def _ask_renewal(context: JobContext, signup_id: UUID) -> None:
    async with context.database.transaction() as session:
        await renewals.ask(session, context.directory.current(), signup_id, now=context.clock.now())


async def _unanswered_renewals(context: JobContext) -> list[UUID]:
    async with context.database.transaction() as session:
        return await renewals.unanswered(session, now=context.clock.now())


async def _withdraw_unanswered(context: JobContext, signup_id: UUID) -> None:
    async with context.database.transaction() as session:
        await renewals.withdraw_unanswered(session, signup_id, now=context.clock.now())


async def _signups_with_wrong_texts(context: JobContext) -> list[UUID]:
    async with context.database.transaction() as session:
        return await changed_texts.out_of_step(session, context.directory.current())


async def _ask_texts(context: JobContext, signup_id: UUID) -> None:
    now = context.clock.now()
    async with context.database.transaction() as session:
        cause = Cause.tick("texts", signup_id, now)
        await changed_texts.ask(session, context.directory.current(), signup_id, now=now, cause=cause)


async def _unfinished_erasures(context: JobContext) -> list[UUID]:
    async with context.database.transaction() as session:
        return await erase.unfinished(session, context.vault)


async def _finish_erasure(context: JobContext, person_id: UUID) -> None:
    cause = Cause.tick("erase", person_id)
    async with context.database.transaction() as session:
        await erase.erase_person(session, context.vault, person_id, now=context.clock.now(), cause=cause)
    log.warning("erasure_finished", person_id=person_id)


async def _unused_keys(context: JobContext) -> list[UUID]:
    unused: list[UUID] = []
    after: UUID | None = None
    while candidates := await context.vault.old_keys(after, KEYS_AT_ONCE):
        after = candidates[-1]
        async with context.database.transaction() as session:
            unused += await erase.unused_keys(session, candidates)
    return unused


async def _delete_unused_key(context: JobContext, person_id: UUID) -> None:
    await context.vault.delete_unused(person_id)


async def _stale_keys(context: JobContext) -> list[UUID]:
    return await context.vault.stale_keys()


async def _rewrap_key(context: JobContext, person_id: UUID) -> None:
    await context.vault.rewrap(person_id)


async def _addresses_in_line(context: JobContext) -> list[UUID]:
    async with context.database.transaction() as session:
        return await sealed_rows.people_in_line(session)


async def _seal_address(context: JobContext, person_id: UUID) -> None:
    async with context.database.transaction() as session:
        await sealed_addresses.seal(session, context.vault, person_id)


async def _due_guests(context: JobContext) -> list[UUID]:
    async with context.database.transaction() as session:
        return await meeting_guests.due(session, context.clock.now())


async def _erase_guest(context: JobContext, person_id: UUID) -> None:
    async with context.database.transaction() as session:
        await meeting_guests.erase(session, context.vault, person_id, now=context.clock.now())


async def _postponed_guests(context: JobContext) -> list[UUID]:
    async with context.database.transaction() as session:
        return await meeting_guests.postponed(session, context.vault, context.caps, now=context.clock.now())


async def _ask_guest(context: JobContext, person_id: UUID) -> None:
    async with context.database.transaction() as session:
        now = context.clock.now()
        await meeting_guests.ask_postponed(session, context.vault, person_id, context.caps, now=now)


async def _unused_group_keys(context: JobContext) -> list[UUID]:
    async with context.database.transaction() as session:
        return await sealed_addresses.keys_without_addresses(session, context.vault)


async def _delete_group_key(context: JobContext, group_id: UUID) -> None:
    await context.vault.groups.destroy(group_id)


async def _stale_group_keys(context: JobContext) -> list[UUID]:
    return await context.vault.groups.stale()


async def _rewrap_group_key(context: JobContext, group_id: UUID) -> None:
    await context.vault.groups.rewrap(group_id)


async def _stale_totps(context: JobContext) -> list[UUID]:
    async with context.database.transaction() as session:
        return await staff_factors.stale_totps(session, context.vault.kek)


async def _rewrap_totp(context: JobContext, factor_id: UUID) -> None:
    async with context.database.transaction() as session:
        await staff_factors.rewrap(session, context.vault.kek, factor_id)


async def _signups_with_wrong_tasks(context: JobContext) -> list[UUID]:
    async with context.database.transaction() as session:
        return await signup_tasks.out_of_step(session)


async def _sync_tasks(context: JobContext, signup_id: UUID) -> None:
    now = context.clock.now()
    cause = Cause.tick("tasks", signup_id, now)
    async with context.database.transaction() as session:
        await signup_tasks.repair(session, context.directory.current(), signup_id, now=now, cause=cause)


async def _unanswered_invitations(context: JobContext) -> list[UUID]:
    async with context.database.transaction() as session:
        return await account_store.ids_unanswered(session, context.clock.now())


async def _expire_invitation(context: JobContext, account_id: UUID) -> None:
    now = context.clock.now()
    actor = Actor("system", now, Cause.tick("expire_account", account_id, now))
    async with context.database.transaction() as session:
        await accounts.expire(session, context.vault, account_id, actor=actor)


async def _due_quiet_names(context: JobContext) -> Sequence[UUID]:
    async with context.database.transaction() as session:
        return await quiet_names.due(session, context.clock.now())


async def _settle_quiet_name(context: JobContext, name_id: UUID) -> None:
    async with context.database.transaction() as session:
        await quiet_pairs.settle(session, context.vault, name_id, now=context.clock.now())


async def _delete_account_links(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    await account_store.delete_expired(session, now - kept_for(Data.PAGE_REQUEST), wall_now())


async def _delete_sessions(session: AsyncSession, _centres: Centres, _now: datetime) -> None:
    now = wall_now()
    await staff_sessions.delete_expired_sessions(session, now)
    await sign_in.forget_old(session, now)
    await identities.delete_used(session, now)


async def _delete_drafts(session: AsyncSession, _centres: Centres, _now: datetime) -> None:
    await drafts.delete_expired(session, wall_now())


async def _delete_limit_hits(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    await network_limits.delete_old(session, now=now, wall=wall_now())
    await proofs_of_work.delete_expired(session, wall_now())


async def _delete_page_links(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    await own_pages.delete_expired(session, now - kept_for(Data.PAGE_REQUEST), wall_now())


DELETE_DUE_SIGNUPS: Final = Job("delete_due_signups", MINUTE, _due_signups, _delete_signup)
SEND_POSTPONED: Final = Job("send_postponed_mails", 5 * MINUTE, _postponed_confirmations, _send_postponed)
ASK_RENEWALS: Final = Job("ask_renewals", HOUR, _due_renewals, _ask_renewal)
WITHDRAW_UNANSWERED: Final = Job("withdraw_unanswered", HOUR, _unanswered_renewals, _withdraw_unanswered)
MARK_TALKS_PAST: Final = Job("mark_talks_past", MINUTE, _ended_talks, _mark_talk_past)
COUNT_UNANSWERED_TALKS: Final = Job("count_unanswered_talks", HOUR, _unanswered_talks, _count_unanswered_talk)
ASK_TEXTS: Final = Job("ask_changed_texts", 5 * MINUTE, _signups_with_wrong_texts, _ask_texts)
FINISH_ERASURES: Final = Job("finish_erasures", MINUTE / 4, _unfinished_erasures, _finish_erasure, wall_time=True)
DELETE_UNUSED_KEYS: Final = Job("delete_unused_keys", HOUR, _unused_keys, _delete_unused_key, wall_time=True)
REWRAP_KEYS: Final = Job("rewrap_keys", HOUR, _stale_keys, _rewrap_key, wall_time=True)
EXPIRE_INVITATIONS: Final = Job("expire_invitations", HOUR, _unanswered_invitations, _expire_invitation)
SEAL_ADDRESSES: Final = Job(
    "seal_addresses", MINUTE / 4, _addresses_in_line, _seal_address, wall_time=True, of_rows=True
)
ERASE_GUESTS: Final = Job("erase_guests", 5 * MINUTE, _due_guests, _erase_guest)
ASK_GUESTS: Final = Job("ask_postponed_guests", 5 * MINUTE, _postponed_guests, _ask_guest)
DELETE_GROUP_KEYS: Final = Job("delete_group_keys", MINUTE, _unused_group_keys, _delete_group_key, wall_time=True)
REWRAP_GROUP_KEYS: Final = Job("rewrap_group_keys", HOUR, _stale_group_keys, _rewrap_group_key, wall_time=True)
REWRAP_TOTPS: Final = Job("rewrap_totps", HOUR, _stale_totps, _rewrap_totp, wall_time=True)
SYNC_TASKS: Final = Job("sync_signup_tasks", 5 * MINUTE, _signups_with_wrong_tasks, _sync_tasks)
SETTLE_QUIET_NAMES: Final = Job("settle_quiet_names", MINUTE / 4, _due_quiet_names, _settle_quiet_name, wall_time=True)

JOBS: Final = (
    DELETE_DUE_SIGNUPS,
    SEND_POSTPONED,
    ASK_RENEWALS,
    WITHDRAW_UNANSWERED,
    ASK_TEXTS,
    MARK_TALKS_PAST,
    COUNT_UNANSWERED_TALKS,
    FINISH_ERASURES,
    DELETE_UNUSED_KEYS,
    REWRAP_KEYS,
    EXPIRE_INVITATIONS,
    SEAL_ADDRESSES,
    ERASE_GUESTS,
    ASK_GUESTS,
    DELETE_GROUP_KEYS,
    REWRAP_GROUP_KEYS,
    REWRAP_TOTPS,
    SYNC_TASKS,
    SETTLE_QUIET_NAMES,
)

CLEANUPS: Final = (
    Cleanup("clear_group_links", HOUR, retention.clear_group_links),
    Cleanup("delete_contact_readings", HOUR, retention.delete_contact_readings),
    Cleanup("delete_closed_tasks", HOUR, tasks.delete_closed_tasks),
    Cleanup("delete_talk_times", HOUR, talks.delete_old_times),
    Cleanup("delete_group_meetings", HOUR, group_events.delete_old_meetings),
    Cleanup("delete_ended_groups", HOUR, policies.delete_ended_groups),
    Cleanup("delete_forgotten_groups", HOUR, memberships.delete_forgotten_groups),
    Cleanup("delete_erasure_reports", HOUR, erase.delete_old_reports),
    Cleanup("delete_announced_meetings", HOUR, sealed_addresses.delete_old_meetings),
    Cleanup("fold_waits", HOUR, figures.fold_waits),
    Cleanup("count_waiting", HOUR, waiting.count_waiting),
    Cleanup("delete_audit_log", HOUR, retention.delete_audit_log),
    Cleanup("delete_security_events", HOUR, retention.delete_security_events),
    Cleanup("delete_idempotency_keys", HOUR, retention.delete_idempotency_keys, wall_time=True),
    Cleanup("delete_drafts", MINUTE, _delete_drafts, wall_time=True),
    Cleanup("delete_staff_sessions", HOUR, _delete_sessions, wall_time=True),
    Cleanup("delete_limit_hits", MINUTE, _delete_limit_hits, wall_time=True),
    Cleanup("delete_account_links", HOUR, _delete_account_links, wall_time=True),
    Cleanup("delete_page_links", HOUR, _delete_page_links, wall_time=True),
)


def periodic_jobs(context: JobContext) -> tuple[PeriodicJob, ...]:
    """Return all jobs of intake."""

    def pause(job: Job | Cleanup) -> float:
        return job.every_seconds * (context.clock.speed if job.wall_time else 1)

    def occasion(job: Job) -> Callable[[], int] | None:
        return context.database.written if job.of_rows else None

    def new_index() -> object:
        return context.database.written(), context.vault.newest_blind().number

    return (
        PeriodicJob(
            "compute_indexes", INDEXES_SECONDS * context.clock.speed, partial(compute_indexes, context), new_index
        ),
        PeriodicJob("list_signups", reconciliation.LIST_SECONDS * context.clock.speed, partial(list_signups, context)),
        PeriodicJob("seed_policies", HOUR * context.clock.speed, partial(seed_policies, context)),
        *(PeriodicJob(job.name, pause(job), partial(job.run, context), occasion(job)) for job in JOBS),
        *(PeriodicJob(job.name, pause(job), partial(job.run, context)) for job in CLEANUPS),
    )
