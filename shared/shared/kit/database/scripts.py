"""The Alembic scripts of a database in a working copy; apart from `migrations`, which imports Alembic."""

import importlib.util
from pathlib import Path


def migration_scripts(database: str) -> Path:
    """
    Return the folder with the Alembic scripts of a database.

    Args:
        database: ``<package>`` for ``migrations/`` beside that package, ``<package>_<part>`` for its
            ``migrations_<part>/``.

    Raises:
        LookupError: No such package is installed, or no scripts are beside it.
    """
    package, _, part = database.partition("_")
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise LookupError(f"no package {package} is installed")
    scripts = Path(spec.origin).parent.parent / "_".join(filter(None, ("migrations", part)))
    if not scripts.is_dir():
        raise LookupError(f"no migrations of {database} are beside its package")
    return scripts
