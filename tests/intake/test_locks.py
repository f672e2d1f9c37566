"""Two commands about one person at once: one waits for the other, and both are done."""

import ast
import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.util import await_only

from intake.handlers import consumers
from intake.store import inbox, people
from intake.usecases import corrections, erase, missing, own_pages, pauses, renewals, withdraw
from intake.usecases.locks import lock_if_known, lock_rows
from intake.vault.person_key import PersonKeyMissing
from shared.errors import DomainError, NotFoundError
from shared.events import group_life, groups
from shared.events.base import GroupEvent
from shared.kit.messaging.causes import Cause
from tests.intake.support.world import World

INTAKE: Final = Path(__file__).parents[2] / "services" / "intake" / "intake"
ROW_LOCKS: Final = frozenset({"people.lock", "people.lock_all", "signups.lock", "signups.lock_of_people"})
COMMON: Final = {"version": 1, "centre": "link-bergen", "area": "bergen"}

Act = Callable[[World, AsyncSession, UUID], Awaitable[object]]


async def pause(world: World, session: AsyncSession, signup_id: UUID) -> None:
    await pauses.pause(session, signup_id, now=world.clock.now(), cause=Cause.fresh())


async def renew(world: World, session: AsyncSession, signup_id: UUID) -> None:
    await renewals.renew_by_staff(session, signup_id, actor=world.actor())


async def leave(world: World, session: AsyncSession, signup_id: UUID) -> None:
    await withdraw.withdraw_by_staff(session, signup_id, actor=world.actor())


async def publish(world: World, session: AsyncSession, signup_id: UUID) -> None:
    await missing.publish_again(session, signup_id, now=world.clock.now())


def seat_of(signup_id: UUID) -> groups.Seat:
    return groups.Seat(seat_id=uuid4(), signup_id=signup_id, person_id=uuid4(), language="nb")


async def deliver(world: World, session: AsyncSession, kind: type[GroupEvent], **fields: Any) -> None:
    stamp = Cause.fresh().stamp(kind, "1", world.clock.now())
    event = kind.model_validate({**stamp, **COMMON, "group_id": uuid4(), **fields})
    (consumer,) = [one for one in consumers(world.clock) if one.stream is event.stream]
    await consumer.handle(session, inbox, event)


async def take_seat(world: World, session: AsyncSession, signup_id: UUID) -> None:
    await deliver(world, session, groups.SeatTaken, seat=seat_of(signup_id))


async def way_on(world: World, session: AsyncSession, signup_id: UUID) -> None:
    await deliver(world, session, group_life.WayOnChosen, seat=seat_of(signup_id), way="pause")


async def correct(world: World, session: AsyncSession, signup_id: UUID) -> None:
    form, location = world.form(first_name="Karen", slots=["mon-evening"]), world.location()
    with suppress(DomainError, PersonKeyMissing):  # left, or being erased
        await corrections.correct(
            session, world.vault, signup_id, form, location, now=world.clock.now(), cause=Cause.fresh()
        )


async def erase_all(world: World, session: AsyncSession, signup_id: UUID) -> None:
    (person_id,) = await session.scalars(
        sa.text("select person_id from signups where signup_id = :id").bindparams(id=signup_id)
    )
    await erase.erase_person(session, world.vault, person_id, now=world.clock.now(), cause=Cause.fresh())


async def in_transaction(world: World, act: Act, signup_id: UUID) -> None:
    async with world.transaction() as session:
        await act(world, session, signup_id)


async def until_blocked(world: World, task: "asyncio.Task[None]") -> None:
    """Wait until a transaction of the task waits for another, or the task is done."""
    waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    while not task.done() and not (await world.rows(waits))[0][0]:
        pass


@pytest.mark.parametrize("other", [correct, erase_all])
@pytest.mark.parametrize("act", [pause, renew, leave, publish, take_seat, way_on])
async def test_act_halfway_lets_the_other_wait(world: World, act: Act, other: Act) -> None:
    """The act has written the sign-up once when the other begins; then it writes the rest."""
    signup_id = await world.confirmed()
    written, go_on = asyncio.Event(), asyncio.Event()

    async def halfway() -> None:
        async with world.transaction() as session:

            def stop(*_: object) -> None:
                written.set()
                await_only(go_on.wait())

            sa.event.listen(session.sync_session, "after_flush", stop, once=True)
            await act(world, session, signup_id)

    first = asyncio.create_task(halfway())
    await written.wait()
    second = asyncio.create_task(in_transaction(world, other, signup_id))
    await until_blocked(world, second)
    go_on.set()
    await asyncio.gather(first, second)
    left = await world.count("signups")
    assert left == (0 if other is erase_all else 1)


