"""Write a backup of all databases at one moment."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tarfile import TarFile
from typing import Final

from asyncpg import PostgresError

from selvhjelp.installation import DATABASES, Installation
from selvhjelp.operations.backups import files, rows
from selvhjelp.operations.backups.moment import same_moment
from selvhjelp.operations.backups.rows import Connection
from selvhjelp.version import version_text
from shared.kit.database.connect import connect

KEYS: Final = "intake_keys"
NAME: Final = "%Y%m%dT%H%M%SZ"
NOTED_IN: Final = "intake"
_NOTE: Final = """
    INSERT INTO newest_backup (id, taken_at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET taken_at = excluded.taken_at
"""


async def backup(
    installation: Installation,
    directory: Path,
    keys_directory: Path,
    recipients: list[str],
    *,
    keep: timedelta,
    keep_keys: timedelta,
    say: Callable[[str], None],
) -> str:
    """
    Write one encrypted file for each database, then delete those that are too old; return the name of the backup.

    Args:
        installation: The installation, with the roles that own the tables.
        directory: Where the files go.
        keys_directory: Where that of the keys goes, apart from the others.
        recipients: Public keys of age.
        keep: How old files become.
        keep_keys: The same for the keys.
        say: Called with one line for each file.
    """
    keys = [files.recipient(text) for text in recipients]
    for folder in (directory, keys_directory):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    dsns = {name: dsn_of(installation, name) for name in DATABASES}
    started = time.monotonic()
    async with same_moment(dsns) as readers:
        at = datetime.now(UTC)
        name = at.strftime(NAME)
        for database, reader in readers.items():
            path = (keys_directory if database == KEYS else directory) / f"{name}.{database}{files.SUFFIX}"
            with files.writing(path, keys) as archive:
                count = await _write(reader, archive, database, at)
            say(f"{database:<12} {count} tables, {path.stat().st_size} bytes")
    for folder, age in ((directory, keep), (keys_directory, keep_keys)):
        for old in _older(folder, at - age, of_keys=folder == keys_directory and folder != directory):
            old.unlink()
            say(f"deleted {old.name}")
    # Last: what cannot be noted, as in a database that is older than this command, is a backup all the same.
    try:
        await _note(dsns[NOTED_IN], at)
    except (PostgresError, OSError) as error:
        say(f"not noted in {NOTED_IN}, where its age is measured: {type(error).__name__}")
    say(f"all at {at.isoformat(timespec='seconds')}, in {time.monotonic() - started:.1f} s")
    return name


async def _note(dsn: str, at: datetime) -> None:
    """Note in the database of intake when the backup was taken; its metrics tell it."""
    connection = await connect(dsn)
    try:
        await connection.execute(_NOTE, at)
    finally:
        await connection.close()


def dsn_of(installation: Installation, database: str) -> str:
    """Return the address of a database for asyncpg."""
    return installation.database_url(database).get_secret_value().replace("+asyncpg", "", 1)


async def _write(reader: Connection, archive: TarFile, database: str, at: datetime) -> int:
    tables = await rows.tables(reader)
    revision = await reader.fetchval("SELECT version_num FROM alembic_version")
    columns = {table: await rows.columns(reader, table) for table in tables}
    head = {
        "database": database,
        "at": at.isoformat(),
        "revision": revision,
        "version": version_text(),
        "columns": columns,
        "sequences": await rows.sequences(reader),
    }
    files.add(archive, files.MANIFEST, files.manifest(head))
    for table in tables:
        files.add(archive, table, await rows.read(reader, table, columns[table]))
    return len(tables)


def _older(folder: Path, than: datetime, *, of_keys: bool) -> list[Path]:
    oldest = than.strftime(NAME)
    names = [f"*.{database}{files.SUFFIX}" for database in DATABASES if (database == KEYS) == of_keys]
    return [path for pattern in names for path in sorted(folder.glob(pattern)) if path.name.partition(".")[0] < oldest]
