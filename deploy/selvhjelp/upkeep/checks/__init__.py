"""What is wrong with an installation, in plain words."""

from selvhjelp.upkeep.checks.everything import check
from selvhjelp.upkeep.checks.finding import Finding

__all__ = ["Finding", "check"]
