"""Backups: encrypted from the first byte, whole or refused, with the rights of the roles, at one moment."""

import asyncio
import tarfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pyrage
import pytest

from devtools.local.postgres import Postgres
from devtools.testing import servers
from devtools.testing.identities import AUTHORITY, SEEDS
from selvhjelp.console import CommandError
from selvhjelp.installation import DATABASES, Installation
from selvhjelp.operations.backups import files, rows
from selvhjelp.operations.backups.backup import NAME, backup, dsn_of
from selvhjelp.operations.backups.moment import same_moment
from selvhjelp.operations.backups.restore import chosen, restore, sends_again
from selvhjelp.up import databases
from selvhjelp.up.data_directory import DataDirectory

DAYS = timedelta(days=1)
SECRET = b"kari@example.org\tet hemmelig \\N ord\n"


class Town:
    """A server as `selvhjelp up` prepares it: a role that owns the tables, and one for the service."""

    def __init__(self, folder: Path) -> None:
        self.data = DataDirectory(folder)
        self.server: Postgres = servers.new_postgres()
        asyncio.run(databases.provide(self.server, self.data, lambda _: None))

    def url(self, database: str, role: str) -> str:
        return databases.url(self.server, self.data, database, role)

    def installation(self, nats_url: str) -> Installation:
        urls = {
            setting: self.url(name, f"{name}_owner").replace("postgresql:", "postgresql+asyncpg:")
            for name, setting in DATABASES.items()
        }
        broker = {
            "INTAKE_NATS_URL": nats_url,
            "OPERATOR_NATS_SEED": SEEDS["operator"].get_secret_value(),
            "OPERATOR_NATS_AUTHORITY": AUTHORITY.certificate,
        }
        return Installation(urls | broker)


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Town]]:
    both = Town(tmp_path_factory.mktemp("one")), Town(tmp_path_factory.mktemp("other"))
    yield both
    for town in both:
        servers.discard(town.server)


@pytest.fixture
def key() -> pyrage.x25519.Identity:
    return pyrage.x25519.Identity.generate()


def written(path: Path, key: pyrage.x25519.Identity) -> Path:
    with files.writing(path, [key.to_public()]) as archive:
        files.add(archive, "people", SECRET)
    return path


def contents(path: Path, key: pyrage.x25519.Identity) -> list[tuple[str, bytes]]:
    with files.reading(path, key) as entries:
        return list(entries)


def test_archive_is_read_with_its_key_and_holds_nothing_in_the_clear(
    tmp_path: Path, key: pyrage.x25519.Identity
) -> None:
    path = written(tmp_path / "a", key)
    assert contents(path, key) == [("people", SECRET)]
    assert path.read_bytes().startswith(b"age-encryption.org/v1")
    assert b"people" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600


def test_archive_does_not_open_with_another_key(tmp_path: Path, key: pyrage.x25519.Identity) -> None:
    with pytest.raises(CommandError, match="cannot be opened"):
        contents(written(tmp_path / "a", key), pyrage.x25519.Identity.generate())


@pytest.mark.parametrize("cut", [1, 16, 100, 5000, 70000])
def test_archive_that_is_cut_off_is_refused(tmp_path: Path, key: pyrage.x25519.Identity, cut: int) -> None:
    path = tmp_path / "a"
    with files.writing(path, [key.to_public()]) as archive:
        files.add(
            archive,
            "people",
            bytes(uuid4().bytes[0] for _ in range(200)) + b"".join(uuid4().bytes for _ in range(9000)),
        )
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    with pytest.raises(CommandError, match="cannot be opened"):
        contents(path, key)


@pytest.mark.parametrize("place", [0, 20, 200, -20, -1])
def test_archive_with_a_changed_byte_is_refused(tmp_path: Path, key: pyrage.x25519.Identity, place: int) -> None:
    path = written(tmp_path / "a", key)
    whole = bytearray(path.read_bytes())
    whole[place] ^= 1
    path.write_bytes(whole)
    with pytest.raises(CommandError, match="cannot be opened"):
        contents(path, key)


