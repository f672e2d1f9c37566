"""Remind of a meeting the day before."""

from uuid import UUID

from notify.domain.calls import CallSpec, Question, meeting_start
from notify.domain.facts import Meeting, Seat
from notify.domain.hours import reminder_at
from notify.domain.mail_spec import FromMeeting, MailSpec, drop_after_start
from notify.domain.mail_texts import Block
from notify.domain.planning import plan_id
from shared.kit.i18n import N_


def _cause(_seat: Seat, meeting: Meeting) -> UUID | None:
    # Without an address the reminder is held. If the address comes on the last day, the mail with it is the reminder.
    return plan_id(meeting) if meeting.address_known else None


SPEC = MailSpec(
    kind="meeting_tomorrow",
    order=140,
    label=N_("Påminnelse"),
    because=N_("Det første møtet er i morgen."),
    sms=N_("Vi minner om møtet %(when)s."),
    sent=N_("Dagen før det første møtet."),
    own_words=frozenset({Block.SUBJECT, Block.CLOSING}),
    plan=FromMeeting(_cause, due_at=lambda meeting: reminder_at(meeting.starts_at)),
    drop_reason=drop_after_start,
    requires=("seat_id", "meeting_id", "starts_at", "ends_at"),
    is_reminder=True,
    call=CallSpec(question=Question.NEWS, unanswered="tell", deadline=meeting_start),
    tells_when=True,
)
