"""Grouping's tables and every query."""

from grouping.store.register import GroupStarter, Igangsetter, Room
from grouping.store.tables import (
    Apart,
    AreaHold,
    Arrival,
    Base,
    BoardChange,
    Forgotten,
    Group,
    Seat,
    StaffAction,
    Waiting,
    dead_letters,
    inbox,
    outbox,
)

__all__ = [
    "Apart",
    "AreaHold",
    "Arrival",
    "Base",
    "BoardChange",
    "Forgotten",
    "Group",
    "GroupStarter",
    "Igangsetter",
    "Room",
    "Seat",
    "StaffAction",
    "Waiting",
    "dead_letters",
    "inbox",
    "outbox",
]
