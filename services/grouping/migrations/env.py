"""Alembic's entry for grouping's database."""

from grouping.store import Base
from shared.kit.migrations import run_env

run_env(Base.metadata)
