"""Checks of an installation; each returns findings in plain words."""

from selvhjelp.operations.checks.everything import check
from selvhjelp.operations.checks.finding import Finding

__all__ = ["Finding", "check"]
