# ruff: noqa: INP001
"""Alembic's entry for the key database."""

from intake.vault.tables import metadata
from shared.kit.database.migrations import run_env

run_env(metadata)
