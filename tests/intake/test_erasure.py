"""Erasure, expiry and withdrawal delete all data about a person."""

import pytest
import sqlalchemy as sa

from intake import jobs
from intake.usecases import contacts, export, retention
from intake.vault.person_key import PersonKeyMissing, Tampered
from shared.errors import DomainError
from shared.events.people import Erased
from shared.kit.messaging.causes import Cause
from tests.intake.support.world import World


async def delete_due(world: World) -> None:
    await jobs.DELETE_DUE_SIGNUPS.run(world.jobs)


async def test_erase_person_deletes_every_row_and_the_key(world: World) -> None:
    signup_id = await world.confirmed()
    person_id = await world.person_of(signup_id)
    ((sealed,),) = await world.rows("select email_sealed from people")
    key = await world.vault.key(person_id)
    assert key.open("people", "email", sealed) == "kari@example.org"
    assert await world.erase(person_id)
    assert not await world.erase(person_id)
    erased = (await world.events())[-1]
    assert isinstance(erased, Erased)
    assert (person_id, (signup_id,)) == (erased.person_id, erased.signup_ids)
    assert (await world.subjects()).count("erased") == 1
    for table in ("people", "signups", "confirmations", "consents"):
        assert await world.count(table) == 0
    assert await world.contacts_of(person_id) == {}
    with pytest.raises(PersonKeyMissing):
        await world.vault.key(person_id)
    assert await world.count("erasures") == 1


async def test_register_erased_address_is_new_person(world: World) -> None:
    first = await world.person_of(await world.confirmed())
    await world.erase(first)
    assert first != await world.person_of(await world.signed_up())


async def test_finish_erasures_completes_interrupted_erasure(world: World) -> None:
    person_id = await world.person_of(await world.confirmed())
    await world.vault.destroy(person_id, world.clock.now())
    assert await world.count("people") == 1
    for _ in range(2):
        await jobs.FINISH_ERASURES.run(world.jobs)
    assert await world.count("people") == 0
    assert (await world.subjects()).count("erased") == 1


async def test_finish_erasures_repeats_erasure_after_restored_backup(world: World) -> None:
    person_id = await world.person_of(await world.confirmed())
    backup = {
        table: (await world.rows(f'select row_to_json(t) from "{table}" t'))
        for table in ("people", "signups", "confirmations", "consents")
    }
    await world.erase(person_id)
    async with world.transaction() as session:
        await session.execute(sa.text("delete from erasures"))
        for table, rows in backup.items():
            for (row,) in rows:
                insert = sa.text(f'insert into "{table}" select * from json_populate_record(null::"{table}", :row)')
                await session.execute(insert.bindparams(sa.bindparam("row", row, sa.JSON)))
    assert await world.count("people") == 1
    assert await world.contacts_of(person_id) == {}
    await jobs.FINISH_ERASURES.run(world.jobs)
    assert await world.count("people") == 0


async def test_delete_due_unconfirmed_signup_after_three_days(world: World) -> None:
    person_id = await world.person_of(await world.signed_up())
    world.later(hours=71)
    await delete_due(world)
    assert await world.count("people") == 1
    world.later(hours=2)
    for _ in range(2):
        await delete_due(world)
    assert await world.count("people") == 0
    assert await world.subjects() == ["received", "erased"]
    assert {person_id} == await world.vault.journal()


async def test_delete_due_uncalled_phone_signup_after_fourteen_days(world: World) -> None:
    await world.signed_up(email=None, mobile="+4791234567")
    world.later(days=13)
    await delete_due(world)
    assert await world.count("people") == 1
    world.later(days=2)
    await delete_due(world)
    assert await world.count("people") == 0


async def test_delete_due_unconfirmed_wishes_keep_their_person(world: World) -> None:
    await world.confirmed()
    await world.signed_up(slots=["sun-day"])
    ((known,),) = await world.rows("select person_id from people where confirmed_at is not null")
    world.later(days=4)
    await delete_due(world)
    assert await world.rows("select person_id from people") == [(known,)]
    assert await world.count("signups") == 1
    assert await world.contacts_of(known) == {known: ("Kari", "kari@example.org")}


