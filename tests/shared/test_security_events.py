"""Security events: what is written, what never is, and how much of it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import MetaData, text

from devtools.testing.fixtures import Databases
from shared.kit.clock import ManualClock
from shared.kit.database.engine import Database
from shared.kit.security_events import (
    SENTENCES,
    SecurityEvents,
    SecurityKind,
    SecurityRecorder,
)

METADATA = MetaData()
EVENTS = SecurityEvents(METADATA)
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
SINCE, UNTIL = NOON - timedelta(hours=12), NOON + timedelta(hours=12)


async def create_table(url: str) -> None:
    database = Database(SecretStr(url))
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    await database.dispose()


@pytest.fixture
async def database(database_url: Databases) -> AsyncIterator[Database]:
    database = Database(SecretStr(await database_url("security", create_table)))
    yield database
    await database.dispose()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


async def rows_of(database: Database) -> list[tuple[str, str, str, str, int]]:
    async with database.transaction() as session:
        events = await EVENTS.newest(session, since=SINCE, until=UNTIL, limit=1000)
    return [(row.event.kind, row.event.reason, row.event.account, row.event.route, row.count) for row in events]


async def test_equal_events_of_a_minute_are_one_row(database: Database, clock: ManualClock) -> None:
    recorder = SecurityRecorder(database, EVENTS, clock)
    for _ in range(500):
        await recorder.record(SecurityKind.ACCESS_DENIED, route="GET /stab/rom", account="kari", address="203.0.113.9")

    assert await rows_of(database) == [("access_denied", "", "kari", "GET /stab/rom", 1)], "the first, at once"

    await recorder.flush()

    assert await rows_of(database) == [("access_denied", "", "kari", "GET /stab/rom", 500)]


async def test_typed_name_and_address_are_never_written(database: Database, clock: ManualClock) -> None:
    recorder = SecurityRecorder(database, EVENTS, clock)
    for typed in ("kari", "kari", "hunter2-er-passordet", "\x00' --", "æøå@example.org"):
        await recorder.record(SecurityKind.SIGN_IN_REFUSED, typed=typed, address="203.0.113.9")
        clock.move(timedelta(seconds=2))

    rows = await rows_of(database)
    assert sum(count for *_, count in rows) == 5
    assert len(rows) == 4, "the same name counts as the same"
    async with database.transaction() as session:
        dump = str((await session.execute(text("SELECT t::text FROM security_events t"))).all())
    for word in ("kari", "hunter2", "--", "example.org", "203.0.113"):
        assert word not in dump


@pytest.mark.asvs("16.3.3")
async def test_flood_of_new_names_fills_no_more_than_its_rows(database: Database, clock: ManualClock) -> None:
    recorder = SecurityRecorder(database, EVENTS, clock, rows_per_minute=5, rows_per_day=12)
    for number in range(400):
        await recorder.record(SecurityKind.SIGN_IN_REFUSED, typed=f"name{number}", address=f"10.0.{number % 250}.1")
        if number % 100 == 99:
            clock.move(timedelta(minutes=1))
    await recorder.flush()

    rows = await rows_of(database)
    assert sum(count for *_, count in rows) == 400, "everything is counted"
    assert len(rows) == 12 + 1
    assert [row for row in rows if row[1] == "more"] == [("sign_in_refused", "more", "", "", 388)]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (SecurityKind.SIGNED_IN, "password"),
        (SecurityKind.SIGN_IN_REFUSED, "wrong_second_factor"),
        (SecurityKind.CREDENTIAL_CHANGED, "factors"),
        (SecurityKind.ACCESS_DENIED, ""),
        (SecurityKind.OBJECT_NOT_FOUND, "unknown_person"),
    ],
)
async def test_flood_of_strangers_hides_no_act_of_an_account(
    database: Database, clock: ManualClock, kind: SecurityKind, reason: str
) -> None:
    recorder = SecurityRecorder(database, EVENTS, clock, rows_per_minute=5, rows_per_day=5)
    for number in range(40):
        await recorder.record(SecurityKind.FORM_REFUSED, route=f"POST /{number}", address="203.0.113.9")
        await recorder.record(SecurityKind.SIGN_IN_REFUSED, typed=f"name{number}", address="203.0.113.9")
    await recorder.record(kind, reason=reason, account="kari", address="203.0.113.9")
    await recorder.flush()

    assert (kind.value, reason, "kari", "", 1) in await rows_of(database)


async def test_day_after_a_flood_has_its_own_rows(database: Database, clock: ManualClock) -> None:
    recorder = SecurityRecorder(database, EVENTS, clock, rows_per_minute=5, rows_per_day=2)
    for number in range(3):
        await recorder.record(SecurityKind.FORM_REFUSED, reason=f"r{number}")
    clock.move(timedelta(days=1))
    await recorder.record(SecurityKind.FORM_REFUSED, reason="r9")
    await recorder.flush()

    async with database.transaction() as session:
        events = await EVENTS.newest(session, since=NOON, until=NOON + timedelta(days=2), limit=10)
    assert sorted(row.event.reason for row in events) == ["more", "r0", "r1", "r9"]


async def test_event_waits_while_the_database_is_away(database: Database, clock: ManualClock) -> None:
    recorder = SecurityRecorder(Database(SecretStr("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")), EVENTS, clock)
    await recorder.record(SecurityKind.SIGNED_IN, account="kari")
    recorder._database = database

    await recorder.flush()

    assert await rows_of(database) == [("signed_in", "", "kari", "", 1)]


async def test_events_are_filtered_by_kind_and_time(database: Database, clock: ManualClock) -> None:
    recorder = SecurityRecorder(database, EVENTS, clock)
    await recorder.record(SecurityKind.SIGNED_IN, account="kari")
    await recorder.record(SecurityKind.SIGNED_OUT, account="kari")
    clock.move(timedelta(days=200))
    await recorder.record(SecurityKind.SIGNED_IN, account="ola")

    async with database.transaction() as session:
        assert await EVENTS.count_by_kind(session, since=SINCE, until=UNTIL) == {"signed_in": 1, "signed_out": 1}
        chosen = await EVENTS.newest(session, kind="signed_out", since=SINCE, until=UNTIL, limit=10)
        assert [row.event.kind for row in chosen] == ["signed_out"]
        await EVENTS.delete_before(session, NOON + timedelta(days=1))
    async with database.transaction() as session:
        later = await EVENTS.newest(session, since=NOON, until=NOON + timedelta(days=300), limit=10)
    assert [row.event.account for row in later] == ["ola"]


def test_every_kind_has_a_sentence() -> None:
    assert set(SENTENCES) == set(SecurityKind)
