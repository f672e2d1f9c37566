"""Tables of notify and all queries on them, one module per noun."""

from notify.store.tables import (
    Base,
    Group,
    Mail,
    Meeting,
    MeetingSeat,
    Seat,
    Signup,
    audit_log,
    dead_letters,
    inbox,
    outbox,
    task_book,
)

__all__ = [
    "Base",
    "Group",
    "Mail",
    "Meeting",
    "MeetingSeat",
    "Seat",
    "Signup",
    "audit_log",
    "dead_letters",
    "inbox",
    "outbox",
    "task_book",
]
