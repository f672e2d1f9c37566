"""Where a service keeps its migrations in a working copy."""

import importlib.util
from pathlib import Path

from devtools.local.process import LocalError


def migration_scripts(database: str) -> Path:
    """
    The folder with the Alembic scripts of a database.

    Args:
        database: the service's name for `migrations/` beside its package; `intake_keys` for its `migrations_keys/`

    """
    package, _, part = database.partition("_")
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise LocalError(f"there is no service {package}")
    scripts = Path(spec.origin).parent.parent / "_".join(filter(None, ("migrations", part)))
    if not scripts.is_dir():
        raise LocalError(f"there are no migrations for {database}")
    return scripts
