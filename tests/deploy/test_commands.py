"""The commands that look after an installation, each against a whole running system."""

import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from nats.js.api import ConsumerInfo
from pydantic import SecretStr

from devtools.testing.identities import connect
from intake.store import StaffUser
from intake.usecases.password_hashes import PasswordHashes
from intake.usecases.sign_in import LocalUsers
from selvhjelp.rehearsal.people import InventedPerson
from shared.events import Stream, people
from shared.events.base import JOURNAL
from shared.kit.clock import SystemClock
from shared.kit.database.engine import Database
from shared.kit.ids import new_id
from shared.kit.keys import Ring
from shared.kit.messaging import topology
from shared.kit.messaging.causes import Cause
from shared.kit.messaging.journal import entries
from shared.kit.staff import wall_now
from shared.reference.key_rings import SIGN_IN_NAMES
from tests.deploy.support.command import command
from tests.faults.support.running_system import RunningSystem
from tests.shared.support.eventually import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningSystem]:
    async with RunningSystem(tmp_path_factory.mktemp("system")) as system:
        yield system


@pytest.fixture
def env(system: RunningSystem) -> dict[str, str]:
    """The settings of the services, as in containers."""
    return system.environment()


async def query(system: RunningSystem, database: str, sql: str, *values: Any) -> Any:
    connection = await asyncpg.connect(system.database(database))
    try:
        return await connection.fetchval(sql, *values)
    finally:
        await connection.close()


async def signed_up(system: RunningSystem, name: str) -> str:
    """Sign a person in Bergen up until the mail to confirm; return the address."""
    person = InventedPerson(name, f"{name.lower()}@example.org", "5003", ("tue-evening",), ("nb",), 20, "nb")
    visitor, mailbox = system.visitor(), system.mailbox()
    bergen = next(centre for centre in await visitor.centres() if centre["id"] == "link-bergen")
    answer = await visitor.sign_up(person.payload(bergen["consent_version"], bergen["information_version"]))
    assert answer.status_code == 202

    async def mailed() -> bool:
        return any(mail.to == person.email for mail in await mailbox.new(set()))

    await eventually(mailed)
    await visitor.close()
    await mailbox.close()
    return person.email


# migrate, check


async def test_migrate_twice_reports_the_state_and_changes_nothing(env: dict[str, str]) -> None:
    for _ in range(2):
        outcome = await command("migrate", "--json", env=env)
        assert outcome.status == 0, outcome.err
        assert set(outcome.json["databases"]) == {"intake", "intake_keys", "grouping", "notify"}
        assert all(outcome.json["databases"].values())
        assert outcome.json["changed"] == []
        assert outcome.json["streams"] == [
            "SIGNUPS",
            "PEOPLE",
            "GROUPS",
            "TASKS",
            "CENTRES",
            "KONTAKTMOTER",
            "ERASURES",
            "RECONCILIATION",
        ]
        assert "grouping-signups" in outcome.json["consumers"]


async def test_migrate_fills_a_lost_journal_from_intake(system: RunningSystem, env: dict[str, str]) -> None:
    erased = [new_id() for _ in range(3)]
    for person_id, database in zip(erased, ("intake", "intake_keys", "intake_keys"), strict=True):
        insert = "INSERT INTO erasures (person_id, erased_at) VALUES ($1, now() - interval '2 hours')"
        await query(system, database, insert, person_id)
    client = await connect(system.nats.url)
    await client.jetstream().delete_stream(JOURNAL)
    for _ in range(2):
        assert (await command("migrate", env=env)).status == 0

    async def journal() -> set[UUID]:
        found = {event.person_id async for event in entries(client, None)}
        return found if set(erased) <= found else set()

    await eventually(journal)

    async def handled() -> bool:
        rows = "SELECT count(*) FROM forgotten WHERE id = ANY($1::uuid[])"
        return bool(await query(system, "grouping", rows, erased) == len(erased))

    await eventually(handled)
    await client.close()


async def test_check_reports_only_the_shared_superuser(system: RunningSystem, env: dict[str, str]) -> None:
    outcome = await command("check", "--json", env=env)
    broken = [finding for finding in outcome.json["findings"] if finding["level"] == "broken"]
    # The tests' databases have one superuser for all; a person would have to mend that.
    assert [each["what"].partition(":")[0] for each in broken] == ["roles can connect to the database of another"]
    assert outcome.status == 1
    assert all(each["remedy"] for each in outcome.json["findings"] if each["level"] != "ok")
    for secret in ("COMMON_KEY", "KEY_ENCRYPTION_KEY", "BLIND_INDEX_KEY"):
        assert env[f"INTAKE_{secret}"] not in outcome.out


