"""Alembic's entry for intake's own database."""

from intake.store import Base
from shared.kit.database.migrations import run_env

run_env(Base.metadata)
