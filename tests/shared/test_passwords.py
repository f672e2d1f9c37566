"""The password of a database is replaced in its file and at the server, and every connection is made."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from devtools.testing.fixtures import Databases
from shared.kit.database.connect import connect
from shared.kit.database.engine import Database
from shared.kit.database.passwords import Passwords
from tests.shared.support import toy as toys
from tests.shared.support.eventually import eventually

ROLE = "toy_with_password"


@pytest.fixture
async def owner(database_url: Databases) -> AsyncIterator[Database]:
    """The superuser of a server that asks other roles for their password."""
    database = Database(SecretStr(await database_url("toy", toys.Base.metadata)))
    async with database.transaction() as session:
        await session.execute(text(f"CREATE ROLE {ROLE} LOGIN PASSWORD 'first'"))
        rules = Path(str(await session.scalar(text("SHOW hba_file"))))
        before = rules.read_text()
        rules.write_text(f"host all {ROLE} all scram-sha-256\n{before}")
        await session.execute(text("SELECT pg_reload_conf()"))
    await eventually(lambda: asks(database))
    yield database
    rules.write_text(before)
    async with database.transaction() as session:
        await session.execute(text(f"DROP ROLE {ROLE}"))
        await session.execute(text("SELECT pg_reload_conf()"))
    await database.dispose()


async def asks(owner: Database) -> bool:
    """Return True once the server asks the role for its password."""
    try:
        await (await connect(address(owner, "wrong").replace("+asyncpg", ""))).close()
    except asyncpg.InvalidPasswordError:
        return True
    return False


def address(owner: Database, password: str) -> str:
    url: URL = make_url(owner.url.get_secret_value()).set(username=ROLE, password=password)
    return url.render_as_string(hide_password=False)


async def told(owner: Database, password: str) -> None:
    async with owner.transaction() as session:
        await session.execute(text(f"ALTER ROLE {ROLE} PASSWORD '{password}'"))


async def opens(database: Database) -> bool:
    """Return True if a new connection of the pool, and one outside it, open."""
    await database.engine.dispose()
    try:
        async with database.transaction() as session:
            assert await session.scalar(text("SELECT current_user")) == ROLE
        await (await database.connect()).close()
    except (DBAPIError, asyncpg.InvalidPasswordError) as error:
        if "password authentication failed" not in str(error):
            raise
        return False
    return True


async def test_connections_open_at_every_step_of_a_rotation(owner: Database, tmp_path: Path) -> None:
    file = tmp_path / "database_toy"
    file.write_text(address(owner, "first"))
    url = SecretStr(file.read_text())
    database = Database(url, passwords=Passwords("database_url", file.read_text(), file))
    fixed = Database(url)
    try:
        assert await opens(database)
        for number in range(5):
            file.write_text(address(owner, f"password-{number}"))
            os.utime(file, ns=(number + 1, number + 1))
            assert await opens(database)  # the server does not know it yet
            await told(owner, f"password-{number}")
            assert await opens(database)
            assert not await opens(fixed)
        await told(owner, "of somebody else")
        assert not await opens(database)
    finally:
        await database.dispose()
        await fixed.dispose()


@pytest.mark.parametrize("broken", ["", "no address", "postgresql+asyncpg://", "a\nb", "://:@"])
def test_passwords_half_written_keep_those_of_before(broken: str, tmp_path: Path) -> None:
    file = tmp_path / "database_toy"
    file.write_text("postgresql+asyncpg://toy:first@localhost:5432/toy")
    passwords = Passwords("database_url", file.read_text(), file)
    file.write_text(broken)
    assert "first" in passwords.each()
    file.write_text("postgresql+asyncpg://toy:second@localhost:5432/toy")
    assert passwords.each() == ("second", "first")
