"""Whom a person must not meet, while one of the two is erased or both confirm at once."""

import asyncio
import json
from uuid import UUID

import pytest

from intake import jobs
from intake.domain.signups import ConfirmationStatus
from intake.store import people as people_rows
from intake.store import quiet_pairs as quiet_names
from intake.store import signups
from intake.usecases import corrections, quiet_pairs
from shared.events import people
from shared.events.signups import Changed
from shared.kit.messaging.causes import Cause
from shared.kit.messaging.named_people import people_in, without
from tests.intake.support.quiet import KARI, OLA, give, name, person, settle, told
from tests.intake.support.world import World


async def test_erasure_of_the_one_who_named_leaves_nothing(world: World) -> None:
    kari, _ = await person(world, KARI), await person(world, OLA)
    await give(world, kari, OLA)
    await world.erase(kari)
    assert await world.count("quiet_names") == await world.count("quiet_pairs") == 0


async def test_erasure_of_the_other_leaves_a_name_without_content(world: World) -> None:
    kari, ola = await person(world, KARI), await person(world, OLA)
    await give(world, kari, OLA)
    await world.erase(ola)
    assert await world.count("quiet_pairs") == 0
    assert await world.count("quiet_names", "sealed is null and bucket is null") == 1
    await person(world, OLA)
    assert len(await told(world)) == 1  # that of before
    await give(world, kari, OLA)  # as the page says
    assert len(await told(world)) == 2


@pytest.mark.parametrize("who", ["the one who named", "the named one"])
async def test_erasure_while_a_name_is_compared_leaves_no_pair(world: World, who: str) -> None:
    for number in range(4):
        kari, ola = await person(world, f"k{number}@example.org"), await person(world, f"o{number}@example.org")
        await name(world, kari, f"o{number}@example.org")
        gone = kari if who == "the one who named" else ola
        await asyncio.gather(jobs.SETTLE_QUIET_NAMES.run(world.jobs), world.erase(gone))
        await settle(world)
        assert await world.count("quiet_pairs", f"other_id = '{ola}'") == 0
        held = await world.rows(f"select sealed from quiet_names where person_id = '{kari}'")
        assert len(held) == (who == "the named one")


async def test_confirmation_succeeds_while_the_one_who_named_is_erased(world: World) -> None:
    for number in range(4):
        kari = await person(world, f"k{number}@example.org")
        await give(world, kari, f"o{number}@example.org")
        await world.signed_up(email=f"o{number}@example.org")
        await asyncio.gather(world.erase(kari), world.confirm_newest())
    assert await world.count("people", "confirmed_at is not null") == 4
    assert await world.count("quiet_pairs") == await world.count("quiet_names") == 0


async def somebody_waits(world: World) -> None:
    """Return once a transaction waits for another one."""
    waits = "wait_event_type = 'Lock' and datname = current_database()"
    while not await world.count("pg_stat_activity", waits):
        await asyncio.sleep(0.01)


async def test_confirmation_waits_for_the_erasure_of_the_one_who_named(world: World) -> None:
    """It sees the name before it is gone, and must not refer to it afterwards."""
    kari = await person(world, KARI)
    await give(world, kari, OLA)
    await world.signed_up(email=OLA)
    async with world.transaction() as session:
        await people_rows.delete(session, kari)
        confirming = asyncio.create_task(world.confirm_newest())
        await somebody_waits(world)
    assert await confirming is ConfirmationStatus.CONFIRMED
    assert await world.count("quiet_pairs") == 0


async def test_comparison_leaves_out_somebody_who_is_being_erased(world: World) -> None:
    kari, ola = await person(world, KARI), await person(world, OLA)
    await name(world, kari, OLA)
    async with world.transaction() as session:
        await people_rows.delete(session, ola)
        await quiet_names.forget(session, ola)
        await settle(world)
        assert await world.count("quiet_names", "compared_at is null") == 1
    await settle(world)
    assert await told(world) == []
    assert await world.count("quiet_pairs") == 0


async def test_erasure_takes_the_pair_of_a_comparison_that_is_not_finished(world: World) -> None:
    kari, ola = await person(world, KARI), await person(world, OLA)
    await name(world, kari, OLA)
    ((name_id,),) = await world.rows("select name_id from quiet_names")
    async with world.transaction() as session:
        await quiet_pairs.settle(session, world.vault, name_id, now=world.clock.now())
        erasing = asyncio.create_task(world.erase(ola))
        await somebody_waits(world)
    assert await erasing
    assert await world.count("quiet_pairs") == 0
    assert await world.count("quiet_names", "sealed is null") == 1


async def test_two_who_name_each_other_and_confirm_at_once_both_get_through(world: World) -> None:
    """Each holds a row that the other refers to."""
    for number in range(4):
        first, second = f"a{number}@example.org", f"b{number}@example.org"
        numbers = {first: f"+479100000{number}", second: f"+479200000{number}"}
        ids = {email: await person(world, email) for email in numbers}
        await name(world, ids[first], numbers[second])
        await name(world, ids[second], numbers[first])
        signed_up = {}
        for email, mobile in numbers.items():
            signed_up[email] = await world.confirmed(email=email, mobile=mobile)

        async def correct(email: str, number: int, signed_up: dict[str, UUID] = signed_up) -> None:
            form = world.form(email=email, mobile=f"+479300000{number}", slots=["sat-day"])
            async with world.transaction() as session:
                await corrections.correct(
                    session, world.vault, signed_up[email], form, world.location(),
                    now=world.clock.now(), cause=Cause.fresh(),
                )  # fmt: skip

        await asyncio.gather(correct(first, number), correct(second, number), settle(world), settle(world))
        assert frozenset(ids.values()) in await told(world)


async def test_erased_people_are_taken_out_of_pairs_in_events(world: World) -> None:
    kari, ola = await person(world, KARI), await person(world, OLA)
    await give(world, kari, OLA)
    async with world.transaction() as session:
        row = (await signups.of_person(session, kari))[0]
        await quiet_pairs.publish_wishes(session, Changed, Cause.fresh(), row, world.clock.now())
    pair, wishes = (await world.all_events())[-2:]
    assert isinstance(pair, people.KeptApart)
    for event in (pair, wishes):
        payload = event.model_dump_json().encode()
        assert {kari, ola} <= set(people_in(payload))
    assert without(pair.model_dump_json().encode(), [ola]) == b""
    assert json.loads(without(wishes.model_dump_json().encode(), [ola]))["quiet_pairs"] == []
