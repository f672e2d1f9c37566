"""Migration of a database in use: a database at 0003 with data is upgraded, and its data mean the same afterwards."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest
from alembic import command
from pydantic import SecretStr
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from devtools.testing.fixtures import Databases
from intake import schema
from intake.store import audit_log
from shared.kit.clock import ManualClock
from shared.kit.database.engine import Database
from shared.kit.database.migrations import _config, differences, upgrade
from shared.reference.centres import CentreDirectory
from tests.intake.support.talks import book, opened
from tests.intake.support.world import World, vault_on

PREVIOUS: Final = "0003"
TABLES: Final = (
    "confirmations",
    "consents",
    "contact_readings",
    "erasures",
    "idempotency_keys",
    "people",
    "signups",
    "staff_sessions",
    "staff_users",
)
CONFIRMATION: Final = UUID(int=30)


async def migrate_to_previous(url: str) -> None:
    """Build the tables of the previous head."""

    def work(connection: Connection) -> None:
        command.upgrade(_config(schema.MIGRATIONS, connection), PREVIOUS)

    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(work)
    await engine.dispose()


@pytest.fixture
async def previous(database_url: Databases) -> str:
    """A fresh database at the previous head, without data."""
    return await database_url("intake_previous", migrate_to_previous)


async def fill(url: str, person_id: UUID, sealed: dict[str, bytes | None], now: datetime) -> None:
    """Insert rows in plain SQL as the code of 0003 did: one person with an open and an old sign-up, and staff."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await _fill(connection, person_id, sealed, now)
    finally:
        await connection.close()


async def _fill(
    connection: "asyncpg.Connection[Any]", person_id: UUID, sealed: dict[str, bytes | None], now: datetime
) -> None:
    await connection.execute(
        "insert into people values ($1, 'index', $2, $3, $4, 'nn', $5, null)",
        person_id, sealed["email"], sealed["first_name"], sealed["mobile"], now,
    )  # fmt: skip
    for number, state in enumerate(("received", "member"), start=10):
        await connection.execute(
            "insert into signups (signup_id, person_id, state, version, centre, area, kommune, latitude, longitude,"
            " slots, languages, max_travel_km, wheelchair, groups_also, groups_only, language, by_mail, form_index,"
            " signed_up_at, expires_at, confirmed_at, read_at, group_id, group_version, placed_at)"
            " values ($1, $2, $3, 2, 'link-bergen', 'bergen', '4601', 60.39, 5.32, '{tue-evening,thu-day}', '{nb}',"
            " 20, false, '{women}', '{}', 'nn', true, $4, $5, $6, $7, $5, $8, $9, $10)",
            UUID(int=number), person_id, state,
            *((b"form", now, now + timedelta(hours=72), None, None, None, None) if state == "received"
              else (None, now, None, now, UUID(int=20), 3, now)),
        )  # fmt: skip
    await connection.execute(
        "insert into confirmations values ($1, $2, $3, $4, $5, null)",
        CONFIRMATION, UUID(int=10), person_id, now, now + timedelta(hours=72),
    )  # fmt: skip
    await connection.execute(
        "insert into consents values ($1, $2, 'link-bergen', '1', null, 'nn', $3, 'oral', 'berit')",
        UUID(int=40), person_id, now,
    )  # fmt: skip
    await connection.executemany(
        "insert into contact_readings (reading_id, person_id, reader, purpose, read_at) values ($1, $2, $3, $4, $5)",
        [
            (1, person_id, "berit", "page", now),
            (2, person_id, "notify", "mail", now),
            (3, UUID(int=9), "x", "list", now),
        ],
    )
    await connection.execute("select setval('contact_readings_reading_id_seq', 3)")
    await connection.execute("insert into erasures values ($1, $2)", UUID(int=9), now)
    await connection.execute("insert into idempotency_keys values ('key', 'form', $1)", now)
    await connection.execute(
        "insert into staff_users values ('berit', '$argon2id$', '{koordinator}', '{link-bergen}', $1, null)", now
    )
    await connection.execute("insert into staff_sessions values ($1, 'token', 'berit', $2, $2)", UUID(int=50), now)


