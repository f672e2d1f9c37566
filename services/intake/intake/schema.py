"""The migrations and tables of intake's two databases."""

from pathlib import Path
from typing import Final

from intake.store import Base
from intake.vault import tables as vault_tables

_SERVICE: Final = Path(__file__).parents[1]

MIGRATIONS: Final = _SERVICE / "migrations"
"""Scripts of the main database, ``INTAKE_DATABASE_URL``."""

KEYS_MIGRATIONS: Final = _SERVICE / "migrations_keys"
"""Scripts of the key database, ``INTAKE_KEYS_DATABASE_URL``."""

METADATA: Final = Base.metadata
KEYS_METADATA: Final = vault_tables.metadata
