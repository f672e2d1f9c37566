"""Alembic's entry for grouping's database."""

from grouping.store import Base
from shared.kit.database.migrations import run_env

run_env(Base.metadata)