async def test_delete_due_withdrawn_signup_a_day_later(world: World) -> None:
    signup_id = await world.confirmed()
    person_id = await world.person_of(signup_id)
    assert await world.withdraw(signup_id)
    assert not await world.withdraw(signup_id)
    assert {person_id: ("Kari", "kari@example.org")} == await world.contacts_of(person_id)
    world.later(hours=23)
    await delete_due(world)
    assert await world.count("people") == 1
    world.later(hours=2)
    await delete_due(world)
    assert await world.contacts_of(person_id) == {}
    assert await world.subjects() == ["received", "confirmed", "ready", "withdrawn", "erased"]


async def test_delete_due_withdrawn_person_with_new_signup_is_kept(world: World) -> None:
    await world.withdraw(await world.confirmed())
    world.later(hours=1)
    await world.confirmed(slots=["sun-day"])
    erased = (await world.subjects()).count("erased")
    world.later(hours=25)
    await delete_due(world)
    assert (await world.count("people"), await world.count("signups")) == (1, 1)
    assert (await world.subjects()).count("erased") == erased


async def test_delete_signup_going_on_raises(world: World) -> None:
    signup_id = await world.confirmed()
    with pytest.raises(DomainError, match="signup_going_on"):
        async with world.transaction() as session:
            await retention.delete_signup(
                session, world.vault, world.centres, signup_id, now=world.clock.now(), cause=Cause.fresh()
            )


async def test_resolve_omits_name_until_address_is_confirmed(world: World) -> None:
    person_id = await world.person_of(await world.signed_up())
    assert {person_id: (None, "kari@example.org")} == await world.contacts_of(person_id)
    await world.confirm_newest()
    assert {person_id: ("Kari", "kari@example.org")} == await world.contacts_of(person_id)
    rows = await world.rows("select reader, purpose, person_id from contact_readings")
    assert [("notify", "mail", person_id)] * 2 == [tuple(row) for row in rows]


async def test_resolve_rows_swapped_between_people_raises_tampered(world: World) -> None:
    kari = await world.person_of(await world.confirmed())
    ola = await world.person_of(await world.confirmed(email="ola@example.org", first_name="Ola"))
    async with world.transaction() as session:
        await session.execute(
            sa.text("update people p set email_sealed = o.email_sealed from people o where p.person_id != o.person_id")
        )
    for person_id in (kari, ola):
        with pytest.raises(Tampered):
            await world.contacts_of(person_id)


async def test_export_has_all_data_readable(world: World) -> None:
    person_id = await world.person_of(await world.confirmed(mobile="+4791234567"))
    async with world.transaction() as session:
        data = await export.export_person(session, world.vault, person_id, reader="berit", now=world.clock.now())
    assert tuple(data["person"][name] for name in ("first_name", "email", "mobile")) == (
        "Kari",
        "kari@example.org",
        "+4791234567",
    )
    assert data["signups"][0]["state"] == "ready"
    assert data["consents"][0]["how"] == "web"
    assert [(row["reader"], row["purpose"]) for row in data["contact_read"]] == [("berit", "export")]


async def test_export_covers_every_sealed_column(world: World) -> None:
    columns = await world.rows(
        "select table_name, column_name from information_schema.columns where column_name like '%\\_sealed'"
    )
    names = {column.removesuffix("_sealed") for _, column in columns}
    assert names == {*contacts.PERSONAL_FIELDS, "name"}  # that of an account, which its owner sees on a page
    assert {"people", "signups", "submissions", "accounts"} == {table for table, _ in columns}


async def test_delete_unused_keys_keeps_keys_of_people(world: World) -> None:
    person_id = await world.person_of(await world.signed_up())
    async with world.keys.transaction() as session:
        await session.execute(sa.text("update person_keys set created_at = now() - interval '25 hours'"))
    await jobs.DELETE_UNUSED_KEYS.run(world.jobs)
    async with world.keys.transaction() as session:
        left = (await session.scalars(sa.text("select person_id from person_keys"))).all()
    assert [person_id] == left
    assert set() == await world.vault.journal()
