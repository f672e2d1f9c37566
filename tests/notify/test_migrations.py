"""Migration of a database that is in use: its rows are kept and mean the same afterwards."""

from collections.abc import Awaitable, Callable
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
from notify.domain.delivery import Status
from notify.store import Base, contact_groups, projections
from shared.kit.clock import ManualClock
from shared.kit.database.engine import Database
from shared.kit.database.migrations import _config, differences, upgrade
from shared.kit.database.scripts import migration_scripts
from tests.notify.support.events import Group, Person
from tests.notify.support.world import Feed

SCRIPTS = migration_scripts("notify")
NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
STARTS_AT: Final = NOW + timedelta(days=8)
PEOPLE: Final = [Person(id=UUID(int=100 + n), signup_id=UUID(int=200 + n)) for n in range(4)]
GROUP: Final = UUID(int=1)
MEETING: Final = UUID(int=2)
SEATS: Final = [UUID(int=300 + n) for n in range(4)]

KINDS_OF_0001: Final = (
    "address_to_confirm",
    "talk_to_come",
    "on_the_list",
    "goodbye",
    "seat_offered",
    "group_confirmed",
    "plan_changed",
    "meeting_tomorrow",
    "start_cancelled",
)
TABLES: Final = ("signups", "groups", "seats", "meetings", "forgotten", "bounces", "mails")


async def migrate_to_0001(url: str) -> None:
    """Build the tables as they were before."""

    def work(connection: Connection) -> None:
        command.upgrade(_config(SCRIPTS, connection), "0001")

    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(work)
    await engine.dispose()


async def fill(connection: "asyncpg.Connection[Any]") -> None:
    """Insert rows as the code of 0001 did: three called members, one with an offer, mails in every state."""
    for person in PEOPLE:
        await connection.execute(
            "INSERT INTO signups (id, person_id, language, version, centre, confirmed, ready, withdrawn)"
            " VALUES ($1, $2, 'nn', 3, 'link-bergen', true, true, false)",
            person.signup_id,
            person.id,
        )
    await connection.execute("INSERT INTO groups (id, centre, area) VALUES ($1, 'link-bergen', 'bergen')", GROUP)
    await connection.execute(
        "INSERT INTO meetings (id, group_id, version, sequence, starts_at, ends_at, place_text)"
        " VALUES ($1, $2, 9, 1, $3, $4, 'Biblioteket')",
        MEETING,
        GROUP,
        STARTS_AT,
        STARTS_AT + timedelta(hours=2),
    )
    for number, (seat_id, person) in enumerate(zip(SEATS, PEOPLE, strict=True)):
        await connection.execute(
            "INSERT INTO seats (id, group_id, signup_id, person_id, language, offered, taken, first_called)"
            " VALUES ($1, $2, $3, $4, 'nn', true, $5, $6)",
            seat_id,
            GROUP,
            person.signup_id,
            person.id,
            number < 3,
            (0, 0, 1, None)[number],
        )
    await connection.execute("INSERT INTO forgotten (person_id, at) VALUES ($1, $2)", UUID(int=999), NOW)
    await connection.execute("INSERT INTO bounces (person_id, hard, last_at) VALUES ($1, 2, $2)", PEOPLE[3].id, NOW)
    await fill_mails(connection)
    for number, action in enumerate(("mail.previewed", "mail.cancelled", "mail.retried", "mail.called")):
        await connection.execute(
            "INSERT INTO staff_actions (id, at, username, action, mail_id) VALUES ($1, $2, 'kari', $3, $4)",
            UUID(int=500 + number),
            NOW + timedelta(minutes=number),
            action,
            UUID(int=400) if number else UUID(int=12345),
        )


async def fill_mails(connection: "asyncpg.Connection[Any]") -> None:
    """Insert the mails that follow from the seats, and one more in each state and of each kind."""
    for number, status in enumerate(status for status in Status if status is not Status.NOT_REACHED):
        waits = status in {Status.QUEUED, Status.RETRY}
        await connection.execute(
            "INSERT INTO mails (id, kind, cause_id, person_id, signup_id, group_id, seat_id, meeting_id, sequence,"
            " told_sequence, language, centre, correlation_id, created_at, status, attempt, unknowns, next_at,"
            " settled_at, worker) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, 1, 'nn', 'link-bergen', $9, $10, $11,"
            " 1, 0, $12, $13, $14)",
            UUID(int=400 + number),
            KINDS_OF_0001[number],
            UUID(int=600 + number),
            PEOPLE[0].id,
            PEOPLE[0].signup_id,
            GROUP,
            SEATS[0],
            MEETING,
            UUID(int=700),
            NOW,
            status.value,
            NOW + timedelta(days=30) if waits else None,
            None if waits or status is Status.SENDING else NOW,
            77 if status is Status.SENDING else None,
        )


@pytest.fixture
async def old_url(database_url: Databases) -> str:
    """A database at revision 0001, with rows."""
    url = await database_url("notify_0001", migrate_to_0001)
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await fill(connection)
    await connection.close()
    return url


