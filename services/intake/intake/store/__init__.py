"""Intake's tables and all its queries."""

from intake.store.tables import (
    Base,
    Confirmation,
    Consent,
    ContactReading,
    Erasure,
    IdempotencyKey,
    Person,
    Signup,
    StaffSession,
    StaffUser,
    audit_log,
    dead_letters,
    inbox,
    outbox,
)

__all__ = [
    "Base",
    "Confirmation",
    "Consent",
    "ContactReading",
    "Erasure",
    "IdempotencyKey",
    "Person",
    "Signup",
    "StaffSession",
    "StaffUser",
    "audit_log",
    "dead_letters",
    "inbox",
    "outbox",
]
