"""Export and erase one person in all services."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.form import canonical_email
from intake.store import Base as IntakeBase
from intake.store import people
from intake.usecases.erase import erase_on_request
from intake.usecases.export import export_person
from intake.vault.kek import Kek
from intake.vault.person_key import PersonKeyMissing
from intake.vault.tables import erasures, person_keys
from intake.vault.vault import Vault
from selvhjelp.console import CommandError
from selvhjelp.installation import Installation
from selvhjelp.operations.migrate import tables
from selvhjelp.operations.personal_data import register
from selvhjelp.operations.sessions import database_session
from shared.errors import NotFoundError
from shared.kit.clock import clock_from
from shared.kit.database.engine import Database
from shared.kit.messaging.causes import Cause
from shared.reference.personal_data import Erasure, Rows

OTHERS: Final = ("grouping", "notify")
DELETED: Final = frozenset({Erasure.DELETED})
"""The effect of an erasure on the tables in which no row about the person may be left."""

EXPORTED: Final = DELETED | {Erasure.TAKEN_OUT}
"""The effects of an erasure on the tables that an export shows."""

LOOK_SECONDS: Final = 0.2
READER: Final = "selvhjelp export"


@dataclass
class Receipt:
    """
    The progress of an erasure.

    Attributes:
        known: Whether intake had the person, now or before an earlier erasure.
        erased_at: Time of the first erasure, from the journal.
        key_destroyed: Whether the person's key is gone, so that copies in backups are unreadable.
        left: Rows about the person that still exist, by ``service.table``.
        waiting_for: Services that have not handled the erasure yet.
    """

    person_id: UUID
    known: bool
    erased_at: datetime
    key_destroyed: bool = False
    left: dict[str, int] = field(default_factory=dict)
    waiting_for: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """True if no service has anything left."""
        return self.key_destroyed and not self.left and not self.waiting_for


async def find_by_email(installation: Installation, email: str) -> UUID | None:
    """
    Return the person with an e-mail address, compared by its blind index.

    Raises:
        CommandError: The text is not an address, or several people have it.
    """
    try:
        normalised = canonical_email(email)
    except ValueError:
        raise CommandError("that is not an e-mail address; write it as name@example.org") from None
    async with _intake(installation) as (session, vault):
        table = IntakeBase.metadata.tables["people"]
        index = vault.index("email", normalised)
        query = sa.select(table.c.person_id).where(table.c.address_index == index).order_by(table.c.created_at)
        person_ids = (await session.scalars(query)).all()
    if len(person_ids) > 1:
        raise CommandError(f"several people have that address; choose an id: {', '.join(map(str, person_ids))}")
    return person_ids[0] if person_ids else None


async def export(installation: Installation, person_id: UUID) -> dict[str, Any] | None:
    """
    Return the data of all three services about a person, ready for JSON; None if intake does not have them.

    Of each table of which the register says that an erasure reaches it, except what it withholds.
    """
    try:
        async with _intake(installation) as (session, vault):
            document = await export_person(session, vault, person_id, reader=READER, now=_now(installation))
    except (NotFoundError, PersonKeyMissing):
        return None
    for service in OTHERS:
        document[service] = await _rows_about(installation, service, person_id)
    return document


async def erase(installation: Installation, person_id: UUID, wait_seconds: float) -> Receipt:
    """
    Erase a person in intake and wait until grouping and notify have erased them too. May be repeated.

    The receipt lists what is left after the wait; the services finish it by themselves while they run.
    """
    receipt = Receipt(person_id, known=False, erased_at=_now(installation))
    async with _intake(installation) as (session, vault):
        receipt.known = person_id in await people.existing(session, [person_id]) | await people.erased(session)
        if receipt.known:  # a journal entry about an unknown id would stay there for ever
            await erase_on_request(session, vault, person_id, now=receipt.erased_at, cause=Cause.fresh())
    deadline = time.monotonic() + wait_seconds
    while True:
        await _update(installation, receipt)
        if receipt.complete or time.monotonic() > deadline:
            return receipt
        await asyncio.sleep(LOOK_SECONDS)


async def _update(installation: Installation, receipt: Receipt) -> None:
    async with database_session(installation.database_url("intake_keys")) as session:
        key = sa.select(sa.func.count()).where(person_keys.c.person_id == receipt.person_id)
        receipt.key_destroyed = await session.scalar(key) == 0
        journal = sa.select(erasures.c.erased_at).where(erasures.c.person_id == receipt.person_id)
        receipt.erased_at = await session.scalar(journal) or receipt.erased_at
    receipt.left, receipt.waiting_for = {}, []
    for service in ("intake", *OTHERS):
        async with database_session(installation.database_url(service)) as session:
            for table, is_about in _tables_about(service, receipt.person_id, DELETED):
                count = sa.select(sa.func.count()).select_from(table).where(is_about)
                if rows := await session.scalar(count):
                    receipt.left[f"{service}.{table.name}"] = rows
            if service in OTHERS and receipt.known and not await _has_erased(session, service, receipt.person_id):
                receipt.waiting_for.append(service)


async def _has_erased(session: AsyncSession, service: str, person_id: UUID) -> bool:
    forgotten = tables(service).tables["forgotten"]
    return bool(await session.scalar(sa.select(sa.exists().where(forgotten.primary_key.columns[0] == person_id))))


async def _rows_about(installation: Installation, service: str, person_id: UUID) -> dict[str, list[dict[str, Any]]]:
    rows_by_table = {}
    async with database_session(installation.database_url(service)) as session:
        for table, is_about in _tables_about(service, person_id, EXPORTED, exported=True):
            rows = await session.execute(sa.select(table).where(is_about))
            rows_by_table[table.name] = [dict(row) for row in rows.mappings()]
    return rows_by_table


def _tables_about(
    service: str, person_id: UUID, at_erasure: Collection[Erasure], *, exported: bool = False
) -> Iterator[tuple[sa.Table, sa.ColumnElement[bool]]]:
    """
    Yield each table on whose rows an erasure has one of these effects, and the condition for those about a person.

    By the register: a row is about the person if a column says so, or if it refers to a row of which that is true, as
    a seat's part in a meeting.
    """
    entries = {rows.table: rows for rows in register(service)}
    for table in tables(service).sorted_tables:
        if entries[table.name].at_erasure not in at_erasure or (exported and entries[table.name].withheld):
            continue
        if own := _is_about(table, entries[table.name], person_id):
            yield table, sa.or_(*own)
            continue
        for key in table.foreign_keys:
            if of_owner := _is_about(key.column.table, entries[key.column.table.name], person_id):
                yield table, key.parent.in_(sa.select(key.column).where(sa.or_(*of_owner)))


def _is_about(table: sa.Table, rows: Rows, person_id: UUID) -> list[sa.ColumnElement[bool]]:
    return [
        sa.literal(person_id) == sa.any_(table.c[name])
        if isinstance(table.c[name].type, sa.ARRAY)
        else table.c[name] == person_id
        for name in rows.of
    ]


def _now(installation: Installation) -> datetime:
    return clock_from(installation.value("INTAKE_CLOCK")).now()


@asynccontextmanager
async def _intake(installation: Installation) -> AsyncIterator[tuple[AsyncSession, Vault]]:
    try:
        kek = Kek.parse(installation.secret("INTAKE_KEY_ENCRYPTION_KEY").get_secret_value())
    except ValueError as error:
        raise CommandError(f"INTAKE_KEY_ENCRYPTION_KEY: {error}") from None
    keys = Database(installation.database_url("intake_keys"))
    try:
        vault = Vault(keys.transaction, kek, installation.secret("INTAKE_BLIND_INDEX_KEY"))
        async with database_session(installation.database_url("intake")) as session:
            yield session, vault
    finally:
        await keys.dispose()