async def columns_of(url: str) -> dict[str, str]:
    """Return the columns of each table as SQL."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        query = "select table_name, string_agg(quote_ident(column_name), ', ') from information_schema.columns"
        return dict(await connection.fetch(f"{query} where table_schema = 'public' group by 1"))
    finally:
        await connection.close()


async def contents(url: str, columns: dict[str, str]) -> str:
    """Return all rows as text, of each table these columns."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        rows = {
            table: [
                row["t"]
                for row in await connection.fetch(
                    f'select t::text from (select {columns[table]} from "{table}") t order by 1'
                )
            ]
            for table in TABLES
        }
    finally:
        await connection.close()
    return json.dumps(rows, indent=1)


async def test_upgrade_from_previous_keeps_all_rows(previous: str) -> None:
    sealed = {"email": b"e", "first_name": b"f", "mobile": None}
    await fill(previous, UUID(int=1), sealed, datetime(2026, 11, 20, 12, tzinfo=UTC))
    columns = await columns_of(previous)
    before = await contents(previous, columns)
    assert await upgrade(SecretStr(previous), schema.MIGRATIONS) != PREVIOUS
    assert before == await contents(previous, columns)
    assert await differences(SecretStr(previous), schema.METADATA) == []


async def test_upgraded_database_works_with_todays_code(
    previous: str, intake_urls: tuple[str, str], manual_clock: ManualClock
) -> None:
    """The sign-up from before is confirmed, the person exported, erased, and every act recorded."""
    keys = Database(SecretStr(intake_urls[1]))
    vault = vault_on(keys)
    key = await vault.new_key()
    values = {"email": "kari@example.org", "first_name": "Kari", "mobile": None}
    sealed = {name: key.seal("people", name, value) for name, value in values.items()}
    await fill(previous, key.person_id, sealed, manual_clock.now())
    await upgrade(SecretStr(previous), schema.MIGRATIONS)
    world = World(Database(SecretStr(previous)), keys, vault, manual_clock, CentreDirectory.from_file(None))
    try:
        await world.confirm(CONFIRMATION)
        assert await world.subjects() == ["confirmed", "ready"]
        (time_id,) = await opened(world, 1, way="office")
        ((signup_id,),) = await world.rows("select signup_id from signups where state = 'ready'")
        await book(world, signup_id, time_id)
        assert await world.count("talks") == 1
        assert await world.contacts_of(key.person_id) == {key.person_id: ("Kari", "kari@example.org")}
        assert await world.count("contact_readings") == 4
        async with world.transaction() as session:
            await audit_log.record(session, world.actor(), "person.viewed", "person", key.person_id)
        assert await world.erase(key.person_id)
        assert (await world.count("people"), await world.count("signups"), await world.count("audit_log")) == (0, 0, 2)
        assert (await world.count("talks"), await world.count("talk_times")) == (0, 1)
    finally:
        await world.db.dispose()
        await keys.dispose()


async def test_upgrade_opens_no_announced_meeting_to_all(database_url: Databases) -> None:
    async def at_0020(url: str) -> None:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(lambda sync: command.upgrade(_config(schema.MIGRATIONS, sync), "0020"))
        await engine.dispose()

    url = await database_url("intake_0020", at_0020)
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    await connection.execute("INSERT INTO announced_meetings VALUES ($1, 1, 'link-oslo', $2)", UUID(int=1), now)
    await upgrade(SecretStr(url), schema.MIGRATIONS)
    query = "SELECT kontaktmote_id, centre, ends_at, starts_at, open_to_all FROM announced_meetings"
    (row,) = await connection.fetch(query)
    await connection.close()
    assert tuple(row) == (UUID(int=1), "link-oslo", now, None, False)


async def test_upgrade_keeps_what_each_user_covers(database_url: Databases) -> None:
    async def before(url: str) -> None:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(lambda sync: command.upgrade(_config(schema.MIGRATIONS, sync), "0027"))
        await engine.dispose()

    url = await database_url("intake_0027", before)
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    for username, centres in (("alle", []), ("oslo", ["link-oslo"])):
        await connection.execute(
            "INSERT INTO staff_users (username, password_hash, roles, centres, created_at)"
            " VALUES ($1, '$argon2id$', '{koordinator}', $2, now())",
            username, centres,
        )  # fmt: skip
    await upgrade(SecretStr(url), schema.MIGRATIONS)
    rows = await connection.fetch("SELECT username, centres, all_centres FROM staff_users ORDER BY username")
    await connection.close()
    assert [tuple(row) for row in rows] == [("alle", [], True), ("oslo", ["link-oslo"], False)]
