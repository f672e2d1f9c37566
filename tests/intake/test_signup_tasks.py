"""Intake's own tasks: talks and reading that a confirmed sign-up waits for."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
import sqlalchemy as sa

from intake.domain.talks import TalkOutcome
from intake.jobs import SYNC_TASKS
from intake.usecases import confirm, erase, retention
from intake.usecases import talks as talk_usecases
from intake.usecases.signup_rows import Source
from shared.events.tasks import Opened, TaskEvent
from shared.kit.messaging.causes import Cause
from tests.intake.support.world import World, requiring

PHONE = {"email": None, "mobile": "+4791234567"}


@pytest.fixture
def strict(world: World) -> World:
    """A world where every centre requires reading and a forsamtale."""
    return requiring(world, forsamtale="required", reading_gate="required")


async def open_tasks(world: World) -> list[tuple[str, UUID | None]]:
    """Return kind and person of the tasks that the events leave open."""
    newest: dict[UUID, TaskEvent] = {}
    for event in await world.task_events():
        newest[event.task_id] = event
    return [(event.kind, event.person_id) for event in newest.values() if isinstance(event, Opened)]


async def talk(world: World, signup_id: UUID) -> None:
    async with world.transaction() as session:
        await talk_usecases.record_outcome(session, world.centres, signup_id, TalkOutcome.CLEAR, actor=world.actor())


async def test_confirmed_signup_opens_a_talk_and_the_talk_closes_it(strict: World) -> None:
    signup_id = await strict.signed_up()
    assert await open_tasks(strict) == []
    await strict.confirm_newest()
    assert await open_tasks(strict) == [("talk", await strict.person_of(signup_id))]
    await talk(strict, signup_id)
    assert await open_tasks(strict) == []


async def test_signup_ready_at_once_opens_nothing(world: World) -> None:
    await requiring(world, forsamtale="none", reading_gate="none").confirmed()
    assert await open_tasks(world) == []


async def test_talk_comes_before_reading(strict: World) -> None:
    signup_id = await strict.signed_up(source=Source("oral", "berit"), **PHONE, information_version=None)
    person_id = await strict.person_of(signup_id)
    async with strict.transaction() as session:
        await confirm.confirm_by_phone(session, strict.vault, strict.centres, signup_id, actor=strict.actor())
    assert await open_tasks(strict) == [("talk", person_id)]
    await talk(strict, signup_id)
    assert await open_tasks(strict) == [("information", person_id)]
    async with strict.transaction() as session:
        await confirm.complete_reading(session, strict.centres, signup_id, actor=strict.actor())
    assert await open_tasks(strict) == []


async def withdraw(world: World, signup_id: UUID) -> None:
    await world.withdraw(signup_id)


async def forget(world: World, signup_id: UUID) -> None:
    await world.withdraw(signup_id)
    world.later(hours=25)
    async with world.transaction() as session:
        await retention.delete_signup(
            session, world.vault, world.centres, signup_id, now=world.clock.now(), cause=Cause.fresh()
        )


async def erased(world: World, signup_id: UUID) -> None:
    person_id = await world.person_of(signup_id)
    async with world.transaction() as session:
        await erase.erase_by_staff(session, world.vault, person_id, "link-bergen", actor=world.actor())


@pytest.mark.parametrize("end", [withdraw, forget, erased], ids=lambda end: end.__name__)
async def test_end_of_signup_closes_its_task(strict: World, end: Callable[[World, UUID], Awaitable[None]]) -> None:
    signup_id = await strict.confirmed()
    await end(strict, signup_id)
    assert await open_tasks(strict) == []
    assert await strict.count("tasks") == 0


async def test_second_signup_of_a_person_leaves_one_task(strict: World) -> None:
    signup_id = await strict.confirmed()
    await strict.signed_up(slots=["mon-day"])
    await strict.confirm_newest()
    assert await open_tasks(strict) == [("talk", await strict.person_of(signup_id))]


async def test_job_opens_tasks_of_signups_from_before_and_closes_leftovers(strict: World) -> None:
    person_id = await strict.person_of(await strict.confirmed())
    async with strict.transaction() as session:
        await session.execute(sa.text("update tasks set scope = 'signup:' || gen_random_uuid()"))
    assert await SYNC_TASKS.count_failures(strict.jobs) == 0
    assert await open_tasks(strict) == [("talk", person_id)]
    events = len(await strict.all_events())
    await SYNC_TASKS.run(strict.jobs)
    assert len(await strict.all_events()) == events
