"""The result of a check."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """
    One statement about one part of the installation.

    Attributes:
        level: ``broken`` does not work or is not safe; ``warning`` should be looked at.
        part: The part of the installation, such as ``databases``.
        what: The statement.
        remedy: The next step for a person; empty if nothing is needed.
    """

    level: Literal["ok", "warning", "broken"]
    part: str
    what: str
    remedy: str = ""


def ok(part: str, what: str) -> Finding:
    """Return a finding that needs no action."""
    return Finding("ok", part, what)


def warning(part: str, what: str, remedy: str) -> Finding:
    """Return a finding that should be looked at."""
    return Finding("warning", part, what, remedy)


def broken(part: str, what: str, remedy: str) -> Finding:
    """Return a finding about something that does not work or is not safe."""
    return Finding("broken", part, what, remedy)