async def rows(url: str, query: str) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return [dict(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def test_upgrade_of_0001_keeps_every_row(old_url: str) -> None:
    before = {table: await rows(old_url, f"SELECT * FROM {table} ORDER BY 1") for table in TABLES}
    for seat in before["seats"]:
        del seat["first_called"]
    await upgrade(SecretStr(old_url), SCRIPTS)
    after = {table: await rows(old_url, f"SELECT * FROM {table} ORDER BY 1") for table in TABLES}
    kept = {
        table: [{name: row[name] for name in old} for row, old in zip(after[table], before[table], strict=True)]
        for table in TABLES
    }
    assert kept == before
    assert {row["status"] for row in after["mails"]} == set(Status) - {Status.NOT_REACHED}
    assert await differences(SecretStr(old_url), Base.metadata) == []


async def test_upgrade_of_0001_moves_calls_to_their_meeting(old_url: str) -> None:
    await upgrade(SecretStr(old_url), SCRIPTS)
    calls = await rows(old_url, "SELECT * FROM meeting_seats ORDER BY seat_id")
    assert calls == [
        {"meeting_id": MEETING, "seat_id": seat_id, "first_called": sequence}
        for seat_id, sequence in zip(SEATS[:3], (0, 0, 1), strict=True)
    ]


async def test_upgrade_of_0001_moves_staff_actions_to_audit_log(old_url: str) -> None:
    await upgrade(SecretStr(old_url), SCRIPTS)
    entries = await rows(old_url, "SELECT * FROM audit_log ORDER BY id")
    assert [(entry["actor"], entry["action"]) for entry in entries] == [
        ("kari", "mail.previewed"),
        ("kari", "mail.cancelled"),
        ("kari", "mail.retried"),
        ("kari", "mail.called"),
    ]
    assert [entry["at"] for entry in entries] == [NOW + timedelta(minutes=number) for number in range(4)]
    assert {entry["object_id"] for entry in entries} == {str(UUID(int=12345)), str(UUID(int=400))}
    assert [entry["scope"] for entry in entries] == [None, *["link-bergen"] * 3]
    assert {entry["object_kind"] for entry in entries} == {"mail"}


async def test_plan_change_after_upgrade_queues_the_same_mails_as_before(old_url: str) -> None:
    """Members who knew the first plan get the change, and so does the one who was called with the second plan."""
    await upgrade(SecretStr(old_url), SCRIPTS)
    database = Database(SecretStr(old_url))
    feed = Feed(database, ManualClock(NOW))
    group = Group(PEOPLE)
    group.id, group.version = GROUP, 9
    for seat_id, person in zip(SEATS, PEOPLE, strict=True):
        group.seats[person.id] = group.seats[person.id].model_copy(update={"seat_id": seat_id})
    await feed.deliver(group.called(*PEOPLE[:3], meeting_id=MEETING, sequence=2, starts_at=STARTS_AT))
    changed = await feed.mails(kind="plan_changed", sequence=2)
    assert {mail.person_id for mail in changed} == {person.id for person in PEOPLE[:3]}
    await database.dispose()


async def test_upgrade_of_0001_counts_old_plans_as_having_an_address(old_url: str) -> None:
    """Nobody who was told of a place is told once more that the address is now known."""
    await upgrade(SecretStr(old_url), SCRIPTS)
    (meeting,) = await rows(old_url, "SELECT * FROM meetings")
    assert (meeting["address_known"], meeting["first_addressed"], meeting["postponed"]) == (True, 0, False)
    told = await rows(old_url, "SELECT DISTINCT told_starts_at, calendar_sequence, told_sequence FROM mails")
    assert told == [{"told_starts_at": STARTS_AT, "calendar_sequence": 1, "told_sequence": 1}]


def at(revision: str) -> Callable[[str], Awaitable[None]]:
    """Return what migrates an empty database to an old revision."""

    async def migrate(url: str) -> None:
        def work(connection: Connection) -> None:
            command.upgrade(_config(SCRIPTS, connection), revision)

        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(work)
        await engine.dispose()

    return migrate


async def test_upgrade_knows_who_was_called_for_want_of_an_address(database_url: Databases) -> None:
    """Who has been called because they have no e-mail address still has none after the upgrade."""
    url = await database_url("notify_0016", at("0016"))
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    for number, reason in ((1, "no_email"), (2, None), (3, "expired")):
        await connection.execute(
            "INSERT INTO signups (id, person_id, language, version, confirmed, ready, withdrawn)"
            " VALUES ($1, $1, 'nb', 1, true, true, false)",
            UUID(int=number),
        )
        await connection.execute(
            "INSERT INTO mails (id, kind, cause_id, person_id, language, correlation_id, created_at, status, attempt,"
            " unknowns, reason) VALUES ($1, 'on_the_list', $1, $1, 'nb', $1, $2, 'cancelled', 0, 0, $3)",
            UUID(int=number),
            NOW,
            reason,
        )
    await connection.close()
    await upgrade(SecretStr(url), SCRIPTS)
    found = await rows(url, "SELECT person_id, by_mail, area FROM signups ORDER BY person_id")
    assert [(row["by_mail"], row["area"]) for row in found] == [(False, None), (True, None), (True, None)]


async def test_upgrade_keeps_invitations_and_takes_guests(database_url: Databases) -> None:
    url = await database_url("notify_0016", at("0016"))
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute(
        "INSERT INTO kontaktmoter (id, centre, audience, state, starts_at, ends_at, place_text, online_url, topics,"
        " texts, chosen_groups, is_public, version, sequence, created_at, next_line, line_closed, invited_groups,"
        " invited, coming, declined, waiting) VALUES ($1, 'link-oslo', 'waiting', 'announced', $2, $3, 'Rom 1', '',"
        " '{}', '{}', '{}', true, 1, 0, $2, 1, false, 0, 1, 1, 0, 0)",
        MEETING,
        STARTS_AT,
        STARTS_AT + timedelta(hours=2),
    )
    add = (
        "INSERT INTO kontaktmote_invitations (id, kontaktmote_id, recipient_id, via, language, sequence, answered,"
        " seats, wanted, place_number, from_line, missed, stopped, told_before)"
        " VALUES ($1, $2, $1, $3, 'nb', 0, true, 1, 1, 1, false, false, false, false)"
    )
    await connection.execute(add, UUID(int=1), MEETING, "signup")
    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute(add, UUID(int=2), MEETING, "guest")
    before = await connection.fetch("SELECT * FROM kontaktmote_invitations")
    await upgrade(SecretStr(url), SCRIPTS)
    assert [dict(row) for row in await connection.fetch("SELECT * FROM kontaktmote_invitations")] == [
        dict(row) for row in before
    ]
    await connection.execute(add, UUID(int=2), MEETING, "guest")
    await connection.close()


async def test_upgrade_tells_which_groups_can_be_invited(database_url: Databases) -> None:
    """Groups that had started before there were kontaktmøter are known as their announcements say."""
    url = await database_url("notify_0014", at("0014"))
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    closed = {1: "started", 2: "started", 3: "started", 4: "cancelled", 5: None}
    for number, closed_by in closed.items():
        await connection.execute(
            "INSERT INTO groups (id, centre, area, closed_at, closed_by, closed_version)"
            " VALUES ($1, 'link-bergen', 'bergen', $2, $3, $4)",
            UUID(int=number),
            NOW if closed_by else None,
            closed_by,
            4 if closed_by or number == 5 else None,
        )
    told = [(2, "handed_over", 7, '{"memory": "opt_in"}'), (3, "handed_over", 7, '{"memory": "opt_in"}')]
    for number, (group, kind, version, details) in enumerate([*told, (3, "dissolved", 9, "{}")]):
        await connection.execute(
            "INSERT INTO announcements (id, group_id, kind, version, at, details) VALUES ($1, $2, $3, $4, $5, $6)",
            UUID(int=100 + number),
            UUID(int=group),
            kind,
            version,
            NOW,
            details,
        )
    await connection.close()
    await upgrade(SecretStr(url), SCRIPTS)
    database = Database(SecretStr(url))
    async with database.transaction() as session:
        groups = await contact_groups.of_centre(session, "link-bergen")
        standings = {group.id.int: group.facts.standing.value for group in groups}
    await database.dispose()
    assert standings == {1: "accompanied", 2: "active", 3: "dissolved", 5: "not_started"}


async def test_refusals_from_before_complaints_are_kept(database_url: Databases) -> None:
    async def at_0016(url: str) -> None:
        def work(connection: Connection) -> None:
            command.upgrade(_config(SCRIPTS, connection), "0016")

        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(work)
        await engine.dispose()

    url = await database_url("notify_0016", at_0016)
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute("INSERT INTO bounces (person_id, hard, last_at) VALUES ($1, 2, $2)", UUID(int=1), NOW)
    await connection.close()
    await upgrade(SecretStr(url), SCRIPTS)
    database = Database(SecretStr(url))
    async with database.transaction() as session:
        before = await projections.against_addresses(session, [UUID(int=1)])
        await projections.add_complaint(session, UUID(int=1), NOW)
        after = await projections.against_addresses(session, [UUID(int=1)])
    assert before == {UUID(int=1): projections.AgainstAddress(2, complained=False)}
    assert after == {UUID(int=1): projections.AgainstAddress(2, complained=True)}
    await database.dispose()


async def test_upgrade_holds_no_mail_and_keeps_every_index_in_use(old_url: str) -> None:
    before = await rows(old_url, "SELECT id, status, next_at FROM mails ORDER BY id")
    await upgrade(SecretStr(old_url), SCRIPTS)
    after = await rows(old_url, "SELECT id, status, next_at, held_due_at FROM mails ORDER BY id")
    by_id = {row["id"]: row for row in after}
    assert all(by_id[row["id"]] == row | {"held_due_at": None} for row in before if row["status"] == "queued")
    assert all(row["held_due_at"] is None for row in after)
    indexes = await rows(old_url, "SELECT indexname FROM pg_indexes WHERE tablename = 'mails'")
    names = {row["indexname"] for row in indexes}
    assert {"mails_listed", "mails_held", "mails_settled"} <= names
    assert "mails_newest" not in names