def test_archive_that_fails_while_written_leaves_no_file(tmp_path: Path, key: pyrage.x25519.Identity) -> None:
    def fail() -> None:
        with files.writing(tmp_path / "a", [key.to_public()]):
            raise tarfile.TarError("full")

    with pytest.raises(tarfile.TarError):
        fail()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "age1", "AGE-SECRET-KEY-1", "ssh-ed25519 AAAA", "age1" + "q" * 58])
def test_recipient_that_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="no public key"):
        files.recipient(text)


@pytest.mark.parametrize("text", [None, "", "# a comment\n", "AGE-SECRET-KEY-1ABC\n", "age1x\n"])
def test_identity_file_without_secret_key_is_refused(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "identity").write_text(text)
    with pytest.raises(CommandError, match="no secret key"):
        files.identity(tmp_path / "identity")


@pytest.mark.parametrize("names", [["keys"], ["intake", "x"], ["Intake"], [""], ["postgres"]])
def test_chosen_refuses_what_is_no_database(names: list[str]) -> None:
    with pytest.raises(CommandError, match="is no database"):
        chosen(names)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["intake", "intake_keys", "grouping", "notify"], True),
        (["grouping"], True),
        (["intake", "intake_keys"], True),
        (["notify"], False),
        (["grouping", "notify"], False),
        (["intake", "intake_keys", "notify"], False),
    ],
)
def test_restore_of_notify_alone_sends_no_events_again(names: list[str], *, expected: bool) -> None:
    assert sends_again(names) == expected


async def test_backup_is_restored_with_owners_roles_and_rights(
    towns: tuple[Town, Town], nats_url: str, tmp_path: Path, key: pyrage.x25519.Identity
) -> None:
    one, other = towns
    person = uuid4()
    await add_person(one, person)
    before = {name: await state(one, nats_url, name) for name in DATABASES}
    (tmp_path / "identity").write_text(f"# a comment\n{key}\n")
    outdated = [
        tmp_path / "b" / "20260101T000000Z.intake.tar.gz.age",
        tmp_path / "b" / "20260101T000000Z.grouping.tar.gz.age",
    ]
    (tmp_path / "b").mkdir()
    for path in outdated:
        path.touch()
    name = await backup(
        one.installation(nats_url),
        tmp_path / "b",
        tmp_path / "k",
        [str(key.to_public())],
        keep=30 * DAYS,
        keep_keys=7 * DAYS,
        say=lambda _: None,
    )
    assert sorted(path.name for path in (tmp_path / "b").iterdir()) == sorted(
        f"{name}.{database}.tar.gz.age" for database in DATABASES if database != "intake_keys"
    )
    assert [path.name for path in (tmp_path / "k").iterdir()] == [f"{name}.intake_keys.tar.gz.age"]

    service = await asyncpg.connect(one.url("intake", "intake"))
    assert (await service.fetchval("SELECT taken_at FROM newest_backup")).strftime(NAME) == name, "its metrics tell it"
    await service.close()

    places = (name, tmp_path / "b", tmp_path / "k", tmp_path / "identity", chosen([]))
    first_user = await asyncpg.connect(other.url("intake", "intake_owner"))
    await first_user.execute("DELETE FROM staff_users")  # `selvhjelp up` has made one
    await first_user.close()

    held = await restore(other.installation(nats_url), *places, lambda _: None)

    assert len(held) == 1, "a mail that was due may have left since"
    after = {name: await state(other, nats_url, name) for name in DATABASES}
    assert after == before
    service = await asyncpg.connect(other.url("intake", "intake"))
    assert await service.fetchval("SELECT person_id FROM people") == person
    assert await service.fetchval("INSERT INTO audit_log (at, actor, action, object_kind, object_id, details)"
                                  " VALUES (now(), 'a', 'a', 'b', 'c', '{}') RETURNING id") == 2  # fmt: skip
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await service.execute("UPDATE audit_log SET actor = 'x'")
    await service.close()
    with pytest.raises(CommandError, match="has rows"):
        await restore(other.installation(nats_url), *places, lambda _: None)


