"""
How long each class of data is kept: one function of the centre's policy.

All three services delete by it, and the pages that tell people about it say what it returns. Spans are in the system's
time.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from shared.events.base import DEAD_LETTER_KEPT, ERASURE_KEPT, HANDLED_EVENT_KEPT, SENT_EVENT_KEPT, STREAM_MAX_AGE
from shared.reference.centres import Centres
from shared.reference.policy import Policy, Span


class Data(StrEnum):
    """
    A class of data.

    Attributes:
        DRAFT, SENT_DRAFT: An unfinished form, and one that was sent, for the page after it.
        UNCONFIRMED_SIGNUP, UNCALLED_SIGNUP: A sign-up that waits for its confirmation by mail, or with only a phone
            number for the centre's call.
        IDEMPOTENCY_KEY: The key of a form, for one that is sent twice.
        WITHDRAWN_SIGNUP: A withdrawn sign-up, so that the goodbye can be sent.
        UNASKED_WAIT, WAITING_SIGNUP: A wait until the question whether the wish for a group still holds, and until the
            sign-up is withdrawn without an answer.
        GROUP_LINKS: Rows that link people to a group that did not start, or whose start can still be revoked.
        ACCOMPANIED_MEMBERSHIP: The members of a group after its start, if nobody says that it was handed over.
        RETURN_VISIT: The members after the handover while a return visit can be awaited, pauses included.
        ENDED_MEMBERSHIP: The members after the end of their group, in which they can choose a way on.
        UNASKED_GROUP, SILENT_GROUP: What is kept of a group on its own, from a sign of it until it is asked whether it
            still meets, and from then until it counts as ended without an answer.
        MEMBERSHIP_WITHOUT_LIFE: The members of a group that started before grouping followed lives, from its start.
        FORGOTTEN_MEMBER: A member whom grouping has forgotten, at most; half of it at least, for the last mail.
        GROUP_FACT: A fact about a group without its members, after it lost its meaning.
        GROUP_WAITS: The waits of a group's members beside its id, until its quarter is shown 15 days after its end.
        LEFT_ID: Ids of people who left, with grouping: longer than any stream or inbox.
        ERASED_ID: Ids of erased people, with notify.
        ERASURE_REPORT: What was deleted about somebody who asked for it, by opaque id, for their receipt.
        MAIL: A mail after it was sent or given up, without what was in it.
        PAGE_REQUEST: A request for the link to a person's own page.
        LIMIT_HIT: What a limit counts, without an address, at most; until its window is over.
        CALLER_NETWORK: The hash of a network from which forms came, to tell whether all callers look alike.
        MEETING_GUEST: The address of somebody who has signed up for a meeting that is open to all, after its end.
        AUDIT_ENTRY, CONTACT_READING: An act of staff, and a reading of contact details.
        SECURITY_EVENT: A sign-in, a refusal or a limit that was hit, without personal data.
        STREAM_EVENT, SENT_EVENT, HANDLED_EVENT: An event in a stream and in the outbox, and the id of a handled one.
        DEAD_LETTER: An event that could not be handled, until staff decide about it.
        JOURNAL_ENTRY: The id of an erased person in the journal at the broker, which restored databases read.
        MATCHER_CHANGE: A change of the waiting list for other copies of grouping; in real time.
    """

    DRAFT = "draft"
    SENT_DRAFT = "sent_draft"
    UNCONFIRMED_SIGNUP = "unconfirmed_signup"
    UNCALLED_SIGNUP = "uncalled_signup"
    IDEMPOTENCY_KEY = "idempotency_key"
    WITHDRAWN_SIGNUP = "withdrawn_signup"
    UNASKED_WAIT = "unasked_wait"
    WAITING_SIGNUP = "waiting_signup"
    GROUP_LINKS = "group_links"
    ACCOMPANIED_MEMBERSHIP = "accompanied_membership"
    RETURN_VISIT = "return_visit"
    ENDED_MEMBERSHIP = "ended_membership"
    UNASKED_GROUP = "unasked_group"
    SILENT_GROUP = "silent_group"
    MEMBERSHIP_WITHOUT_LIFE = "membership_without_life"
    FORGOTTEN_MEMBER = "forgotten_member"
    GROUP_FACT = "group_fact"
    GROUP_WAITS = "group_waits"
    LEFT_ID = "left_id"
    ERASED_ID = "erased_id"
    ERASURE_REPORT = "erasure_report"
    MAIL = "mail"
    PAGE_REQUEST = "page_request"
    LIMIT_HIT = "limit_hit"
    CALLER_NETWORK = "caller_network"
    MEETING_GUEST = "meeting_guest"
    AUDIT_ENTRY = "audit_entry"
    CONTACT_READING = "contact_reading"
    SECURITY_EVENT = "security_event"
    STREAM_EVENT = "stream_event"
    SENT_EVENT = "sent_event"
    HANDLED_EVENT = "handled_event"
    DEAD_LETTER = "dead_letter"
    JOURNAL_ENTRY = "journal_entry"
    MATCHER_CHANGE = "matcher_change"


_FOR_ALL: Final[Mapping[Data, timedelta]] = MappingProxyType(
    {
        Data.DRAFT: timedelta(hours=1),
        Data.SENT_DRAFT: timedelta(minutes=30),
        Data.UNCONFIRMED_SIGNUP: timedelta(hours=72),
        Data.UNCALLED_SIGNUP: timedelta(days=14),
        Data.IDEMPOTENCY_KEY: timedelta(hours=24),
        Data.WITHDRAWN_SIGNUP: timedelta(hours=24),
        Data.UNASKED_WAIT: timedelta(days=335),
        Data.WAITING_SIGNUP: timedelta(days=365),
        Data.GROUP_LINKS: timedelta(days=14),
        Data.ENDED_MEMBERSHIP: timedelta(days=30),
        Data.UNASKED_GROUP: timedelta(days=365),
        Data.MEMBERSHIP_WITHOUT_LIFE: timedelta(weeks=8),
        Data.FORGOTTEN_MEMBER: timedelta(hours=48),
        Data.GROUP_FACT: timedelta(days=28),
        Data.GROUP_WAITS: timedelta(days=108),
        Data.LEFT_ID: timedelta(days=30),
        Data.ERASED_ID: timedelta(days=14),
        Data.ERASURE_REPORT: timedelta(days=30),
        Data.MAIL: timedelta(days=30),
        Data.PAGE_REQUEST: timedelta(days=2),
        Data.LIMIT_HIT: timedelta(days=7),
        Data.CALLER_NETWORK: timedelta(days=1),
        Data.MEETING_GUEST: timedelta(days=7),
        Data.AUDIT_ENTRY: timedelta(days=365),
        Data.CONTACT_READING: timedelta(days=365),
        Data.SECURITY_EVENT: timedelta(weeks=26),
        Data.STREAM_EVENT: STREAM_MAX_AGE,
        Data.SENT_EVENT: SENT_EVENT_KEPT,
        Data.HANDLED_EVENT: HANDLED_EVENT_KEPT,
        Data.DEAD_LETTER: DEAD_LETTER_KEPT,
        Data.JOURNAL_ENTRY: ERASURE_KEPT,
        Data.MATCHER_CHANGE: timedelta(days=1),
    }
)
"""Classes whose span is the same under every policy."""


def kept_for(data: Data, policy: Policy | None = None) -> timedelta:
    """Return for how long data is kept under a policy; None stands for a centre that the installation has no more."""
    match data:
        case Data.ACCOMPANIED_MEMBERSHIP:
            meetings = None if policy is None else policy.starter_meetings
            return timedelta(weeks=8 + 2 * meetings.max if isinstance(meetings, Span) else 26)
        case Data.RETURN_VISIT:
            after = None if policy is None else policy.followup_after_solo
            return timedelta() if after is None else timedelta(weeks=8 + 2 * after.max)
        case Data.SILENT_GROUP:  # a group of which only a sealed address is kept is asked with its next invitation
            sealed = policy is not None and policy.post_handover_memory == "sealed_alias"
            return timedelta(weeks=26) if sealed else timedelta(days=30)
        case _:
            return _FOR_ALL[data]


def cutoffs(centres: Centres, data: Data, now: datetime) -> dict[str, datetime]:
    """Return, for each centre by id, the moment before which such data is deleted; for others use no policy."""
    return {centre.id: now - kept_for(data, centre.policy) for centre in centres.all}
