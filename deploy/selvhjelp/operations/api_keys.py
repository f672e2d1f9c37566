"""Add, list and revoke the keys for the centres' own servers."""

from datetime import UTC, datetime
from pathlib import Path

from intake.store import ApiKey
from intake.store import api_keys as store
from intake.usecases import api_keys
from selvhjelp.console import CommandError
from selvhjelp.installation import Installation
from selvhjelp.operations.sessions import database_session
from selvhjelp.operations.staff import record_event
from shared.kit.security_events import SecurityKind
from shared.reference import centres


async def add(installation: Installation, centre: str) -> str:
    """
    Add a key of a centre, and return it.

    Raises:
        CommandError: The centre is unknown.
    """
    file = installation.value("INTAKE_CENTRES_FILE")
    known = [each.id for each in centres.load(Path(file) if file else None).all]
    if centre not in known:
        raise CommandError(f"unknown centre: {centre}; choose from {', '.join(known)}")
    async with database_session(installation.database_url("intake")) as session:
        await record_event(session, SecurityKind.KEY_CHANGED)
        return await api_keys.add(session, centre, datetime.now(UTC))


async def list_all(installation: Installation) -> list[ApiKey]:
    """Return all keys, those of one centre together."""
    async with database_session(installation.database_url("intake")) as session:
        return list(await store.all_keys(session))


async def revoke(installation: Installation, centre: str) -> int:
    """Revoke all keys of a centre at once, and return their number."""
    async with database_session(installation.database_url("intake")) as session:
        number = await store.revoke(session, centre, datetime.now(UTC))
        if number:
            await record_event(session, SecurityKind.KEY_CHANGED)
        return number
