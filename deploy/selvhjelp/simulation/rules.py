"""When groups are made and for how long they are open: the rules that are compared."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

SIZE_MIN: Final = 5
SIZE_MAX: Final = 8
NOTICE_DAYS: Final = 14.0
"""From when a group is made to its start meeting, and what one that is too small then is given once more."""


@dataclass(frozen=True, slots=True)
class Rule:
    """
    How a centre could do it.

    Attributes:
        label: In Norwegian, as the table says it.
        quorum: How many must wait for the same before a group is made; :data:`SIZE_MIN` must come in any case.
        size_max: How many a group has room for.
        open_chairs: Whether others can join until the start meeting; then a group that is too small is given one
            extension too.
        every_days: Groups are made only so often; None is at once.
    """

    label: str
    quorum: int = SIZE_MIN
    size_max: int = SIZE_MAX
    open_chairs: bool = True
    every_days: float | None = None


RULES: Final = MappingProxyType(
    {
        "open": Rule("fem, åpent"),
        "closed": Rule("fem, lukket", size_max=SIZE_MIN, open_chairs=False),
        "eight": Rule("åtte", quorum=SIZE_MAX),
        "monthly": Rule("månedlig", every_days=30.0),
    }
)
