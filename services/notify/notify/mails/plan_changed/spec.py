"""Announce a new time or place of a meeting to each person who knew an earlier plan."""

from datetime import datetime
from uuid import UUID

from notify.domain.calls import CallSpec, Question, meeting_start
from notify.domain.facts import MailFacts, Meeting, Seat
from notify.domain.mail_spec import FromMeeting, MailSpec, drop_after_start
from notify.domain.planning import plan_id
from shared.kit.i18n import N_


def _cause(seat: Seat, meeting: Meeting) -> UUID | None:
    return plan_id(meeting) if meeting.sequence > seat.first_called[meeting.id] else None


def _drop_reason(facts: MailFacts, now: datetime) -> str | None:
    if reason := drop_after_start(facts, now):
        return reason
    if facts.meeting is None or facts.told_sequence is None:
        return None
    return "told_already" if facts.told_sequence >= facts.meeting.sequence else None


SPEC = MailSpec(
    kind="plan_changed",
    order=130,
    label=N_("Endret plan"),
    plan=FromMeeting(_cause),
    drop_reason=_drop_reason,
    requires=("seat_id", "meeting_id", "starts_at", "ends_at"),
    calendar="PUBLISH",
    call=CallSpec(question=Question.NEWS, unanswered="tell", deadline=meeting_start),
    waits_for=frozenset({"group_confirmed"}),  # a change is pointless for a person without mail about the plan
)
