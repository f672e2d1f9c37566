"""Tables of notify and all queries on them, one module per noun."""

from notify.store.tables import (
    Base,
    CallAttempt,
    ContactChange,
    Group,
    Mail,
    Meeting,
    MeetingSeat,
    PageLink,
    Seat,
    Signup,
    audit_log,
    dead_letters,
    inbox,
    outbox,
    policy_book,
    task_book,
)

__all__ = [
    "Base",
    "CallAttempt",
    "ContactChange",
    "Group",
    "Mail",
    "Meeting",
    "MeetingSeat",
    "PageLink",
    "Seat",
    "Signup",
    "audit_log",
    "dead_letters",
    "inbox",
    "outbox",
    "policy_book",
    "task_book",
]
