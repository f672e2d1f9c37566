"""Migration of a database that is in use: its rows are kept and mean the same afterwards."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg
import pytest
from alembic import command
from pydantic import SecretStr
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from devtools.testing.fixtures import Databases
from grouping.store import Base, audit_log
from shared.kit.database.migrations import _config, differences, upgrade
from shared.kit.database.scripts import migration_scripts
from shared.kit.ids import derived_id

SCRIPTS: Final = migration_scripts("grouping")
NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
STARTS_AT: Final = NOW + timedelta(days=8)
LASTS: Final = timedelta(minutes=120)
ROOM: Final = "rom-12345678"
STARTER: Final = UUID(int=77)

Row = dict[str, Any]


class OldGroup(NamedTuple):
    """A group as 0005 had it, and the meeting that it must have afterwards."""

    state: str
    sequence: int | None = None
    postponed: bool = False
    extended: bool = False
    seats: tuple[str, ...] = ("taken",) * 5
    meeting_state: str | None = None


GROUPS: Final = {
    1: OldGroup("drafted", seats=("offered",) * 5),
    2: OldGroup("proposed", seats=("taken", "offered", "offered", "offered", "offered", "released")),
    3: OldGroup("confirmed", 0, meeting_state="called"),
    4: OldGroup("confirmed", 2, meeting_state="moved"),
    5: OldGroup("confirmed", 1, extended=True, meeting_state="moved"),
    6: OldGroup("confirmed", 1, postponed=True, meeting_state="postponed"),
    7: OldGroup("started", 1, meeting_state="assumed_held"),
    8: OldGroup("cancelled", 0, postponed=True, meeting_state="cancelled"),
    9: OldGroup("cancelled"),
}
KEPT_TABLES: Final = (
    "waiting",
    "seats",
    "apart",
    "forgotten",
    "arrivals",
    "area_holds",
    "rooms",
    "igangsettere",
    "group_starters",
)
NEW_NAMES: Final = {
    "tell_at": "publish_at",
    "settled_at": "decided_at",
    "held_reason": "excluded_reason",
    "refused": "declined_cells",
}
NEW_COLUMNS: Final[dict[str, Row]] = {
    "waiting": {
        "unanswered": 0,
        "offers_paused_at": None,
        "paused": False,
        "pause_version": 0,
        "declined_on": None,
        "declined_slots": [],
        "rests_until": None,
        "slots_if_needed": [],
        "digital": "no",
        "texts_asked": False,
        "texts_version": 0,
    },
    "apart": {"until_placed": False},
    "seats": {"comes_to": None, "instead_of": None},
    "rooms": {"lead_days": 0, "way_in": ""},
    "groups": {"date_kept": False, "self_start": False, "start_reason": None, "waits_for_members": False},
}
"""What later migrations add to a row, by table."""
MOVED_COLUMNS: Final = {"meeting_id", "sequence", "meets_at", "ends_at", "place_text", "postponed", "closed_at"}

ACTIONS: Final = (
    ("area_held", None, None, None),
    ("area_resumed", None, None, None),
    ("asked_again", None, 3, None),
    ("draft_told", 2, None, None),
    ("draft_undone", 9, None, None),
    ("group_cancelled", 8, None, None),
    ("group_formed", 3, None, None),
    ("kept_apart", None, 4, "acquainted"),
    ("let_meet", None, 4, None),
    ("meeting_not_held", 6, None, None),
    ("meeting_set", 4, None, None),
    ("person_held", None, 5, "asked"),
    ("person_moved", 1, 6, "fits_better"),
    ("person_pinned", 1, 6, None),
    ("person_resumed", None, 5, None),
    ("person_unpinned", 1, 6, None),
    ("repair_along", 1, 7, None),
    ("repair_freed", None, 8, None),
    ("repair_moved", 1, 7, None),
    ("repair_placed", 1, 8, None),
    ("room_back", None, None, None),
    ("room_freed", 7, None, None),
    ("room_paused", None, None, None),
    ("room_removed", None, None, None),
    ("room_saved", None, None, None),
    ("starters_set", 3, None, None),
    ("igangsetter_back", None, None, None),
    ("igangsetter_paused", None, None, None),
    ("igangsetter_removed", None, None, None),
    ("igangsetter_saved", None, None, None),
)
"""All acts that 0005 knew: the action, the number of its group, the number of its sign-up, the reason."""


def group_id(number: int) -> UUID:
    return UUID(int=1000 + number)


def signup_id(number: int) -> UUID:
    return UUID(int=2000 + number)


async def migrate_to_0005(url: str) -> None:
    """Build the tables as they were before."""

    def work(connection: Connection) -> None:
        command.upgrade(_config(SCRIPTS, connection), "0005")

    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(work)
    await engine.dispose()


@asynccontextmanager
async def connected(url: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        yield connection
    finally:
        await connection.close()


async def insert(connection: "asyncpg.Connection[Any]", table: str, **values: Any) -> None:
    columns = ", ".join(values)
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    await connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", *values.values())


async def fill(connection: "asyncpg.Connection[Any]") -> None:
    """Insert rows as the code of 0005 did."""
    where = {"centre": "link-bergen", "area": "bergen"}
    point = {"latitude": 60.39, "longitude": 5.32}
    await insert(
        connection,
        "rooms",
        **where,
        **point,
        id=ROOM,
        name="Storstua",
        address="Strandgaten 6",
        place="5003 Bergen",
        seats=12,
        step_free=True,
        slots=["tue-evening"],
        created_at=NOW,
    )
    await insert(
        connection,
        "igangsettere",
        **point,
        id=STARTER,
        centre="link-bergen",
        label="KN",
        place="5003 Bergen",
        reach_km=20,
        slots=["tue-evening"],
        languages=["nb"],
        groups_at_once=2,
        created_at=NOW,
    )
    for number, group in GROUPS.items():
        await fill_group(connection, number, group)
    await insert(connection, "waiting", **waiting(1, "waiting"), held_reason="asked", refused=["a|tue-evening|nb"])
    gone = {"signup_id": signup_id(2), "person_id": UUID(int=3002), "status": "gone", "version": 4, "gone_at": NOW}
    await insert(connection, "waiting", **gone)
    await insert(connection, "apart", one=UUID(int=3001), other=UUID(int=3003), area="bergen", at=NOW)
    await insert(connection, "forgotten", id=UUID(int=4001), at=NOW)
    await insert(connection, "arrivals", area="bergen", day=NOW.date(), count=7)
    await insert(connection, "area_holds", **where, held_at=NOW, username="kari")
    for number, (action, group_number, signup_number, reason) in enumerate(ACTIONS):
        await insert(
            connection,
            "staff_actions",
            id=number + 1,
            at=NOW + timedelta(minutes=number),
            username="selvhjelp" if action.startswith("repair") else "kari",
            centre="link-bergen",
            area="" if action.startswith("igangsetter") else "bergen",
            action=action,
            group_id=group_number and group_id(group_number),
            signup_id=signup_number and signup_id(signup_number),
            reason=reason,
        )


def waiting(number: int, status: str) -> Row:
    return {
        "signup_id": signup_id(number),
        "person_id": UUID(int=3000 + number),
        "status": status,
        "version": 3,
        "centre": "link-bergen",
        "area": "bergen",
        "kommune": "4601",
        "latitude": 60.39,
        "longitude": 5.32,
        "slots": ["tue-evening", "wed-evening"],
        "languages": ["nb"],
        "max_travel_km": 20,
        "wheelchair": False,
        "language": "nn",
        "signed_up_at": NOW - timedelta(days=number),
        "groups_also": ["women"],
    }


async def fill_group(connection: "asyncpg.Connection[Any]", number: int, group: OldGroup) -> None:
    """Insert a group with its seats, then give it the state in which no seat could be inserted."""
    meeting: Row = {"sequence": 0}
    if group.sequence is not None:
        meeting = {
            "meeting_id": derived_id(group_id(number), "meeting"),
            "sequence": group.sequence,
            "meets_at": STARTS_AT + timedelta(hours=number),
            "ends_at": STARTS_AT + timedelta(hours=number) + LASTS,
            "place_text": f"Storstua, Strandgaten {number}",
        }
    await insert(
        connection,
        "groups",
        **meeting,
        id=group_id(number),
        centre="link-bergen",
        area="bergen",
        place=ROOM if number == 7 else "bergen-sentrum",
        slot="tue-evening",
        spoken_language="nb",
        state="drafted" if group.state == "drafted" else "proposed",
        version=10 + number,
        size_min=5,
        capacity=8,
        policy='{"size_min": 5}',
        policy_version="2026-11-1",
        created_at=NOW - timedelta(days=number),
        postponed=group.postponed,
        extended=group.extended,
        wishes="women",
        tell_at=NOW if group.state == "drafted" else None,
    )
    for place, state in enumerate(group.seats):
        seat_number = 100 * number + place
        await insert(
            connection,
            "seats",
            id=UUID(int=5000 + seat_number),
            group_id=group_id(number),
            signup_id=signup_id(seat_number),
            person_id=UUID(int=3000 + seat_number),
            language="nn",
            state=state,
            reason="declined" if state == "released" else None,
            offered_at=NOW,
            deadline=NOW + timedelta(days=3),
            settled_at=None if state == "offered" else NOW,
            distance_km=2.5,
            waited_days=9,
            pinned=place == 0,
        )
    if group.state == "started":
        await connection.execute("INSERT INTO group_starters VALUES ($1, $2, $3, 5)", group_id(number), STARTER, NOW)
    closed_at = NOW + timedelta(days=number) if group.state in {"started", "cancelled"} else None
    await connection.execute(
        "UPDATE groups SET state = $2, closed_at = $3, size = $4, cancel_reason = $5, room_free_at = $6 WHERE id = $1",
        group_id(number),
        group.state,
        closed_at,
        5 if group.state == "started" else None,
        "by_centre" if group.state == "cancelled" else None,
        NOW if number == 7 else None,
    )


@pytest.fixture
async def old_url(database_url: Databases) -> str:
    """A database at revision 0005, with rows."""
    url = await database_url("grouping_0005", migrate_to_0005)
    async with connected(url) as connection:
        await fill(connection)
    return url


async def rows(url: str, table: str) -> list[Row]:
    async with connected(url) as connection:
        return [dict(row) for row in await connection.fetch(f"SELECT * FROM {table} ORDER BY 1, 2")]


def rename(row: Row) -> Row:
    """Give the columns of an old row their new names."""
    for old_name in NEW_NAMES.keys() & row.keys():
        row[NEW_NAMES[old_name]] = row.pop(old_name)
    return row


async def groups_of(url: str) -> dict[UUID, Row]:
    return {row["id"]: row for row in await rows(url, "groups")}


async def test_upgrade_of_0005_keeps_rows_and_makes_tables_of_today(old_url: str) -> None:
    before = {table: await rows(old_url, table) for table in KEPT_TABLES}
    for row in [*before["waiting"], *before["seats"]]:
        rename(row)
    for table, columns in NEW_COLUMNS.items():
        for row in before.get(table, []):
            row.update(columns)
    told = {group_id(number) for number, group in GROUPS.items() if group.state in {"proposed", "confirmed"}}
    for row in before["seats"]:
        row["taken_at"] = NOW if row["state"] == "taken" and row["group_id"] in told else None
    await upgrade(SecretStr(old_url), SCRIPTS)
    assert {table: await rows(old_url, table) for table in before} == before
    assert all(before.values())
    assert await differences(SecretStr(old_url), Base.metadata) == []


async def test_upgrade_of_0005_moves_meetings_out_of_groups(old_url: str) -> None:
    before = await groups_of(old_url)
    await upgrade(SecretStr(old_url), SCRIPTS)
    meetings = {row["group_id"]: row for row in await rows(old_url, "meetings")}
    assert set(meetings) == {group_id(number) for number, group in GROUPS.items() if group.meeting_state}
    for number, group in GROUPS.items():
        if group.meeting_state is not None:
            old = before[group_id(number)]
            assert meetings[group_id(number)] == {
                "id": derived_id(group_id(number), "meeting"),
                "group_id": group_id(number),
                "kind": "start",
                "starts_at": old["meets_at"],
                "ends_at": old["ends_at"],
                "place_text": f"Storstua, Strandgaten {number}",
                "state": group.meeting_state,
                "sequence": group.sequence,
                "attendance": None,
            }


async def test_upgrade_of_0005_keeps_groups_and_splits_closed_at(old_url: str) -> None:
    before = await groups_of(old_url)
    await upgrade(SecretStr(old_url), SCRIPTS)
    for id_, row in (await groups_of(old_url)).items():
        old = before[id_]
        started, cancelled = old["state"] == "started", old["state"] == "cancelled"
        assert row.pop("started_at") == (old["closed_at"] if started else None)
        assert row.pop("ended_at") == (old["closed_at"] if cancelled else None)
        assert row.pop("part") is None
        looks_until = old["created_at"] + timedelta(days=14) if old["state"] == "proposed" else None
        expected = {name: value for name, value in old.items() if name not in MOVED_COLUMNS}
        assert row == rename(expected) | NEW_COLUMNS["groups"] | {"filling_until": looks_until}
    assert {row["state"] for row in before.values()} == {"drafted", "proposed", "confirmed", "started", "cancelled"}


async def test_upgrade_of_0005_moves_every_act_of_staff_to_audit_log(old_url: str) -> None:
    old_rows = await rows(old_url, "staff_actions")
    await upgrade(SecretStr(old_url), SCRIPTS)
    entries = await rows(old_url, "audit_log")
    assert [(entry["at"], entry["actor"]) for entry in entries] == [(row["at"], row["username"]) for row in old_rows]
    assert {entry["action"] for entry in entries} <= set(audit_log.actions)
    of_action = {entry["action"]: entry for entry in entries}
    expected = {
        "area.put_on_hold": ("area", "bergen", "bergen", '{"centre": "link-bergen"}'),
        "igangsetter.saved": ("centre", "link-bergen", None, '{"centre": "link-bergen"}'),
        "group.cancelled": ("group", str(group_id(8)), "bergen", '{"centre": "link-bergen"}'),
        "person.excluded": ("signup", str(signup_id(5)), "bergen", '{"centre": "link-bergen", "reason": "asked"}'),
    }
    for action, values in expected.items():
        entry = of_action[action]
        assert (entry["object_kind"], entry["object_id"], entry["scope"], entry["details"]) == values
    moved = of_action["person.moved"]
    assert (moved["object_kind"], moved["object_id"]) == ("signup", str(signup_id(6)))
    assert f'"group_id": "{group_id(1)}"' in moved["details"]
    assert '"reason": "fits_better"' in moved["details"]


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("UPDATE groups SET state = 'confirmed' WHERE state = 'started'", "the group is closed"),
        ("UPDATE groups SET state = 'started', started_at = now() WHERE state = 'proposed'", "too few to start"),
        ("UPDATE groups SET state = 'confirmed' WHERE state = 'proposed'", "has a start meeting"),
        ("UPDATE groups SET started_at = NULL WHERE state = 'started'", "groups_started_when"),
        ("UPDATE groups SET ended_at = NULL WHERE state = 'cancelled'", "groups_ended_when"),
        ("DELETE FROM seats WHERE group_id IN (SELECT id FROM groups WHERE state = 'started')", "the group is closed"),
        ("UPDATE meetings SET ends_at = starts_at", "meetings_last"),
        ("UPDATE meetings SET state = 'maybe'", "meetings_state"),
        ("UPDATE meetings SET attendance = 0", "meetings_attendance"),
        ("UPDATE meetings SET group_id = (SELECT group_id FROM meetings ORDER BY id LIMIT 1)", "meetings_one_start"),
    ],
)
async def test_upgraded_database_refuses_invalid_changes(old_url: str, statement: str, refusal: str) -> None:
    await upgrade(SecretStr(old_url), SCRIPTS)
    async with connected(old_url) as connection:
        with pytest.raises(asyncpg.PostgresError, match=refusal):
            await connection.execute(statement)


async def test_upgraded_database_reopens_only_a_started_group(old_url: str) -> None:
    await upgrade(SecretStr(old_url), SCRIPTS)
    async with connected(old_url) as connection, connection.transaction():
        await connection.execute("SET LOCAL grouping.reopening = 'on'")
        await connection.execute("UPDATE groups SET state = 'confirmed', started_at = NULL WHERE state = 'started'")
        with pytest.raises(asyncpg.PostgresError, match="the group is closed"):
            await connection.execute("UPDATE groups SET state = 'confirmed' WHERE state = 'cancelled'")


async def test_upgraded_database_started_group_frees_its_igangsetter_in_time(old_url: str) -> None:
    """The trigger reads the start of the meeting from its new table."""
    await upgrade(SecretStr(old_url), SCRIPTS)
    free_at = STARTS_AT + timedelta(hours=7) + timedelta(weeks=5)
    assign = "INSERT INTO group_starters VALUES ($1, $2, $3, 5)"
    async with connected(old_url) as connection:
        with pytest.raises(asyncpg.PostgresError, match="cannot start so many groups"):
            await connection.execute(assign, group_id(4), STARTER, free_at - timedelta(seconds=1))
        await connection.execute(assign, group_id(4), STARTER, free_at)
