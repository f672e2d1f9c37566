"""
Grouping's tables and all its queries, one module per noun.

Call a query as ``store.groups.get(session, group_id)``, so that its noun is read with it.
"""

from grouping.store import (
    areas,
    capacity,
    exclusions,
    groups,
    igangsettere,
    locks,
    matching,
    retention,
    rooms,
    seats,
    signups,
    views,
)
from grouping.store.tables import (
    AreaHold,
    Arrival,
    Base,
    ErasedId,
    Exclusion,
    Group,
    GroupStarter,
    Igangsetter,
    MatcherChange,
    Room,
    Seat,
    Signup,
    StaffAction,
    dead_letters,
    inbox,
    outbox,
)

__all__ = [
    "AreaHold",
    "Arrival",
    "Base",
    "ErasedId",
    "Exclusion",
    "Group",
    "GroupStarter",
    "Igangsetter",
    "MatcherChange",
    "Room",
    "Seat",
    "Signup",
    "StaffAction",
    "areas",
    "capacity",
    "dead_letters",
    "exclusions",
    "groups",
    "igangsettere",
    "inbox",
    "locks",
    "matching",
    "outbox",
    "retention",
    "rooms",
    "seats",
    "signups",
    "views",
]
