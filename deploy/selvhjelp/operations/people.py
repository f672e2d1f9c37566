"""One person, everywhere: what is known, and that it is forgotten."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from devtools.local.process import LocalError
from intake.domain.form import index_form
from intake.store import Base as IntakeBase
from intake.store import people
from intake.usecases.contacts import export_person
from intake.usecases.erase import erase_person
from intake.vault import Forgotten, Kek, Vault, erasures, person_keys
from selvhjelp.installation import Installation
from selvhjelp.operations.migrate import tables
from shared.errors import DomainError
from shared.kit.clock import clock_from
from shared.kit.database.engine import Database
from shared.kit.messaging.causes import Cause

OTHERS: Final = ("grouping", "notify")
KEPT: Final = frozenset({"forgotten", "erasures", "contact_readings"})
"""Tables that hold the opaque id on purpose after somebody is forgotten: that they are, and who had read what."""

LOOK_SECONDS: Final = 0.2
READER: Final = "selvhjelp export"


@dataclass
class Receipt:
    """
    What an erasure has come to.

    Attributes:
        known: Whether intake knew the person, or had forgotten them before.
        erased_at: When they were first forgotten, as the journal has it.
        key_destroyed: Whether there is no key any more, so that copies in backups are unreadable.
        left: Rows about them that are still there, by ``service.table``.
        waiting_for: Services that have not heard of it yet.
    """

    person_id: UUID
    known: bool
    erased_at: datetime
    key_destroyed: bool = False
    left: dict[str, int] = field(default_factory=dict)
    waiting_for: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether nothing is left anywhere."""
        return self.key_destroyed and not self.left and not self.waiting_for


async def find_by_email(installation: Installation, email: str) -> UUID | None:
    """The person with that address; it is compared by its blind index and goes nowhere."""
    try:
        spelled = index_form(email)
    except ValueError:
        raise LocalError("det er ikke en e-postadresse") from None
    async with _intake(installation) as (session, vault):
        known = IntakeBase.metadata.tables["people"]
        index = vault.index("email", spelled)
        found: UUID | None = await session.scalar(sa.select(known.c.person_id).where(known.c.email_index == index))
        return found


async def export(installation: Installation, person_id: UUID) -> dict[str, Any] | None:
    """All that the three services have about somebody, as JSON takes it; None where intake does not know them."""
    try:
        async with _intake(installation) as (session, vault):
            found = await export_person(session, vault, person_id, reader=READER, now=_now(installation))
    except (DomainError, Forgotten):
        return None
    for service in OTHERS:
        found[service] = await _rows_about(installation, service, person_id)
    return found


async def erase(installation: Installation, person_id: UUID, wait_seconds: float) -> Receipt:
    """
    Forget somebody here and wait until grouping and notify have forgotten them too. May be repeated.

    What is left after the wait is in the receipt; the services go on by themselves when they run.
    """
    receipt = Receipt(person_id, known=False, erased_at=_now(installation))
    async with _intake(installation) as (session, vault):
        receipt.known = person_id in await people.existing(session, [person_id]) | await people.journal(session)
        if receipt.known:  # a line in the journal about nobody would stay there for ever
            await erase_person(session, vault, person_id, now=receipt.erased_at, cause=Cause.fresh())
    deadline = time.monotonic() + wait_seconds
    while True:
        await _look(installation, receipt)
        if receipt.complete or time.monotonic() > deadline:
            return receipt
        await asyncio.sleep(LOOK_SECONDS)


async def _look(installation: Installation, receipt: Receipt) -> None:
    async with _transaction(installation, "intake_keys") as session:
        key = sa.select(sa.func.count()).where(person_keys.c.person_id == receipt.person_id)
        receipt.key_destroyed = await session.scalar(key) == 0
        noted = sa.select(erasures.c.erased_at).where(erasures.c.person_id == receipt.person_id)
        receipt.erased_at = await session.scalar(noted) or receipt.erased_at
    receipt.left, receipt.waiting_for = {}, []
    for service in ("intake", *OTHERS):
        async with _transaction(installation, service) as session:
            for table in _tables_about(service):
                count = sa.select(sa.func.count()).select_from(table).where(table.c.person_id == receipt.person_id)
                if rows := await session.scalar(count):
                    receipt.left[f"{service}.{table.name}"] = rows
            if service in OTHERS and receipt.known and not await _has_heard(session, service, receipt.person_id):
                receipt.waiting_for.append(service)


async def _has_heard(session: AsyncSession, service: str, person_id: UUID) -> bool:
    forgotten = tables(service).tables["forgotten"]
    return bool(await session.scalar(sa.select(sa.exists().where(forgotten.primary_key.columns[0] == person_id))))


async def _rows_about(installation: Installation, service: str, person_id: UUID) -> dict[str, list[dict[str, Any]]]:
    found = {}
    async with _transaction(installation, service) as session:
        for table in _tables_about(service):
            rows = await session.execute(sa.select(table).where(table.c.person_id == person_id))
            found[table.name] = [dict(row) for row in rows.mappings()]
    return found


def _tables_about(service: str) -> list[sa.Table]:
    return [table for table in tables(service).sorted_tables if "person_id" in table.c and table.name not in KEPT]


def _now(installation: Installation) -> datetime:
    return clock_from(installation.value("INTAKE_CLOCK")).now()


@asynccontextmanager
async def _transaction(installation: Installation, database: str) -> AsyncIterator[AsyncSession]:
    opened = Database(installation.database_url(database))
    try:
        async with opened.transaction() as session:
            yield session
    finally:
        await opened.dispose()


@asynccontextmanager
async def _intake(installation: Installation) -> AsyncIterator[tuple[AsyncSession, Vault]]:
    try:
        kek = Kek.parse(installation.secret("INTAKE_KEY_ENCRYPTION_KEY").get_secret_value())
    except ValueError as error:
        raise LocalError(f"INTAKE_KEY_ENCRYPTION_KEY: {error}") from None
    keys = Database(installation.database_url("intake_keys"))
    try:
        vault = Vault(keys.transaction, kek, installation.secret("INTAKE_BLIND_INDEX_KEY"))
        async with _transaction(installation, "intake") as session:
            yield session, vault
    finally:
        await keys.dispose()
