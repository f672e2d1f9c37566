"""What a check has found."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """
    One line about one thing.

    Attributes:
        level: ``broken`` is something that does not work or is not safe, ``warning`` something to look at.
        part: Which part of the installation, as ``databaser``.
        what: What is so.
        remedy: What to do about it; empty when all is well.
    """

    level: Literal["ok", "warning", "broken"]
    part: str
    what: str
    remedy: str = ""


def ok(part: str, what: str) -> Finding:
    """All is well."""
    return Finding("ok", part, what)


def warning(part: str, what: str, remedy: str) -> Finding:
    """Something to look at."""
    return Finding("warning", part, what, remedy)


def broken(part: str, what: str, remedy: str) -> Finding:
    """Something that does not work or is not safe."""
    return Finding("broken", part, what, remedy)