async def test_check_finds_broker_changes_that_migrate_repairs(system: RunningSystem, env: dict[str, str]) -> None:
    client = await connect(system.nats.url)
    js = client.jetstream()
    changed = topology.stream_config(Stream.SIGNUPS)
    changed.max_age = 3600
    await js.update_stream(changed)
    await js.delete_consumer("PEOPLE", "grouping-people")
    said = (await command("check", "--json", env=env)).out
    assert "differs in max_age" in said
    assert "the consumer grouping-people does not exist" in said
    assert (await command("streams", env=env)).status == 0
    assert (await js.stream_info("SIGNUPS")).config.max_age == 7 * 24 * 3600
    assert isinstance(await js.consumer_info("PEOPLE", "grouping-people"), ConsumerInfo)
    await client.close()


async def test_check_reports_servers_that_do_not_answer(env: dict[str, str]) -> None:
    away = env | {
        "GROUPING_DATABASE_URL": "postgresql+asyncpg://grouping:hemmelig@127.0.0.1:1/grouping",
        "NOTIFY_SMTP_PORT": "1",
        **{f"{name}_NATS_URL": "nats://127.0.0.1:1" for name in ("INTAKE", "GROUPING", "NOTIFY")},
    }
    outcome = await command("check", env=away)
    assert outcome.status == 1
    assert "grouping does not answer" in outcome.out
    assert "NATS:           the server does not answer" in outcome.out
    assert "the mail server does not answer" in outcome.out
    assert "hemmelig" not in outcome.out + outcome.err


# staff


@pytest.mark.asvs("6.3.2", "6.4.3", "7.4.5")
async def test_staff_add_reset_and_disable_control_sign_in(system: RunningSystem, env: dict[str, str]) -> None:
    added = ("staff", "add", "berit", "--role", "koordinator", "--centre", "link-oslo", "--json")
    first = (await command(*added, env=env)).json["password"]
    database = Database(SecretStr(env["INTAKE_DATABASE_URL"]))
    users = LocalUsers(database.transaction, Ring("intake_key", "k" * 40).keys(SIGN_IN_NAMES), PasswordHashes())

    async def user(password: str) -> StaffUser | None:
        return (await users.authenticate("berit", password, wall_now())).user

    berit = await user(first)
    assert berit is not None
    assert berit.centres == ["link-oslo"]
    assert berit.one_time_until is not None
    again = (await command("staff", "reset", "berit", "--factors", "--json", env=env)).json["password"]
    assert (await user(first), await user(again) is None) == (None, False)
    assert (await command("staff", "reset", "ingen", env=env)).status == 3
    assert (await command("staff", "disable", "berit", env=env)).status == 0
    assert await user(again) is None
    assert (await command("staff", "reset", "berit", env=env)).status == 3
    kinds = "SELECT string_agg(DISTINCT kind, ' ' ORDER BY kind) FROM security_events WHERE account = 'berit'"
    assert await query(system, "intake", kinds) == "credential_reset session_ended"
    listed = (await command("staff", "list", "--json", env=env)).json["staff"]
    assert next(each for each in listed if each["username"] == "berit")["disabled_at"]
    await database.dispose()
    assert (await command("staff", "disable", "ingen", env=env)).status == 3
    assert (await command("staff", "add", "x", "--role", "konge", env=env)).status == 2
    for given in ((), ("--all-centres", "--centre", "link-oslo")):
        unclear = await command("staff", "add", "x", "--role", "leser", *given, env=env)
        assert (unclear.status, "--centre" in unclear.err) == (2, True)
    shown = await command("staff", "add", "x", "--role", "admin", "--all-centres", env=env)
    assert "works for 72 hours" in shown.out
    elsewhere = await command("staff", "add", "x", "--role", "admin", "--centre", "tromso", env=env)
    assert elsewhere.status == 1
    assert "unknown centre: tromso" in elsewhere.err


async def test_api_key_made_and_revoked_leaves_security_events(system: RunningSystem, env: dict[str, str]) -> None:
    counted = "SELECT coalesce(sum(count), 0) FROM security_events WHERE kind = 'key_changed'"
    for arguments, events in ((("add", "link-oslo"), 1), (("revoke", "link-oslo"), 2), (("revoke", "link-oslo"), 2)):
        await command("api-keys", *arguments, env=env)
        assert await query(system, "intake", counted) == events


# dead-letters


