"""Alembic's entry for notify's database."""

from notify.store import Base
from shared.kit.database.migrations import run_env

run_env(Base.metadata)
