"""Intake's tables and every query."""

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
    "dead_letters",
    "inbox",
    "outbox",
]