async def test_dead_letters_list_show_replay_and_drop(system: RunningSystem, env: dict[str, str]) -> None:
    assert (await command("dead-letters", "list", "--json", env=env)).status == 3
    client = await connect(system.nats.url)
    await client.jetstream().publish("people.erased.v1", b'{"person_id": "\x1b[31m"', stream="PEOPLE")
    await client.close()

    async def buried() -> bool:
        return all([await query(system, name, "SELECT count(*) FROM dead_letters") for name in ("grouping", "notify")])

    await eventually(buried)
    outcome = await command("dead-letters", "list", "--json", env=env)
    assert outcome.status == 0
    found = {letter["address"].partition(":")[0]: letter for letter in outcome.json["dead_letters"]}
    assert found.keys() == {"grouping", "notify"}
    assert found["grouping"]["reason"].startswith("not_json")
    address = found["grouping"]["address"]
    assert address in (await command("dead-letters", "list", env=env)).out

    shown = await command("dead-letters", "show", address, env=env)
    assert "people.erased.v1" in shown.out
    assert "[31m" not in shown.out  # what came is not kept

    again = await command("dead-letters", "replay", address, "--json", env=env)
    assert again.status == 1
    assert again.json[address]["outcome"] == "not kept"

    assert (await command("dead-letters", "drop", address, found["notify"]["address"], "--yes", env=env)).status == 0
    assert (await command("dead-letters", "drop", address, "--yes", env=env)).status == 3
    assert (await command("dead-letters", "show", address, env=env)).status == 3
    assert (await command("dead-letters", "list", env=env)).status == 3
    assert (await command("dead-letters", "show", "somebody:1", env=env)).status == 2
    assert (await command("dead-letters", "drop", "grouping:1", env=env, typed="n\n")).status == 1


async def test_dead_letters_replay_handled_letter_is_removed(system: RunningSystem, env: dict[str, str]) -> None:
    stamp = Cause.fresh().stamp(people.Erased, "x", SystemClock().now())
    event = people.Erased(**stamp, person_id=new_id(), signup_ids=())
    await query(
        system,
        "intake",
        "INSERT INTO outbox (event_id, stream, subject, payload, sent_at) VALUES ($1, 'PEOPLE', $2, $3, now())",
        event.event_id,
        event.subject,
        event.model_dump_json().encode(),
    )
    number = await query(
        system,
        "grouping",
        "INSERT INTO dead_letters (consumer, stream, stream_sequence, subject, event_id, reason, attempts)"
        " VALUES ('grouping-people', 'PEOPLE', 999999, $1, $2, 'TimeoutError', 10) RETURNING id",
        event.subject,
        event.event_id,
    )
    shown = (await command("dead-letters", "show", f"grouping:{number}", "--json", env=env)).json
    assert shown["payload"]["person_id"] == str(event.person_id)
    outcome = await command("dead-letters", "replay", f"grouping:{number}", "--json", env=env)
    assert outcome.status == 0
    assert outcome.json[f"grouping:{number}"]["outcome"] == "handled"
    assert await query(system, "grouping", "SELECT count(*) FROM forgotten WHERE id = $1", event.person_id) == 1


# export, erase


async def test_export_and_erase_find_a_person_by_email(
    system: RunningSystem, env: dict[str, str], tmp_path: Path
) -> None:
    address = await signed_up(system, "Solveig")
    file = tmp_path / "solveig.json"
    outcome = await command("export", "--email", "--out", str(file), env=env, typed=f"{address.upper()}\n")
    assert outcome.status == 0, outcome.err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    known = json.loads(file.read_text())
    assert known["person"]["first_name"] == "Solveig"
    assert known["notify"]["mails"][0]["kind"] == "address_to_confirm"
    assert known["grouping"]["seats"] == known["grouping"]["waiting"] == []
    person_id = known["person"]["id"]
    assert (await command("export", person_id, "--out", str(file), env=env)).status == 1  # never over another file

    unasked = await command("erase", person_id, env=env)
    assert unasked.status == 2
    outcome = await command("erase", "--email", "--yes", env=env, typed=f"{address}\n")
    assert outcome.status == 0, outcome.err + outcome.out
    assert "key         destroyed" in outcome.out
    assert address not in outcome.out + outcome.err
    again = await command("erase", person_id, "--yes", "--json", env=env)
    assert again.status == 0
    assert again.json["complete"]
    for database, table in (("intake", "people"), ("intake_keys", "person_keys"), ("notify", "mails")):
        assert await query(system, database, f"SELECT count(*) FROM {table} WHERE person_id = $1", person_id) == 0
    assert (await command("export", person_id, env=env)).status == 3
    assert (await command("erase", "--email", "--yes", env=env, typed=f"{address}\n")).status == 3


