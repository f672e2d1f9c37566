"""Notify's tables and every query."""

from notify.store.tables import (
    Base,
    Group,
    Mail,
    Meeting,
    Seat,
    Signup,
    StaffAction,
    dead_letters,
    inbox,
    outbox,
)

__all__ = [
    "Base",
    "Group",
    "Mail",
    "Meeting",
    "Seat",
    "Signup",
    "StaffAction",
    "dead_letters",
    "inbox",
    "outbox",
]
