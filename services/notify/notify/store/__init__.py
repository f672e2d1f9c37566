"""Tables of notify and all queries on them, one module per noun."""

from notify.store.allowance_tables import SentMinute
from notify.store.calendar_feed_tables import CalendarFeed
from notify.store.centre_message_tables import CentreMessageRow
from notify.store.helper_tables import HelperNotice
from notify.store.kontaktmote_tables import (
    ContactGroup,
    HelperAccount,
    InvitationRefusal,
    InvitationRow,
    KontaktmoteRow,
    SealedGroup,
)
from notify.store.mail_tables import CallAttempt, Mail
from notify.store.mail_text_tables import MailTextRow
from notify.store.security_tables import security_events
from notify.store.sms_tables import Sms
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
    journal,
    known_streams,
    outbox,
    policy_book,
    task_book,
)
from notify.store.talk_tables import Talk

__all__ = [
    "AnnouncementRow",
    "AnnouncementSeat",
    "Base",
    "CalendarFeed",
    "CallAttempt",
    "CentreMessageRow",
    "ContactChange",
    "ContactGroup",
    "Group",
    "HelperAccount",
    "HelperNotice",
    "InvitationRefusal",
    "InvitationRow",
    "KontaktmoteRow",
    "Mail",
    "MailTextRow",
    "Meeting",
    "MeetingSeat",
    "PageLink",
    "SealedGroup",
    "Seat",
    "SentMinute",
    "Signup",
    "Sms",
    "Talk",
    "audit_log",
    "dead_letters",
    "inbox",
    "journal",
    "known_streams",
    "outbox",
    "policy_book",
    "security_events",
    "task_book",
]
