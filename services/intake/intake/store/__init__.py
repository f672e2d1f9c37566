"""Tables of intake and all queries on them, one module per noun."""

from intake.store.account_tables import Account, AccountConsent, AccountLink, AccountSession
from intake.store.api_key_tables import ApiKey
from intake.store.backup_tables import NewestBackup
from intake.store.erasure_report_tables import ErasureReport
from intake.store.figure_tables import CountedGroup, CountedMeeting, SignupCount, WaitCount
from intake.store.group_tables import ForgottenGroup, GroupMeeting, GroupPolicy
from intake.store.guest_tables import GuestRequest, MeetingGuest
from intake.store.limit_tables import CallerNetwork, LimitHit
from intake.store.page_tables import PageLink, PageRequest, PageSession
from intake.store.picture_tables import CentrePicture
from intake.store.proof_of_work_tables import UsedProof
from intake.store.quiet_pair_tables import QuietName, QuietPair
from intake.store.reconciliation_tables import SignupComparison, SignupDifference
from intake.store.sealed_tables import AddressToSeal, AnnouncedMeeting, SealedAddress
from intake.store.security_tables import security_events
from intake.store.staff_tables import (
    KnownBrowser,
    RecoveryCode,
    SignInFailures,
    StaffIdentity,
    StaffPasskey,
    StaffSession,
    StaffTotp,
    StaffUser,
    UsedSignIn,
)
from intake.store.tables import (
    Base,
    Confirmation,
    Consent,
    ContactReading,
    Draft,
    Erasure,
    IdempotencyKey,
    ListedTask,
    Person,
    PolicyVersion,
    Signup,
    Submission,
    audit_log,
    dead_letters,
    inbox,
    known_streams,
    outbox,
    policy_book,
    task_book,
)
from intake.store.talk_tables import Talk, TalkTime

__all__ = [
    "Account",
    "AccountConsent",
    "AccountLink",
    "AccountSession",
    "AddressToSeal",
    "AnnouncedMeeting",
    "ApiKey",
    "Base",
    "CallerNetwork",
    "CentrePicture",
    "Confirmation",
    "Consent",
    "ContactReading",
    "CountedGroup",
    "CountedMeeting",
    "Draft",
    "Erasure",
    "ErasureReport",
    "ForgottenGroup",
    "GroupMeeting",
    "GroupPolicy",
    "GuestRequest",
    "IdempotencyKey",
    "KnownBrowser",
    "LimitHit",
    "ListedTask",
    "MeetingGuest",
    "NewestBackup",
    "PageLink",
    "PageRequest",
    "PageSession",
    "Person",
    "PolicyVersion",
    "QuietName",
    "QuietPair",
    "RecoveryCode",
    "SealedAddress",
    "SignInFailures",
    "Signup",
    "SignupComparison",
    "SignupCount",
    "SignupDifference",
    "StaffIdentity",
    "StaffPasskey",
    "StaffSession",
    "StaffTotp",
    "StaffUser",
    "Submission",
    "Talk",
    "TalkTime",
    "UsedProof",
    "UsedSignIn",
    "WaitCount",
    "audit_log",
    "dead_letters",
    "inbox",
    "known_streams",
    "outbox",
    "policy_book",
    "security_events",
    "task_book",
]