@pytest.mark.parametrize("act", [pause, renew, leave, publish, take_seat, way_on, erase_all])
async def test_act_waits_for_who_holds_the_person(world: World, act: Act) -> None:
    """The other command holds the person, and goes on to the sign-up once the act waits."""
    signup_id = await world.confirmed()
    async with world.transaction() as session:
        await people.lock(session, await world.person_of(signup_id))
        task = asyncio.create_task(in_transaction(world, act, signup_id))
        await until_blocked(world, task)
        await correct(world, session, signup_id)
    await task
    assert await world.count("signups") == (0 if act is erase_all else 1)


async def test_person_who_is_held_can_be_referred_to(world: World) -> None:
    """An act of the version before, that locks the sign-up alone, looks the person up when it writes again."""
    signup_id = await world.confirmed()
    async with world.transaction() as session, world.transaction() as older:
        for _ in range(2):
            await older.execute(sa.text("update signups set version = version + 1"))
        await people.lock(session, await world.person_of(signup_id))
        await older.execute(sa.text("update signups set version = version + 1"))
        await older.commit()
        assert await lock_if_known(session, signup_id) is not None


async def test_signup_that_moved_meanwhile_is_locked_with_its_new_person(world: World) -> None:
    owner_id = await world.person_of(await world.confirmed())
    signup_id = await world.signed_up(slots=["mon-evening"])
    opened_id = await world.person_of(signup_id)

    async def lock() -> tuple[UUID, UUID] | None:
        async with world.transaction() as session:
            locked = await lock_if_known(session, signup_id)
            return (locked[0].person_id, locked[1].person_id) if locked else None

    async with world.transaction() as session:
        await people.lock(session, opened_id)
        task = asyncio.create_task(lock())
        await until_blocked(world, task)  # type: ignore[arg-type]
        for table in ("signups", "confirmations", "consents"):
            await session.execute(
                sa.text(f"update {table} set person_id = :owner where person_id = :opened"),
                {"owner": owner_id, "opened": opened_id},
            )
        await people.delete(session, opened_id)
    assert await task == (owner_id, owner_id)


async def test_members_of_a_group_are_locked_in_the_order_of_people(world: World) -> None:
    """Two transactions name the same people in opposite orders, and a third deletes one of them."""
    ids = [await world.confirmed(email=f"{name}@example.org") for name in ("kari", "ola", "per")]
    gone_id = await world.person_of(ids[0])

    async def locked(signup_ids: Sequence[UUID]) -> set[UUID]:
        async with world.transaction() as session:
            return set(await lock_rows(session, signup_ids))

    async with world.transaction() as session:
        await people.delete(session, gone_id)
        tasks = [asyncio.create_task(locked(order)) for order in (ids, ids[::-1])]
        await until_blocked(world, tasks[0])  # type: ignore[arg-type]
    assert await asyncio.gather(*tasks) == [set(ids[1:])] * 2


async def test_link_to_the_own_page_meets_erasure(world: World) -> None:
    """The link is deleted with its person, to whom the new session refers."""
    signup_id = await world.confirmed()
    async with world.transaction() as session:
        await own_pages.ask(session, world.vault, "kari@example.org", "nb", now=world.clock.now())
        await own_pages.decide_batch(session, now=world.clock.now())
    ((link_id,),) = await world.rows("select link_id from page_links")

    async def open_page() -> str | None:
        async with world.transaction() as session:
            now = world.clock.now()
            return await own_pages.open_session(session, UUID(str(link_id)), now=now, wall=now)

    async with world.transaction() as session:
        await people.lock(session, await world.person_of(signup_id))
        task = asyncio.create_task(open_page())
        await until_blocked(world, task)  # type: ignore[arg-type]
        await erase_all(world, session, signup_id)
    assert await task is None


async def test_unknown_signup_is_not_locked(world: World) -> None:
    async with world.transaction() as session:
        assert await lock_if_known(session, uuid4()) is None
        with pytest.raises(NotFoundError):
            await corrections.correct_wishes(
                session, uuid4(), world.form(), world.location(), now=world.clock.now(), cause=Cause.fresh()
            )


def test_people_and_signups_are_locked_in_one_module() -> None:
    found = [
        f"{file.relative_to(INTAKE)}:{call.lineno}"
        for file in sorted(INTAKE.rglob("*.py"))
        if file.name != "locks.py"
        for call in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) in ROW_LOCKS
    ]
    assert found == [], "lock people and sign-ups through intake.usecases.locks, in its order"
