"""
Restore databases from a backup, and bring them up to date before a service serves.

The services are stopped meanwhile. What happened since comes back as far as it is kept elsewhere: the erasures from the
journal at the broker, the events from the outboxes of the databases that were not restored.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from notify.domain.delivery import HELD_AT_MOST
from selvhjelp.console import CommandError
from selvhjelp.installation import DATABASES, Installation
from selvhjelp.operations.backups import files, rows
from selvhjelp.operations.backups.backup import KEYS, dsn_of
from selvhjelp.operations.connections import connect_once
from selvhjelp.operations.replay import replay
from selvhjelp.operations.streams import provide_streams
from shared.kit.database.connect import connect
from shared.kit.database.migrations import upgrade
from shared.kit.database.scripts import migration_scripts
from shared.kit.messaging.journal import entries

_HOLD: Final = """
    UPDATE mails SET held_due_at = coalesce(next_at, now()), worker = NULL, sending_since = NULL,
        status = CASE status WHEN 'sending' THEN 'retry' ELSE status END,
        next_at = greatest(next_at, now()) + $1::interval
    WHERE (status IN ('queued', 'retry') OR status = 'sending') AND held_due_at IS NULL
      AND coalesce(next_at, now()) <= now()
    RETURNING id
"""


async def restore(
    installation: Installation,
    name: str,
    directory: Path,
    keys_directory: Path,
    identity: Path,
    databases: Sequence[str],
    say: Callable[[str], None],
) -> list[str]:
    """
    Fill empty databases from a backup; return the ids of the mails that are held, since they may have left since.

    Args:
        installation: The installation, with the roles that own the tables; its services are stopped.
        name: The backup, as its files begin.
        directory: Where the files are.
        keys_directory: Where that of the keys is.
        identity: The file with the secret key.
        databases: Those to restore.
        say: Called with one line for each step.

    Raises:
        CommandError: A database has rows, a file is missing or broken, or the key does not open it.
    """
    key = files.identity(identity)
    for database in databases:
        await _require_empty(installation, database)
    for database in databases:
        folder = keys_directory if database == KEYS else directory
        path = folder / f"{name}.{database}{files.SUFFIX}"
        if not path.exists():
            raise CommandError(f"there is no {path}")
        say(f"{database:<12} {await _load(installation, database, path, key)} tables")
    await provide_streams(installation)
    if KEYS in databases or "intake" in databases:
        say(f"{KEYS:<12} {await _apply_journal(installation)} erasures of the journal at the broker")
    held = await _hold_due_mails(installation) if "notify" in databases else []
    if not sends_again(databases):
        say("no events are sent again: notify would mail once more what it mailed since the backup")
        return held
    for publisher, count in (await replay(installation, None, None)).items():
        say(f"{publisher:<12} {count} events are sent again")
    return held


def sends_again(databases: Sequence[str]) -> bool:
    """Return False if notify goes back and the others do not: their events since then have made mails that left."""
    return "notify" not in databases or set(databases) == set(DATABASES)


async def _require_empty(installation: Installation, database: str) -> None:
    connection = await connect(dsn_of(installation, database))
    try:
        if filled := await rows.filled(connection):
            raise CommandError(f"{database} has rows in {', '.join(filled)}; make it anew (docs/operations/backup.md)")
    finally:
        await connection.close()


async def _load(installation: Installation, database: str, path: Path, key: Any) -> int:
    url, scripts = installation.database_url(database), migration_scripts(database)
    with files.reading(path, key) as archive:
        first, content = next(archive)
        head: dict[str, Any] = json.loads(content) if first == files.MANIFEST else {}
        if head.get("database") != database:
            raise CommandError(f"{path.name} is no backup of {database}")
        if await upgrade(url, scripts, head["revision"]) != head["revision"]:
            raise CommandError(f"the tables of {database} are newer than the backup; make the database anew first")
        connection = await connect(dsn_of(installation, database))
        try:
            async with connection.transaction():
                for table, filled in archive:
                    await rows.write(connection, table, head["columns"][table], filled)
                await rows.set_sequences(connection, head["sequences"])
        finally:
            await connection.close()
    await upgrade(url, scripts)
    return len(head["columns"])


async def _apply_journal(installation: Installation) -> int:
    """Delete the keys of people erased since the backup; intake erases the rest before it serves."""
    client = await connect_once(installation.nats_url, installation.operator)
    try:
        erased = [(event.person_id, event.occurred_at) async for event in entries(client, None)]
    finally:
        await client.close()
    connection = await connect(dsn_of(installation, KEYS))
    try:
        async with connection.transaction():
            before = await connection.fetchval("SELECT count(*) FROM erasures")
            await connection.executemany(
                "INSERT INTO erasures (person_id, erased_at) VALUES ($1, $2) ON CONFLICT DO NOTHING", erased
            )
            await connection.execute("DELETE FROM person_keys WHERE person_id IN (SELECT person_id FROM erasures)")
            return int(await connection.fetchval("SELECT count(*) FROM erasures")) - int(before)
    finally:
        await connection.close()


async def _hold_due_mails(installation: Installation) -> list[str]:
    """Hold the mails that were due since the backup: nobody knows here whether they have left."""
    connection = await connect(dsn_of(installation, "notify"))
    try:
        return [str(row[0]) for row in await connection.fetch(_HOLD, HELD_AT_MOST)]
    finally:
        await connection.close()


def chosen(databases: Sequence[str]) -> list[str]:
    """
    Return the databases to restore, all if none is named.

    Raises:
        CommandError: One of them is none.
    """
    unknown = sorted(set(databases) - set(DATABASES))
    if unknown:
        raise CommandError(f"{', '.join(unknown)} is no database; write some of {', '.join(DATABASES)}")
    return [name for name in DATABASES if not databases or name in databases]
