"""Retention of members, group links, contact readings and the audit log."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from intake import jobs
from intake.domain.drafts import Draft
from intake.domain.signups import SeatChange, SignupProgress, SignupState
from intake.store import audit_log, security_events
from intake.store import drafts as draft_rows
from intake.usecases import drafts, group_events
from shared.events import Event, groups
from shared.kit.messaging.causes import Cause
from shared.kit.security_events import SecurityEvent
from shared.reference.retention import Data, kept_for
from tests.intake.support.world import World

GROUP_LINKS = kept_for(Data.GROUP_LINKS)
MEMBERSHIP = kept_for(Data.MEMBERSHIP_WITHOUT_LIFE)
SECOND = timedelta(seconds=1)
A_DAY = timedelta(days=1)


def group_life(world: World, signup_ids: Iterable[UUID]) -> list[groups.SeatOffered | groups.Started]:
    """Return the events of a group, from the first offer to the start."""
    cause, now, group_id = Cause.fresh(), world.clock.now(), uuid4()
    seats = tuple(
        groups.Seat(seat_id=uuid4(), signup_id=signup_id, person_id=uuid4(), language="nb") for signup_id in signup_ids
    )
    return [
        *(
            groups.SeatOffered(
                **cause.stamp(groups.SeatOffered, f"o{number}", now),
                group_id=group_id,
                version=number,
                centre="link-bergen",
                area="bergen",
                seat=seat,
                slot="tue-evening",
                spoken_language="nb",
                size=5,
                deadline=now + A_DAY,
            )
            for number, seat in enumerate(seats, 1)
        ),
        groups.Started(
            **cause.stamp(groups.Started, "started", now),
            group_id=group_id,
            version=len(seats) + 1,
            centre="link-bergen",
            area="bergen",
            size=5,
            policy_version="1",
            started_at=now,
            seats=seats,
        ),
    ]


async def apply(world: World, events: Iterable[Event]) -> None:
    """Apply each event as if the inbox had never seen it."""
    for event in events:
        async with world.transaction() as session:
            if isinstance(event, groups.SeatOffered):
                await group_events.record_seat_change(
                    session, event, [event.seat], SignupState.OFFERED, now=world.clock.now()
                )
            elif isinstance(event, groups.Started):
                await group_events.record_seat_change(
                    session, event, event.seats, SignupState.MEMBER, now=world.clock.now()
                )


async def two_members(world: World) -> tuple[UUID, UUID]:
    """Two members of a group that started before intake kept their seats."""
    first_id = await world.confirmed()
    second_id = await world.confirmed(email="ola@example.org", first_name="Ola")
    world.later(hours=3)
    await apply(world, group_life(world, [first_id, second_id]))
    assert await world.count("signups", "state = 'member' and group_id is not null") == 2
    async with world.transaction() as session:
        await session.execute(text("update signups set seat_id = null"))
    return first_id, second_id


async def run_jobs_after(world: World, time: timedelta) -> None:
    """Run the jobs twice; the second run must change nothing."""
    world.clock.move(time)
    seen = []
    for _ in range(2):
        for cleanup in jobs.CLEANUPS:
            await cleanup.run(world.jobs)
        await jobs.DELETE_DUE_SIGNUPS.run(world.jobs)
        rows = [await world.rows(f"select t::text from {table} t order by 1") for table in ("people", "signups")]
        seen.append((rows, await world.subjects()))
    assert seen[0] == seen[1]


async def test_group_links_are_cleared_two_weeks_after_start(world: World) -> None:
    await two_members(world)
    await run_jobs_after(world, GROUP_LINKS - SECOND)
    assert await world.count("signups", "group_id is not null") == 2
    await run_jobs_after(world, SECOND)
    assert await world.count("signups", "group_id is not null or group_version is not null") == 0
    assert await world.count("signups", "state = 'member'") == 2
    ((at,),) = await world.rows("select distinct placed_at at time zone 'UTC' from signups")
    assert (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0)


async def test_group_links_of_released_seat_are_cleared(world: World) -> None:
    signup_id = await world.confirmed()
    (offer, _) = group_life(world, [signup_id])
    await apply(world, [offer])
    await run_jobs_after(world, 2 * GROUP_LINKS)
    assert await world.count("signups", "group_id is not null") == 1
    async with world.transaction() as session:
        later = offer.model_copy(update={"version": 9, "occurred_at": world.clock.now()})
        assert isinstance(later, groups.SeatOffered)
        await group_events.record_seat_change(session, later, [later.seat], SignupState.READY, now=world.clock.now())
    await run_jobs_after(world, GROUP_LINKS)
    assert await world.count("signups", "state = 'ready' and group_id is null") == 1
    (again, _) = group_life(world, [signup_id])
    await apply(world, [again])
    assert await world.count("signups", "state = 'offered' and group_id is not null") == 1


async def test_member_is_erased_eight_weeks_after_start(world: World) -> None:
    first_id, second_id = await two_members(world)
    people = {await world.person_of(first_id), await world.person_of(second_id)}
    await run_jobs_after(world, GROUP_LINKS)
    await run_jobs_after(world, MEMBERSHIP - GROUP_LINKS - SECOND)
    assert await world.count("people") == 2
    assert len(await world.contacts_of(*people)) == 2
    await run_jobs_after(world, A_DAY)
    assert (await world.count("people"), await world.count("signups")) == (0, 0)
    assert (await world.subjects()).count("erased") == 2
    assert await world.contacts_of(*people) == {}
    assert people == await world.vault.journal()


async def test_member_with_uncleared_link_is_erased_on_the_second(world: World) -> None:
    await two_members(world)
    world.clock.move(MEMBERSHIP - SECOND)
    await jobs.DELETE_DUE_SIGNUPS.run(world.jobs)
    assert await world.count("people") == 2
    world.clock.move(SECOND)
    await jobs.DELETE_DUE_SIGNUPS.run(world.jobs)
    assert await world.count("people") == 0


async def test_member_with_new_signup_loses_old_signup_only(world: World) -> None:
    first_id, _ = await two_members(world)
    person_id = await world.person_of(first_id)
    world.later(days=30)
    again = await world.confirmed(slots=["sun-day"])
    assert await world.person_of(again) == person_id
    await run_jobs_after(world, MEMBERSHIP)
    assert await world.rows("select signup_id from signups") == [(again,)]
    assert list(await world.contacts_of(person_id)) == [person_id]
    assert (await world.subjects()).count("erased") == 2  # the other member, and the person of the second form


async def test_seat_change_after_retention_changes_nothing(world: World) -> None:
    first_id, second_id = await two_members(world)
    events = group_life(world, [first_id, second_id])
    await run_jobs_after(world, GROUP_LINKS)
    await apply(world, events)
    assert await world.count("signups", "state = 'member' and group_id is null") == 2
    await run_jobs_after(world, MEMBERSHIP)
    await apply(world, events)
    assert (await world.count("people"), await world.count("signups")) == (0, 0)


@pytest.mark.parametrize("state", [SignupState.OFFERED, SignupState.SEATED, SignupState.READY, SignupState.MEMBER])
def test_apply_seat_change_member_without_link_changes_nothing(state: SignupState) -> None:
    member = SignupProgress(SignupState.MEMBER, information_read=True, talk_held=True)
    assert member.apply_seat_change(state, SeatChange(uuid4(), 7, datetime(2026, 1, 1, tzinfo=UTC))) is member


async def test_member_withdraws_after_link_is_cleared(world: World) -> None:
    first_id, _ = await two_members(world)
    await run_jobs_after(world, GROUP_LINKS)
    assert await world.withdraw(first_id)
    await run_jobs_after(world, A_DAY)
    assert await world.count("people") == 1


async def test_contact_readings_are_deleted_after_a_year(world: World) -> None:
    person_id = await world.person_of(await world.confirmed())
    await world.contacts_of(person_id)
    await run_jobs_after(world, kept_for(Data.CONTACT_READING) - SECOND)
    assert await world.count("contact_readings") == 1
    await run_jobs_after(world, SECOND)
    assert (await world.count("contact_readings"), await world.count("people")) == (0, 1)


async def test_audit_log_is_deleted_after_a_year(world: World) -> None:
    person_id = await world.person_of(await world.confirmed())
    async with world.transaction() as session:
        await audit_log.record(session, world.actor(), "person.viewed", "person", person_id)
    await run_jobs_after(world, kept_for(Data.AUDIT_ENTRY))
    assert await world.count("audit_log") == 1
    await run_jobs_after(world, SECOND)
    assert await world.count("audit_log") == 0


async def test_security_events_are_deleted_after_half_a_year(world: World) -> None:
    now = world.clock.now()
    async with world.transaction() as session:
        await security_events.add(session, {SecurityEvent(now, "signed_in", account="kari"): 1}, now)
    await run_jobs_after(world, kept_for(Data.SECURITY_EVENT))
    assert await world.count("security_events") == 1
    await run_jobs_after(world, SECOND)
    assert await world.count("security_events") == 0


@pytest.mark.parametrize("sent", [False, True])
async def test_forms_of_the_web_end_when_the_page_says(world: World, *, sent: bool) -> None:
    kept = kept_for(Data.SENT_DRAFT if sent else Data.DRAFT)
    now = world.clock.now()
    async with world.transaction() as session:
        key = await drafts.start(session, Draft({"place": "5003"}, "nonce", now.timestamp()), now=now)
        await drafts.change(session, key, lambda draft: replace(draft, sent=sent), now=now)
    for moment, left in ((now + kept - SECOND, 1), (now + kept, 0)):
        async with world.transaction() as session:
            await draft_rows.delete_expired(session, moment)
        assert await world.count("drafts") == left


async def test_keys_and_links_end_on_the_second(world: World) -> None:
    person_id = await world.person_of(await world.confirmed())
    at = world.clock.now().isoformat()
    await world.rows(f"insert into idempotency_keys values ('k', 'f', '{at}') returning 1")
    await world.rows(f"insert into page_links values (gen_random_uuid(), '{person_id}', '{at}', '{at}') returning 1")
    await run_jobs_after(world, kept_for(Data.IDEMPOTENCY_KEY) - SECOND)
    assert await world.count("idempotency_keys", "key_index = 'k'") == 1
    await run_jobs_after(world, 2 * SECOND)
    assert await world.count("idempotency_keys", "key_index = 'k'") == 0
    await run_jobs_after(world, kept_for(Data.PAGE_REQUEST) - kept_for(Data.IDEMPOTENCY_KEY) - 2 * SECOND)
    assert await world.count("page_links") == 1
    await run_jobs_after(world, 2 * SECOND)
    assert await world.count("page_links") == 0
