"""Periodic jobs of intake: one failing item stops no other."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from intake import jobs
from intake.app import build
from intake.domain.talk_times import Span
from intake.job_types import Job, JobContext
from intake.store import sealed_addresses
from intake.store.staff_tables import StaffTotp, StaffUser
from intake.usecases import accounts, meeting_guests, quiet_pairs, talk_times, talks
from intake.usecases.accounts import AccountDetails
from intake.usecases.talk_times import NewTimes
from intake.vault.person_key import Tampered
from shared.kit.messaging.causes import Cause
from tests.intake.support.browser import settings
from tests.intake.support.world import KEK, World, requiring, vault_on

PEOPLE = [
    {"email": "kari@example.org"},
    {"email": "ola@example.org", "first_name": "Ola"},
    {"email": "eva@example.org"},
]
NEW_KEK = "two:" + "B" * 43 + "="


async def signups_are_due(world: World) -> None:
    for person in PEOPLE:
        await world.signed_up(**person)
    world.later(days=4)


async def mails_are_postponed(world: World) -> None:
    for person in PEOPLE:
        await world.confirmed(**person, slots=["mon-day"])
        await world.confirmed(**person, slots=["tue-day"])
        await world.signed_up(**person, slots=["wed-day"])
    world.later(hours=25)


async def people_have_waited_long(world: World) -> None:
    for person in PEOPLE:
        await world.confirmed(**person)
    world.later(days=340)


async def renewals_are_unanswered(world: World) -> None:
    await people_have_waited_long(world)
    await jobs.ASK_RENEWALS.run(world.jobs)
    world.later(days=31)


async def erasures_are_unfinished(world: World) -> None:
    for person in PEOPLE:
        await world.vault.destroy(await world.person_of(await world.signed_up(**person)), world.clock.now())


async def keys_are_unused(world: World) -> None:
    await world.vault.fill()
    async with world.keys.transaction() as session:
        await session.execute(sa.text("update person_keys set created_at = now() - interval '25 hours'"))
        await session.execute(
            sa.text("delete from person_keys where person_id not in (select person_id from person_keys limit 3)")
        )


async def kek_is_replaced(world: World) -> None:
    await keys_are_unused(world)
    world.vault = vault_on(world.keys, f"{NEW_KEK} {KEK}")


async def kek_of_code_apps_is_replaced(world: World) -> None:
    now = world.clock.now()
    async with world.transaction() as session:
        session.add(StaffUser(username="berit", password_hash="-", roles=[], centres=[], created_at=now))
        await session.flush()
        for number, _ in enumerate(PEOPLE):
            factor_id, kek = uuid4(), world.vault.kek
            sealed = kek.wrap(factor_id, b"s" * 20)
            app: dict[str, Any] = {"username": "berit", "name": f"app {number}", "last_step": 0, "added_at": now}
            session.add(StaffTotp(factor_id=factor_id, sealed=sealed, kek_id=kek.current, **app))
    world.vault = vault_on(world.keys, f"{NEW_KEK} {KEK}")


async def addresses_are_in_line(world: World) -> None:
    for person in PEOPLE:
        person_id = await world.person_of(await world.confirmed(**person))
        async with world.transaction() as session:
            await sealed_addresses.put_in_line(session, person_id, uuid4(), "link-bergen")


async def group_keys_are_unused(world: World) -> None:
    for _ in PEOPLE:
        await world.vault.groups.ensure(uuid4())
    async with world.keys.transaction() as session:
        await session.execute(sa.text("update group_keys set created_at = now() - interval '2 hours'"))


async def kek_of_groups_is_replaced(world: World) -> None:
    await group_keys_are_unused(world)
    world.vault = vault_on(world.keys, f"{NEW_KEK} {KEK}")


async def tasks_are_missing(world: World) -> None:
    requiring(world, forsamtale="required")
    for person in PEOPLE:
        await world.confirmed(**person)
    async with world.transaction() as session:
        await session.execute(sa.text("delete from tasks"))


async def consent_is_changed(world: World) -> None:
    for person in PEOPLE:
        await world.confirmed(**person)
    async with world.transaction() as session:
        await session.execute(sa.text("update consents set text_version = '2020-1-1'"))


async def talks_are_over(world: World) -> None:
    first = world.clock.now() + timedelta(days=1)
    minutes = timedelta(minutes=30)
    spans = tuple(Span(first + n * minutes, first + (n + 1) * minutes) for n in range(len(PEOPLE)))
    async with world.transaction() as session:
        await talk_times.open_times(session, NewTimes("link-bergen", spans, "office"), actor=world.actor())
    times = await world.rows("select time_id from talk_times order by starts_at")
    for person, (time_id,) in zip(PEOPLE, times, strict=True):
        signup_id = await world.confirmed(**person)
        async with world.transaction() as session:
            await talks.book(session, world.centres, signup_id, time_id, now=world.clock.now(), cause=Cause.fresh())
    world.later(days=2)


async def offers_of_talks_are_unanswered(world: World) -> None:
    requiring(world, forsamtale="required")
    await talks_are_over(world)
    for (signup_id,) in await world.rows("select signup_id from talks"):
        async with world.transaction() as session:
            await talks.record_missed(session, world.centres, signup_id, actor=world.actor())
    world.later(days=8)


async def invitations_are_unanswered(world: World) -> None:
    for person in PEOPLE:
        details = AccountDetails("Iga", person["email"], None, "nb")
        async with world.transaction() as session:
            await accounts.invite(session, world.vault, "link-bergen", details, actor=world.actor())
    world.later(days=15)


async def guests_sign_up(world: World) -> None:
    meeting, starts_at = UUID(int=78), world.clock.now() + timedelta(days=9)
    async with world.transaction() as session:
        await sealed_addresses.write_meeting(
            session, meeting, 1, "link-oslo", starts_at, starts_at + timedelta(hours=2), open_to_all=True
        )
        for person in PEOPLE:
            now = world.clock.now()
            await meeting_guests.ask(session, world.vault, meeting, person["email"], "nb", now=now)


async def guests_have_not_answered(world: World) -> None:
    await guests_sign_up(world)
    await world.decide()
    world.later(days=4)


async def guests_wait_for_the_budget(world: World) -> None:
    await guests_sign_up(world)
    await world.rows("update guest_requests set postponed = true returning 1")


async def names_are_given(world: World) -> None:
    for person in PEOPLE:
        person_id = await world.person_of(await world.confirmed(**person))
        async with world.transaction() as session:
            await quiet_pairs.give_name(session, world.vault, person_id, "siri@example.org")


CASES = [
    (jobs.DELETE_DUE_SIGNUPS, signups_are_due),
    (jobs.SEND_POSTPONED, mails_are_postponed),
    (jobs.ASK_RENEWALS, people_have_waited_long),
    (jobs.WITHDRAW_UNANSWERED, renewals_are_unanswered),
    (jobs.ASK_TEXTS, consent_is_changed),
    (jobs.MARK_TALKS_PAST, talks_are_over),
    (jobs.COUNT_UNANSWERED_TALKS, offers_of_talks_are_unanswered),
    (jobs.FINISH_ERASURES, erasures_are_unfinished),
    (jobs.DELETE_UNUSED_KEYS, keys_are_unused),
    (jobs.REWRAP_KEYS, kek_is_replaced),
    (jobs.EXPIRE_INVITATIONS, invitations_are_unanswered),
    (jobs.SEAL_ADDRESSES, addresses_are_in_line),
    (jobs.ERASE_GUESTS, guests_have_not_answered),
    (jobs.ASK_GUESTS, guests_wait_for_the_budget),
    (jobs.DELETE_GROUP_KEYS, group_keys_are_unused),
    (jobs.REWRAP_GROUP_KEYS, kek_of_groups_is_replaced),
    (jobs.REWRAP_TOTPS, kek_of_code_apps_is_replaced),
    (jobs.SYNC_TASKS, tasks_are_missing),
    (jobs.SETTLE_QUIET_NAMES, names_are_given),
]


@pytest.mark.parametrize(("job", "arrange"), CASES, ids=[job.name for job, _ in CASES])
async def test_job_failing_item_is_logged_and_others_are_handled(
    world: World, job: Job, arrange: Callable[[World], Awaitable[None]]
) -> None:
    await arrange(world)
    failing, *others = await job.due(world.jobs)
    assert len(others) == 2

    async def sabotaged(context: JobContext, item: UUID) -> None:
        if item == failing:
            raise RuntimeError("sabotage")
        await job.handle(context, item)

    with capture_logs() as logs:
        failures = await _with_handle(job, sabotaged).count_failures(world.jobs)
    assert failures == 1
    assert [str(failing)] == [entry["item"] for entry in logs if entry["event"] == "job_item_failed"]
    assert list(await job.due(world.jobs)) == [failing]
    await job.run(world.jobs)
    assert list(await job.due(world.jobs)) == []


def _with_handle(job: Job, handle: Callable[[JobContext, UUID], Awaitable[None]]) -> Job:
    return Job(job.name, job.every_seconds, job.due, handle, wall_time=job.wall_time)


def test_cases_cover_every_job_with_items() -> None:
    assert [job for job, _ in CASES] == list(jobs.JOBS)


async def test_rewrap_keys_tampered_key_stops_no_other(world: World) -> None:
    await kek_is_replaced(world)
    tampered, *_ = await world.vault.stale_keys()
    async with world.keys.transaction() as session:
        await session.execute(
            sa.text(
                "update person_keys set wrapped = decode(repeat('00', 60), 'hex') where person_id = :id"
            ).bindparams(id=tampered)
        )
    await jobs.REWRAP_KEYS.run(world.jobs)
    assert await world.vault.stale_keys() == [tampered]
    with pytest.raises(Tampered):
        await world.vault.key(tampered)


async def test_periodic_jobs_wall_time_pauses_follow_clock_speed(world: World) -> None:
    seconds = {job.name: job.every_seconds for job in jobs.periodic_jobs(world.jobs)}
    others = {"compute_indexes", "list_signups", "seed_policies"}
    assert seconds.keys() == {job.name for job in (*jobs.JOBS, *jobs.CLEANUPS)} | others
    assert seconds["finish_erasures"] == jobs.FINISH_ERASURES.every_seconds * world.clock.speed


async def test_service_with_failing_erasure_does_not_open(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await erasures_are_unfinished(world)

    async def fail(*_: Any, **__: Any) -> bool:
        raise RuntimeError("sabotage")

    monkeypatch.setattr("intake.usecases.erase.erase_person", fail)
    app = build(settings(world, nats_url="nats://127.0.0.1:1"), world.clock)
    with pytest.raises(RuntimeError, match="an erasure cannot be completed"):
        async with app.router.lifespan_context(app):
            pass
