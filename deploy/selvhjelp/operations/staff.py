"""Who on the staff may sign in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from devtools.local.process import LocalError
from intake.store import Base
from intake.usecases.staff import add_staff, disable_staff
from selvhjelp.installation import Installation
from shared.errors import DomainError
from shared.kit.database.engine import Database
from shared.reference import centres


async def add(installation: Installation, name: str, password: str, roles: list[str], of: list[str]) -> None:
    """Give somebody access, or new access in place of the old."""
    file = installation.value("INTAKE_CENTRES_FILE")
    known = centres.load(Path(file) if file else None)
    if unknown := sorted(set(of) - {centre.id for centre in known.all}):
        raise LocalError(f"ukjent senter: {', '.join(unknown)}; her er {', '.join(c.id for c in known.all)}")
    try:
        async with _session(installation) as session:
            await add_staff(session, name, password, roles, of, datetime.now(UTC))
    except DomainError as error:
        said = {"password_length": "passordet må ha minst 12 tegn", "no_such_role": "ukjent rolle"}
        raise LocalError(said.get(error.slug, error.slug)) from None


async def disable(installation: Installation, name: str) -> bool:
    """Take somebody's access away at once; whether there was somebody of that name."""
    async with _session(installation) as session:
        return await disable_staff(session, name, datetime.now(UTC))


async def everybody(installation: Installation) -> list[dict[str, Any]]:
    """All users, by name."""
    users = Base.metadata.tables["staff_users"]
    columns = (users.c.username, users.c.roles, users.c.centres, users.c.created_at, users.c.disabled_at)
    async with _session(installation) as session:
        return [dict(row) for row in (await session.execute(sa.select(*columns).order_by("username"))).mappings()]


@asynccontextmanager
async def _session(installation: Installation) -> AsyncIterator[AsyncSession]:
    database = Database(installation.database_url("intake"))
    try:
        async with database.transaction() as session:
            yield session
    finally:
        await database.dispose()
