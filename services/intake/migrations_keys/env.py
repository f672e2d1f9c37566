# ruff: noqa: INP001
"""Alembic's entry for the database of the person keys."""

from intake import vault
from shared.kit.database.migrations import run_env

run_env(vault.metadata)
