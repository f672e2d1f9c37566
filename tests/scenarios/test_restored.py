"""A restored backup of grouping or notify applies every erasure since the backup before anybody sees it."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from devtools.local.postgres import installation
from devtools.testing.fixtures import Databases
from selvhjelp.rehearsal.town.system import read_rows
from shared.kit.database.engine import Database
from tests.scenarios.support.people import Visitor, waiting
from tests.scenarios.support.town import Town

pytestmark = pytest.mark.system

PROGRAMS = installation() / "bin"


async def run(program: str, *arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(str(PROGRAMS / program), *arguments, stderr=asyncio.subprocess.PIPE)
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()


async def dump(town: Town, service: str, file: Path) -> Path:
    await town.rest()
    await run("pg_dump", "--format=custom", f"--file={file}", town.databases[service].dsn)
    return file


def restores(file: Path) -> Callable[[str], Awaitable[None]]:
    """Return what restores a backup into an empty database."""

    async def restore(url: str) -> None:
        await run("pg_restore", "--no-owner", f"--dbname={url.replace('+asyncpg', '')}", str(file))

    return restore


async def erase(town: Town, person: Any) -> str:
    """Erase a person on their own page; return their id."""
    owner = Visitor(town)
    await owner.open("/min-side")
    await owner.press("Send meg lenken", email=person.email)
    await town.at_rest()
    await owner.open(person.link("min-side"))
    await owner.press(next(owner.page.buttons())[1].label)
    await owner.open("/min-side/slett")
    before = {row["id"] for row in await town.rows("intake", "SELECT person_id AS id FROM people")}
    await owner.press("Ja, slett for godt")
    (gone,) = before - {row["id"] for row in await town.rows("intake", "SELECT person_id AS id FROM people")}
    return str(gone)


HOLDS = "SELECT count(*) AS n FROM {table} WHERE person_id::text = ANY($1::text[])"


async def rows_of(url: str, tables: tuple[str, ...], *person_ids: str) -> dict[str, int]:
    database = Database(SecretStr(url))
    counts = {
        table: (await read_rows(database, HOLDS.format(table=table), list(person_ids)))[0]["n"] for table in tables
    }
    await database.dispose()
    return counts


@pytest.mark.parametrize(
    ("service", "tables", "forgotten"),
    [("grouping", ("waiting",), "id"), ("notify", ("signups", "mails"), "person_id")],
)
async def test_restored_backup_is_erased_before_it_serves(
    town: Town, database_url: Databases, tmp_path: Path, service: str, tables: tuple[str, ...], forgotten: str
) -> None:
    (ane,) = await waiting(town, "Ane")
    early = await dump(town, service, tmp_path / "early")
    (bo,) = await waiting(town, "Bo")
    late = await dump(town, service, tmp_path / "late")
    erased = [await erase(town, person) for person in (ane, bo)]
    await town.forget_events()
    assert not {place for person_id in erased for place in await town.places_of(person_id)} & {"PEOPLE", "SIGNUPS"}

    settings = town.apps[service].state.service.settings
    for file, known in ((early, erased[:1]), (late, erased), (late, erased)):
        url = await database_url(f"restored_{uuid4().hex[:8]}", restores(file))
        before = await rows_of(url, tables, *erased)
        assert all(before.values()), "the backup has them"
        assert before == await rows_of(url, tables, *known)
        restored = settings.model_copy(update={"database_url": SecretStr(url)})
        app = importlib.import_module(f"{service}.app").build(restored, town.clock)
        async with app.router.lifespan_context(app):
            assert await rows_of(url, tables, *erased) == dict.fromkeys(tables, 0)
            rows = await read_rows(app.state.service.database, f"SELECT {forgotten}::text AS id FROM forgotten")
            assert set(erased) <= {row["id"] for row in rows}, (
                "also who came after the backup: no event brings them back"
            )
