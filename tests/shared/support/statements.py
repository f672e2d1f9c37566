"""The statements that a database is sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from shared.kit.database.engine import Database

BEFORE = "before_cursor_execute"


@contextmanager
def statements_of(database: Database) -> Iterator[list[str]]:
    """Record the statements of a database, those of transactions and those alone, for as long as the context lasts."""
    statements: list[str] = []
    heard: Any = None

    def note(_connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        nonlocal heard
        if cursor is not heard:  # what the second engine sends, listeners of the first may hear too
            statements.append(statement)
        heard = cursor

    engines = [engine.sync_engine for engine in database.engines]
    for engine in engines:
        sa.event.listen(engine, BEFORE, note)
    try:
        yield statements
    finally:
        for engine in engines:
            sa.event.remove(engine, BEFORE, note)
