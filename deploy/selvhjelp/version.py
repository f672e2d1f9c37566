"""The version of this installation, as `selvhjelp --version` prints it."""

import os
from importlib.metadata import version


def version_text() -> str:
    """Return the version; an image knows also the revision of the sources that it was built from."""
    number = os.environ.get("SELVHJELP_VERSION") or version("selvhjelp")
    revision = os.environ.get("SELVHJELP_REVISION", "unknown")
    return f"selvhjelp {number}" + ("" if revision in ("", "unknown") else f" ({revision})")
