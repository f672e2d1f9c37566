"""Leaving, expiring and erasing: what is gone is gone."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from intake import jobs
from intake.store import people
from intake.usecases import contacts, erase
from intake.usecases import withdraw as leave
from intake.vault import Forgotten
from shared.errors import DomainError
from shared.events.contacts import Question
from shared.events.people import Erased
from shared.kit.messaging.causes import Cause
from tests.intake.world import World


async def person_of(world: World, signup_id: UUID) -> UUID:
    async with world.transaction() as session:
        row = await people.signup(session, signup_id)
        assert row is not None
        return row.person_id


async def erase_(world: World, person_id: UUID) -> bool:
    async with world.transaction() as session:
        return await erase.erase_person(
            session, world.vault, person_id, now=world.clock.now(), cause=Cause.tick("erase", person_id)
        )


async def withdraw(world: World, signup_id: UUID) -> bool:
    async with world.transaction() as session:
        return await leave.withdraw(session, signup_id, now=world.clock.now(), cause=Cause.fresh())


async def sweep(world: World) -> None:
    await jobs.forget_due(world.db, world.vault, world.clock)


async def contacts_of(world: World, *person_ids: UUID) -> dict[UUID, tuple[str | None, str | None]]:
    async with world.transaction() as session:
        question = Question(person_ids=person_ids, purpose="mail")
        answer = await contacts.resolve(session, world.vault, question, reader="notify", now=world.clock.now())
    return {contact.person_id: (contact.first_name, contact.email) for contact in answer.contacts}


async def test_an_erased_person_is_nowhere(world: World) -> None:
    signup_id = await world.confirmed()
    person_id = await person_of(world, signup_id)
    ((sealed,),) = await world.rows("select email_sealed from people")
    key = await world.vault.key(person_id)
    assert key.open("people", "email", sealed) == "kari@example.org"
    assert await erase_(world, person_id)
    assert not await erase_(world, person_id)
    erased = (await world.events())[-1]
    assert isinstance(erased, Erased)
    assert (person_id, (signup_id,)) == (erased.person_id, erased.signup_ids)
    assert (await world.subjects()).count("erased") == 1
    for table in ("people", "signups", "confirmations", "consents"):
        assert await world.count(table) == 0
    assert await contacts_of(world, person_id) == {}
    with pytest.raises(Forgotten):
        await world.vault.key(person_id)
    assert await world.count("erasures") == 1


async def test_the_same_address_after_an_erasure_is_somebody_new(world: World) -> None:
    first = await person_of(world, await world.confirmed())
    await erase_(world, first)
    assert first != await person_of(world, await world.signed_up())


async def test_an_erasure_that_was_cut_short_is_finished(world: World) -> None:
    person_id = await person_of(world, await world.confirmed())
    await world.vault.destroy(person_id, world.clock.now())
    assert await world.count("people") == 1
    for _ in range(2):
        await jobs.finish_erasures(world.db, world.vault, world.clock)
    assert await world.count("people") == 0
    assert (await world.subjects()).count("erased") == 1


async def test_a_restored_backup_forgets_again_before_the_service_opens(world: World) -> None:
    person_id = await person_of(world, await world.confirmed())
    backup = {
        table: (await world.rows(f'select row_to_json(t) from "{table}" t'))
        for table in ("people", "signups", "confirmations", "consents")
    }
    await erase_(world, person_id)
    async with world.transaction() as session:
        await session.execute(sa.text("delete from erasures"))
        for table, rows in backup.items():
            for (row,) in rows:
                insert = sa.text(f'insert into "{table}" select * from json_populate_record(null::"{table}", :row)')
                await session.execute(insert.bindparams(sa.bindparam("row", row, sa.JSON)))
    assert await world.count("people") == 1
    assert await contacts_of(world, person_id) == {}
    await jobs.finish_erasures(world.db, world.vault, world.clock)
    assert await world.count("people") == 0


async def test_who_never_confirms_is_forgotten_after_three_days(world: World) -> None:
    person_id = await person_of(world, await world.signed_up())
    world.later(hours=71)
    await sweep(world)
    assert await world.count("people") == 1
    world.later(hours=2)
    for _ in range(2):
        await sweep(world)
    assert await world.count("people") == 0
    assert await world.subjects() == ["received", "erased"]
    assert {person_id} == await world.vault.journal()


async def test_who_left_only_a_number_is_waited_for_longer(world: World) -> None:
    await world.signed_up(email=None, mobile="+4791234567")
    world.later(days=13)
    await sweep(world)
    assert await world.count("people") == 1
    world.later(days=2)
    await sweep(world)
    assert await world.count("people") == 0


async def test_an_unconfirmed_wish_expires_without_its_person(world: World) -> None:
    await world.confirmed()
    await world.signed_up(slots=["sun-day"])
    world.later(days=4)
    await sweep(world)
    assert (await world.count("people"), await world.count("signups")) == (1, 1)
    assert "erased" not in await world.subjects()


async def test_who_leaves_can_get_a_goodbye_and_is_forgotten_a_day_later(world: World) -> None:
    signup_id = await world.confirmed()
    person_id = await person_of(world, signup_id)
    assert await withdraw(world, signup_id)
    assert not await withdraw(world, signup_id)
    assert {person_id: ("Kari", "kari@example.org")} == await contacts_of(world, person_id)
    world.later(hours=23)
    await sweep(world)
    assert await world.count("people") == 1
    world.later(hours=2)
    await sweep(world)
    assert await contacts_of(world, person_id) == {}
    assert await world.subjects() == ["received", "confirmed", "ready", "withdrawn", "erased"]


async def test_who_leaves_and_signs_up_again_is_kept(world: World) -> None:
    await withdraw(world, await world.confirmed())
    world.later(hours=1)
    await world.confirmed(slots=["sun-day"])
    world.later(hours=25)
    await sweep(world)
    assert (await world.count("people"), await world.count("signups")) == (1, 1)
    assert "erased" not in await world.subjects()


async def test_a_sign_up_that_goes_on_is_not_forgotten(world: World) -> None:
    signup_id = await world.confirmed()
    with pytest.raises(DomainError, match="signup_going_on"):
        async with world.transaction() as session:
            await leave.forget_signup(session, world.vault, signup_id, now=world.clock.now(), cause=Cause.fresh())


async def test_contacts_tell_a_name_only_when_the_address_is_known_to_be_theirs(world: World) -> None:
    person_id = await person_of(world, await world.signed_up())
    assert {person_id: (None, "kari@example.org")} == await contacts_of(world, person_id)
    await world.confirm_newest()
    assert {person_id: ("Kari", "kari@example.org")} == await contacts_of(world, person_id)
    rows = await world.rows("select reader, purpose, person_id from contact_readings")
    assert [("notify", "mail", person_id)] * 2 == [tuple(row) for row in rows]


async def test_rows_swapped_between_people_do_not_open(world: World) -> None:
    from intake.vault import Tampered

    kari = await person_of(world, await world.confirmed())
    ola = await person_of(world, await world.confirmed(email="ola@example.org", first_name="Ola"))
    async with world.transaction() as session:
        await session.execute(
            sa.text("update people p set email_sealed = o.email_sealed from people o where p.person_id != o.person_id")
        )
    for person_id in (kari, ola):
        with pytest.raises(Tampered):
            await contacts_of(world, person_id)


async def test_an_export_is_whole_and_readable(world: World) -> None:
    person_id = await person_of(world, await world.confirmed(mobile="+4791234567"))
    async with world.transaction() as session:
        found = await contacts.export_person(session, world.vault, person_id, reader="berit", now=world.clock.now())
    assert tuple(found["person"][name] for name in ("first_name", "email", "mobile")) == (
        "Kari",
        "kari@example.org",
        "+4791234567",
    )
    assert found["signups"][0]["state"] == "ready"
    assert found["consents"][0]["how"] == "web"
    assert [(row["reader"], row["purpose"]) for row in found["contact_read"]] == [("berit", "export")]


async def test_every_sealed_column_is_in_the_export(world: World) -> None:
    columns = await world.rows(
        "select table_name, column_name from information_schema.columns where column_name like '%\\_sealed'"
    )
    names = {column.removesuffix("_sealed") for _, column in columns}
    assert names == set(contacts.PERSONAL_FIELDS)
    assert {"people", "signups"} == {table for table, _ in columns}


async def test_keys_that_nobody_used_are_removed_and_others_are_not(world: World) -> None:
    person_id = await person_of(world, await world.signed_up())
    async with world.keys.transaction() as session:
        await session.execute(sa.text("update person_keys set created_at = now() - interval '25 hours'"))
    await jobs.drop_unused_keys(world.db, world.vault)
    async with world.keys.transaction() as session:
        left = (await session.scalars(sa.text("select person_id from person_keys"))).all()
    assert [person_id] == left
    assert set() == await world.vault.journal()
