"""Grouping's tables and every query."""

from grouping.store.tables import (
    AreaHold,
    Base,
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
    "AreaHold",
    "Base",
    "Forgotten",
    "Group",
    "Seat",
    "StaffAction",
    "Waiting",
    "dead_letters",
    "inbox",
    "outbox",
]
