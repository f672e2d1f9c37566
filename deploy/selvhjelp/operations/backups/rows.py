"""
Copy the rows of a database, as text, in one snapshot; and into empty tables.

The tables themselves are not copied: the migrations make them, with their rights, at the revision of the copy.
"""

import io
from graphlib import TopologicalSorter
from typing import Any, Final, TypeAlias

import asyncpg

LEFT_OUT: Final = frozenset(
    {
        "alembic_version",
        "account_sessions",
        "limit_hits",
        "page_sessions",
        "staff_sessions",
        "known_streams",
        "newest_backup",
    }
)
"""
Tables that a restored database begins without: whoever has signed out since must not be signed in again, and the
state of the streams is read anew.
"""

_TABLES: Final = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
_REFERENCES: Final = """
    SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
    WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND conrelid <> confrelid
"""
_COLUMNS: Final = """
    SELECT attname FROM pg_attribute
    WHERE attrelid = to_regclass(quote_ident($1)) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
    ORDER BY attnum
"""
_SEQUENCES: Final = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"

Connection: TypeAlias = "asyncpg.Connection[Any]"


async def tables(connection: Connection) -> list[str]:
    """Return the tables that are copied, each after those that it refers to."""
    names = {row[0] for row in await connection.fetch(_TABLES)} - LEFT_OUT
    order = TopologicalSorter({name: set[str]() for name in sorted(names)})
    for child, parent in await connection.fetch(_REFERENCES):
        if {child, parent} <= names:
            order.add(child, parent)
    return list(order.static_order())


async def columns(connection: Connection, table: str) -> list[str]:
    """Return the columns of a table that can be written."""
    return [row[0] for row in await connection.fetch(_COLUMNS, table)]


async def read(connection: Connection, table: str, names: list[str]) -> bytes:
    """Return all rows of a table, in the text format of COPY."""
    rows = io.BytesIO()
    await connection.copy_from_table(table, columns=names, output=rows, format="text")
    return rows.getvalue()


async def sequences(connection: Connection) -> dict[str, int | None]:
    """Return the last value of each sequence; None if it was never used."""
    return {row[0]: row[1] for row in await connection.fetch(_SEQUENCES)}


async def filled(connection: Connection) -> list[str]:
    """Return the tables that have rows."""
    names = await tables(connection)
    return [name for name in names if await connection.fetchval(f'SELECT EXISTS (SELECT FROM "{name}")')]  # noqa: S608 - of the catalogue


async def write(connection: Connection, table: str, names: list[str], rows: bytes) -> None:
    """Write rows as :func:`read` gives them, without triggers, which ran when the row was first written."""
    await connection.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
    await connection.copy_to_table(table, source=io.BytesIO(rows), columns=names, format="text")
    await connection.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')


async def set_sequences(connection: Connection, values: dict[str, int | None]) -> None:
    """Set each sequence to the last value that the backup has of it."""
    for name, value in values.items():
        if value is not None:
            await connection.execute("SELECT setval(to_regclass(quote_ident($1)), $2)", name, value)
