"""The key-encryption keys by which something is wrapped."""

import sqlalchemy as sa

from intake.vault.tables import group_keys, person_keys
from selvhjelp.installation import Installation
from shared.kit.database.engine import Database


async def kek_ids(installation: Installation) -> set[str]:
    """Return the ids of the key-encryption keys that the key of a person or group is wrapped by."""
    database = Database(installation.database_url("intake_keys"))
    try:
        async with database.transaction() as session:
            query = sa.union(sa.select(person_keys.c.kek_id), sa.select(group_keys.c.kek_id))
            return set(await session.scalars(query))
    finally:
        await database.dispose()
