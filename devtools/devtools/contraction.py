"""
Find migrations that take away what the release before still uses: ``selvhjelp migrate --check-scripts`` reports them.

During an upgrade the old version runs on the new schema. So a migration expands: it adds tables, columns with a default
and indexes. What contracts waits until a release no longer uses it, and names that release:
``contracts = "0.2.0"``.
"""

import importlib.util
import io
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

from alembic.migration import MigrationContext
from alembic.operations import Operations
from packaging.version import InvalidVersion, Version

RELEASED: Final = "RELEASED"
"""A file beside the scripts with the last revision of the last release; those before it are not looked at."""

DECLARATION: Final = "contracts"

CONTRACTIONS: Final = {
    "takes a table away": r"\bDROP (TABLE|VIEW|MATERIALIZED VIEW|TYPE)\b",
    "takes a column away": r"\bDROP COLUMN\b",
    "renames": r"\bALTER (TABLE|VIEW|TYPE) .*\bRENAME\b",
    "refuses rows of the old version (NOT NULL)": r"\bALTER COLUMN \S+ SET NOT NULL\b",
    "takes a default away": r"\bALTER COLUMN \S+ DROP DEFAULT\b",
    "changes a type": r"\bALTER COLUMN \S+ (SET DATA )?TYPE\b",
    "adds a column that the old version does not fill": r"\bADD COLUMN\b(?!.*\b(DEFAULT|GENERATED)\b).*\bNOT NULL\b",
}
"""What the old version would trip over, each with its SQL."""


def contraction_faults(scripts: Path, version: str) -> list[str]:
    """
    Return a line for each migration after the last release that contracts without saying since when it may.

    Args:
        scripts: The folder of a database, with ``versions/`` and the file RELEASED.
        version: The version that is being developed; a later one can use nothing yet.
    """
    released = (scripts / RELEASED).read_text().strip()
    faults = []
    for path in sorted((scripts / "versions").glob("*.py")):
        migration = _load(path)
        if migration.revision <= released:
            continue
        contractions = list(contractions_in(migration_sql(migration)))
        if contractions and (fault := _undeclared(getattr(migration, DECLARATION, None), version)):
            faults.append(f"{path.name} {' and '.join(contractions)}: {fault}")
    return faults


def migration_sql(migration: ModuleType) -> str:
    """Return what a migration would say to PostgreSQL, without one."""
    written = io.StringIO()
    options = {"as_sql": True, "output_buffer": written}
    with Operations.context(MigrationContext.configure(dialect_name="postgresql", opts=options)):
        migration.upgrade()
    return written.getvalue()


def contractions_in(sql: str) -> Iterator[str]:
    """Yield what in these statements takes something away, each kind once."""
    statements = [" ".join(statement.split()) for statement in re.sub(r"--[^\n]*", "", sql).split(";")]
    for name, pattern in CONTRACTIONS.items():
        if any(re.search(pattern, statement, re.IGNORECASE) for statement in statements):
            yield name


def _undeclared(declared: object, version: str) -> str | None:
    if declared is None:
        return f'expand only, or say since which release nothing uses it: {DECLARATION} = "…"'
    try:
        since = Version(str(declared))
    except InvalidVersion:
        return f"{DECLARATION} must name a release, as 0.2.0"
    return f"{DECLARATION} names a release that is not there yet" if since > Version(version) else None


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"migration_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
