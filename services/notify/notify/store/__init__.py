"""Tables of notify and all queries on them, one module per noun."""

from notify.store.helper_tables import HelperNotice
from notify.store.mail_tables import CallAttempt, Mail
from notify.store.tables import (
    AnnouncementRow,
    AnnouncementSeat,
    Base,
    ContactChange,
    Group,
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
from notify.store.talk_tables import Talk

__all__ = [
    "AnnouncementRow",
    "AnnouncementSeat",
    "Base",
    "CallAttempt",
    "ContactChange",
    "Group",
    "HelperNotice",
    "Mail",
    "Meeting",
    "MeetingSeat",
    "PageLink",
    "Seat",
    "Signup",
    "Talk",
    "audit_log",
    "dead_letters",
    "inbox",
    "outbox",
    "policy_book",
    "task_book",
]