MAIL = """
    INSERT INTO mails (id, kind, cause_id, person_id, language, correlation_id, created_at, status, attempt, unknowns,
        next_at) VALUES (gen_random_uuid(), $1, $2, $2, 'nb', $2, now(), 'queued', 0, 0, now() + $3)
"""
AUDIT = r"""
    INSERT INTO audit_log (at, actor, action, object_kind, object_id, details)
    VALUES (now(), E'a\tb\n\\N', 'a', 'b', 'c', '{"æ": null}')
"""
PERSON = "INSERT INTO people (person_id, first_name_sealed, language, created_at) VALUES ($1, '\\x00ff', 'nb', now())"
KEY = "INSERT INTO person_keys (person_id, kek_id, wrapped) VALUES ($1, 'k', '\\x00ff')"
WAITING = "INSERT INTO waiting (signup_id, person_id, status, version) VALUES ($1, $1, 'gone', 3)"


async def add_person(town: Town, person: UUID) -> None:
    """Write a row in each database, as its service does; one mail is due."""
    for database, statement, arguments in (
        ("intake", PERSON, (person,)),
        ("intake", AUDIT, ()),
        ("intake_keys", KEY, (person,)),
        ("grouping", WAITING, (person,)),
        ("notify", MAIL, ("on_the_list", person, timedelta(0))),
        ("notify", MAIL, ("later", person, DAYS)),
    ):
        connection = await asyncpg.connect(town.url(database, database))
        await connection.execute(statement, *arguments)
        await connection.close()


async def state(town: Town, nats_url: str, database: str) -> dict[str, object]:
    """Return all rows and rights of a database; of mails only what holding them leaves as it is."""
    connection = await asyncpg.connect(dsn_of(town.installation(nats_url), database))
    found: dict[str, object] = {}
    for table in await rows.tables(connection):
        line = "(t.id, t.kind, t.status)::text" if table == "mails" else "t::text"
        found[table] = await connection.fetch(f'SELECT {line} FROM "{table}" t ORDER BY 1')
    rights = (
        "SELECT relname, relacl::text, relowner::regrole::text FROM pg_class WHERE relkind IN ('r', 'S') ORDER BY 1"
    )
    found["rights"] = [tuple(row) for row in await connection.fetch(rights) if not row[0].startswith(("pg_", "sql_"))]
    triggers = "SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
    found["triggers"] = [tuple(row) for row in await connection.fetch(triggers)]
    await connection.close()
    return found


async def test_same_moment_has_no_event_without_its_sender(towns: tuple[Town, Town], nats_url: str) -> None:
    """A chain of events goes round while copies are made: what one has handled, the one before has sent."""
    installation = towns[0].installation(nats_url)
    dsns = {name: dsn_of(installation, name) for name in ("intake", "grouping", "notify")}
    stop = asyncio.Event()

    async def chain() -> int:
        links = {name: await asyncpg.connect(dsn) for name, dsn in dsns.items()}
        count = 0
        while not stop.is_set():
            event, count = uuid4(), count + 1
            for name in dsns:
                async with links[name].transaction():
                    await links[name].execute("INSERT INTO inbox (consumer, event_id) VALUES ('c', $1)", event)
                    await links[name].execute(
                        "INSERT INTO outbox (event_id, stream, subject, payload) VALUES ($1, 's', 's', '')", event
                    )
        for link in links.values():
            await link.close()
        return count

    chains = [asyncio.create_task(chain()) for _ in range(3)]
    for _ in range(20):
        async with same_moment(dsns) as readers:
            query = "SELECT event_id FROM outbox"
            intake, grouping, notify = [{row[0] for row in await each.fetch(query)} for each in readers.values()]
            assert notify <= grouping <= intake
    stop.set()
    assert sum(await asyncio.gather(*chains)) > 20
