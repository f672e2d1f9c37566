"""Standing of a group after its start, from facts in any order of events, without its members."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final


class Standing(StrEnum):
    """Standing of a group: invited to kontaktmøter, or the reason against it."""

    ACTIVE = "active"
    NOT_STARTED = "not_started"
    ACCOMPANIED = "accompanied"
    """It has an igangsetter, and is invited only if staff choose it."""
    NOTHING_KEPT = "nothing_kept"
    """It goes on by itself and nothing is kept by which it could be reached."""
    SILENT = "silent"
    """It has not answered the yearly question whether it still meets."""
    DISSOLVED = "dissolved"


class Fact(StrEnum):
    """A fact about a group in an event of grouping."""

    STARTED = "started"
    START_REVOKED = "start_revoked"
    HANDED_OVER = "handed_over"
    KEPT_ALIVE = "kept_alive"
    EXPIRED = "expired"
    DISSOLVED = "dissolved"


CHOOSABLE: Final = frozenset({Standing.ACTIVE, Standing.ACCOMPANIED})
"""Standings of groups that staff may choose one by one."""

Memory = str
"""What is kept of the members after the handover: ``none``, ``sealed_alias`` or ``opt_in``."""


@dataclass(frozen=True)
class GroupFacts:
    """
    Facts about a group.

    Attributes:
        versions: The highest version of the group in an event that says so, by fact; the higher of two that exclude
            each other holds.
        memory: What is kept of its members; None until the handover.
    """

    versions: Mapping[Fact, int]
    memory: Memory | None = None

    def knowing(self, fact: Fact, version: int, memory: Memory | None = None) -> "GroupFacts":
        """Return the facts with one more; the order and the number of copies of events change nothing."""
        highest = max(version, self.versions.get(fact, 0))
        is_newest = version >= highest
        return replace(
            self,
            versions={**self.versions, fact: highest},
            memory=memory if memory is not None and is_newest else self.memory,
        )

    @property
    def standing(self) -> Standing:
        """The standing that follows from the facts."""
        if self._version(Fact.DISSOLVED):
            return Standing.DISSOLVED
        if self._version(Fact.EXPIRED) > self._version(Fact.KEPT_ALIVE):
            return Standing.SILENT
        handed_over = self._version(Fact.HANDED_OVER)
        if self._version(Fact.START_REVOKED) > max(self._version(Fact.STARTED), handed_over):
            return Standing.NOT_STARTED
        if not handed_over:
            return Standing.ACCOMPANIED if self._version(Fact.STARTED) else Standing.NOT_STARTED
        return Standing.NOTHING_KEPT if self.memory == "none" else Standing.ACTIVE

    def _version(self, fact: Fact) -> int:
        return self.versions.get(fact, 0)
