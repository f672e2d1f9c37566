"""Follow the groups of the town: their names and states, as staff see them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from selvhjelp.rehearsal.town.quiet import Rows
from shared.reference.group_names import group_name

_QUERY: Final = (
    "SELECT g.id, g.place, g.slot, g.size, coalesce(l.state, g.state) AS state, m.starts_at FROM groups g"
    " LEFT JOIN group_lives l ON l.group_id = g.id"
    " LEFT JOIN meetings m ON m.group_id = g.id AND m.kind = 'start' ORDER BY g.created_at, g.id"
)


@dataclass
class TownGroup:
    """
    One group.

    Attributes:
        states: The states that it has come to, with the moment at which each was seen.
        size: Number of members at the start.
    """

    name: str
    states: dict[str, datetime] = field(default_factory=dict)
    size: int = 0

    @property
    def state(self) -> str:
        """The newest state."""
        return next(reversed(self.states))

    @property
    def was_discarded(self) -> bool:
        """True if nobody was ever told about it."""
        return self.states.keys() <= {"drafted", "cancelled"}


@dataclass
class Groups:
    """
    All groups so far.

    Attributes:
        place_name: Returns the name of a meeting place.
    """

    place_name: Callable[[str], str]
    by_id: dict[UUID, TownGroup] = field(default_factory=dict)

    async def look(self, rows: Rows, now: datetime) -> list[TownGroup]:
        """Read all groups; return those that came to another state since the last look."""
        changed = []
        for row in await rows("grouping", _QUERY):
            name = group_name(self.place_name(row["place"]), row["slot"], row["starts_at"], "nb")
            group = self.by_id.setdefault(row["id"], TownGroup(name))
            group.name, group.size = name, row["size"] or group.size
            state = "accompanied" if row["state"] == "started" else row["state"]
            if state not in group.states or group.state != state:
                group.states.pop(state, None)
                group.states[state] = now
                changed.append(group)
        return changed
