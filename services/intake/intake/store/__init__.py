"""Tables of intake and all queries on them, one module per noun."""

from intake.store.tables import (
    Base,
    Confirmation,
    Consent,
    ContactReading,
    Erasure,
    IdempotencyKey,
    ListedTask,
    Person,
    Signup,
    StaffSession,
    StaffUser,
    audit_log,
    dead_letters,
    inbox,
    outbox,
    task_book,
)

__all__ = [
    "Base",
    "Confirmation",
    "Consent",
    "ContactReading",
    "Erasure",
    "IdempotencyKey",
    "ListedTask",
    "Person",
    "Signup",
    "StaffSession",
    "StaffUser",
    "audit_log",
    "dead_letters",
    "inbox",
    "outbox",
    "task_book",
]
