"""The compared rules: when groups are formed, and for how long others can join."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

SIZE_MIN: Final = 5
SIZE_MAX: Final = 8
NOTICE_DAYS: Final = 14.0
"""From the forming of a group to its start meeting, and the one extension of a group that is too small then."""


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One way to form groups.

    Attributes:
        label: The heading in the table.
        quorum: Number of people who must fit a cell before a group is formed. :data:`SIZE_MIN` must come in any case.
        size_max: The largest size of a group.
        free_seats: True if others can join until the start meeting, and a group that is too small then gets one
            extension.
        every_days: The interval at which groups are formed; None forms them at once.
    """

    label: str
    quorum: int = SIZE_MIN
    size_max: int = SIZE_MAX
    free_seats: bool = True
    every_days: float | None = None


RULES: Final = MappingProxyType(
    {
        "open": Rule("five, open"),
        "closed": Rule("five, closed", size_max=SIZE_MIN, free_seats=False),
        "eight": Rule("eight", quorum=SIZE_MAX),
        "monthly": Rule("monthly", every_days=30.0),
    }
)
