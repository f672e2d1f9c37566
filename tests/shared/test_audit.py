"""The audit log, on a real database."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from devtools.testing.fixtures import Databases
from shared.kit.audit import Actor, AuditLog
from shared.kit.database.engine import Database
from shared.kit.messaging.causes import Cause
from tests.shared.support.web_demo.client import NOON


class Base(SQLModel, registry=registry()):
    pass


audit_log = AuditLog(Base.metadata, {"group.cancelled": "Avlyste gruppa", "group.moved": "Flyttet gruppa"})
KARI = Actor("kari", NOON, Cause.fresh())


@pytest.fixture
async def database(database_url: Databases) -> AsyncIterator[Database]:
    database = Database(SecretStr(await database_url("audit", Base.metadata)))
    yield database
    await database.dispose()


async def test_entries_of_object_come_newest_first(database: Database) -> None:
    async with database.transaction() as session:
        await audit_log.record(session, KARI, "group.moved", "group", 1, scope="oslo", details={"to": "room-1"})
        await audit_log.record(session, KARI, "group.cancelled", "group", 1)
        await audit_log.record(session, KARI, "group.cancelled", "group", 2)
    async with database.transaction() as session:
        cancelled, moved = await audit_log.entries_of(session, "group", 1)

    assert (cancelled.action, cancelled.scope, cancelled.details) == ("group.cancelled", None, {})
    assert (moved.actor, moved.at, moved.object_id) == ("kari", NOON, "1")
    assert (moved.scope, moved.details) == ("oslo", {"to": "room-1"})
    assert audit_log.sentence(moved.action) == "Flyttet gruppa"


async def test_record_unknown_action_raises_key_error(database: Database) -> None:
    async with database.transaction() as session:
        with pytest.raises(KeyError):
            await audit_log.record(session, KARI, "group.painted", "group", 1)
        assert await audit_log.entries_of(session, "group", 1) == []


async def test_record_in_rolled_back_transaction_leaves_nothing(database: Database) -> None:
    with suppress(LookupError):
        async with database.transaction() as session:
            await audit_log.record(session, KARI, "group.moved", "group", 1)
            raise LookupError
    async with database.transaction() as session:
        assert await audit_log.entries_of(session, "group", 1) == []


async def test_delete_before_keeps_newer_entries(database: Database) -> None:
    later = Actor("ola", NOON + timedelta(days=1), Cause.fresh())
    async with database.transaction() as session:
        await audit_log.record(session, KARI, "group.moved", "group", 1)
        await audit_log.record(session, later, "group.cancelled", "group", 1)
        await audit_log.delete_before(session, later.now)
        assert [entry.actor for entry in await audit_log.entries_of(session, "group", 1)] == ["ola"]
