"""Ask a member a week before the start meeting whether they still come."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from notify.domain import coming
from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Meeting, Seat
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromMeeting, MailSpec
from notify.mails import comings
from shared.kit.i18n import N_

_LEAD: Final = N_("Om en uke er det første møtet. Kommer du fortsatt?")


def _cause(seat: Seat, meeting: Meeting) -> UUID | None:
    return coming.question_id(seat, meeting, coming.FIRST_DAYS)


def _drop_reason(facts: MailFacts, now: datetime) -> str | None:
    # From then on the last question asks the same.
    until = coming.asked_at(facts.meeting, coming.LAST_DAYS) if facts.meeting else None
    return comings.drop_reason(facts, now, until)


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    return comings.letter(content, tools, _LEAD)


SPEC = MailSpec(
    kind="still_coming",
    order=136,
    label=N_("Kommer du fortsatt?"),
    because=N_("Det er en uke til det første møtet."),
    sms=N_("Det er møte %(when)s. Vi ringer deg og hører om det passer."),
    sent=N_("En uke før det første møtet, hvis reglene spør."),
    plan=FromMeeting(_cause, due_at=lambda meeting: coming.asked_at(meeting, coming.FIRST_DAYS)),
    drop_reason=_drop_reason,
    requires=("seat_id", "meeting_id", "starts_at", "ends_at"),
    context=_context,
    is_reminder=True,
    call=comings.CALL,
)
