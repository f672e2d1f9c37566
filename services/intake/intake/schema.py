"""Where the migrations of intake's two databases are."""

from pathlib import Path
from typing import Final

from intake import vault
from intake.store import Base

_SERVICE: Final = Path(__file__).parents[1]

MIGRATIONS: Final = _SERVICE / "migrations"
"""People, sign-ups and all else; ``INTAKE_DATABASE_URL``."""

KEYS_MIGRATIONS: Final = _SERVICE / "migrations_keys"
"""The person keys; ``INTAKE_KEYS_DATABASE_URL``."""

METADATA: Final = Base.metadata
KEYS_METADATA: Final = vault.metadata
