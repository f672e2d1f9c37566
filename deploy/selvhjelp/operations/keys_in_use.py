"""The key-encryption keys by which something is wrapped."""

from typing import Final

import sqlalchemy as sa
from sqlmodel import col

from intake.store.staff_tables import StaffTotp
from intake.vault.tables import group_keys, person_keys
from selvhjelp.installation import Installation
from selvhjelp.operations.sessions import database_session

_WRAPPED: Final[tuple[tuple[str, sa.Executable], ...]] = (
    ("intake_keys", sa.union(sa.select(person_keys.c.kek_id), sa.select(group_keys.c.kek_id))),
    ("intake", sa.select(col(StaffTotp.kek_id)).distinct()),
)


async def kek_ids(installation: Installation) -> set[str]:
    """Return the ids of the keys by which keys of people and groups, and secrets of code apps, are wrapped."""
    found: set[str] = set()
    for name, query in _WRAPPED:
        async with database_session(installation.database_url(name)) as session:
            found |= set(await session.scalars(query))
    return found