async def test_export_includes_the_meetings_that_a_seat_was_called_to(
    system: RunningSystem, env: dict[str, str]
) -> None:
    """The rows have no person's id of their own; they refer to the person's seat."""
    address = await signed_up(system, "Torunn")
    person_id = (await command("export", "--email", env=env, typed=address)).json["person"]["id"]
    group_id, meeting_id, seat_id = new_id(), new_id(), new_id()
    await query(
        system, "notify", "INSERT INTO groups (id, centre, area) VALUES ($1, 'link-bergen', 'bergen')", group_id
    )
    meeting = (
        "INSERT INTO meetings (id, group_id, version, sequence, starts_at, ends_at, place_text)"
        " VALUES ($1, $2, 1, 0, now() + interval '9 days', now() + interval '10 days', 'Huset')"
    )
    await query(system, "notify", meeting, meeting_id, group_id)
    seat = (
        "INSERT INTO seats (id, group_id, signup_id, person_id, language, offered, taken)"
        " VALUES ($1, $2, $3, $4, 'nb', true, true)"
    )
    await query(system, "notify", seat, seat_id, group_id, new_id(), person_id)
    called = "INSERT INTO meeting_seats (meeting_id, seat_id, first_called) VALUES ($1, $2, 0)"
    await query(system, "notify", called, meeting_id, seat_id)

    exported = (await command("export", person_id, env=env)).json["notify"]
    assert exported["meeting_seats"] == [
        {"meeting_id": str(meeting_id), "seat_id": str(seat_id), "first_called": 0},
    ]
    erased = await command("erase", person_id, "--yes", "--json", env=env)
    assert erased.json["complete"], erased.out
    assert await query(system, "notify", "SELECT count(*) FROM meeting_seats WHERE seat_id = $1", seat_id) == 0


async def test_erase_lists_services_that_have_not_erased_yet(system: RunningSystem, env: dict[str, str]) -> None:
    address = await signed_up(system, "Ingrid")
    person_id = (await command("export", "--email", env=env, typed=address)).json["person"]["id"]
    await system.kill("grouping")
    outcome = await command("erase", person_id, "--yes", "--wait", "1", "--json", env=env)
    assert outcome.status == 1
    assert outcome.json["key_destroyed"]
    assert "grouping" in outcome.json["waiting_for"]
    await system.spawn("grouping")
    await system.ready()
    outcome = await command("erase", person_id, "--yes", "--wait", "30", env=env)
    assert outcome.status == 0, outcome.out


async def test_erase_unknown_person_leaves_no_journal_entry(system: RunningSystem, env: dict[str, str]) -> None:
    nobody = new_id()
    assert (await command("erase", str(nobody), "--yes", env=env)).status == 3
    assert await query(system, "intake", "SELECT count(*) FROM erasures WHERE person_id = $1", nobody) == 0
    assert (await command("erase", "--yes", env=env)).status == 2
    assert (await command("erase", "not-an-id", "--yes", env=env)).status == 2
    assert (await command("export", "--email", env=env, typed="ikke en adresse\n")).status == 1


# demo


async def test_demo_summary_matches_the_databases(system: RunningSystem) -> None:
    mailbox = f"http://127.0.0.1:{system.ports['mailbox']}"
    stranger = await signed_up(system, "Stranger")
    outcome = await command(
        "demo", "--people", "16", "--seed", "3", "--json", "--url", system.url, "--mailbox", mailbox
    )
    assert outcome.status == 0, outcome.err
    totals = outcome.json
    assert totals["people"] == 16 == sum(totals["stages"].values())
    for status, stage in (("waiting", "waiting"), ("seated", "in_group")):
        count = await query(system, "grouping", "SELECT count(*) FROM waiting WHERE status = $1", status)
        assert count == totals["stages"][stage]
    assert "signs up" in outcome.err
    confirmed = await query(system, "intake", "SELECT count(*) FROM people WHERE confirmed_at IS NULL")
    assert confirmed == 1, f"{stranger} is a real visitor, whose mail is left alone"


async def test_demo_refuses_addresses_of_other_machines(system: RunningSystem) -> None:
    mailbox = f"http://127.0.0.1:{system.ports['mailbox']}"
    for url, box in (
        (system.url, "http://mail.example.org"),
        ("http://example.org", mailbox),
        ("https://localhost", mailbox),
    ):
        outcome = await command("demo", "--url", url, "--mailbox", box)
        assert outcome.status == 1
        assert "is not on this machine" in outcome.err
    assert (await command("demo", "--url", system.url)).status == 2
    # A page that is no mailbox: nobody signs up.
    before = await query(system, "intake", "SELECT count(*) FROM signups")
    outcome = await command("demo", "--url", system.url, "--mailbox", system.url)
    assert outcome.status == 1
    assert await query(system, "intake", "SELECT count(*) FROM signups") == before
