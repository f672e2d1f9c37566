"""Tables and the first staff user of new databases; apart from `databases`, since its imports take a second."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from intake.usecases.staff import add_staff
from selvhjelp.operations.sessions import database_session
from shared.kit.database.migrations import upgrade


async def migrate(scripts: Mapping[str, Path]) -> None:
    """Bring the database at each address up to date with its scripts."""
    for url, folder in scripts.items():
        await upgrade(SecretStr(url), folder)


async def add_staff_user(intake_url: str, username: str, password: str) -> None:
    """Add a user with every role at all centres."""
    async with database_session(SecretStr(intake_url)) as session:
        await add_staff(session, username, password, ("koordinator", "admin"), (), datetime.now(UTC), all_centres=True)
