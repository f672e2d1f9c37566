"""Ask a member two days before the start meeting whether they come, unless they have said so."""

from collections.abc import Mapping
from uuid import UUID

from notify.domain import coming
from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Meeting, Seat
from notify.domain.mail_spec import FromMeeting, MailSpec
from notify.mails import comings
from shared.kit.i18n import N_


def _cause(seat: Seat, meeting: Meeting) -> UUID | None:
    return coming.question_id(seat, meeting, coming.LAST_DAYS)


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    return comings.letter(content, tools, comings.LAST_LEAD)


SPEC = MailSpec(
    kind="still_coming_again",
    order=137,
    label=N_("Kommer du?"),
    because=N_("Det er to dager til det første møtet."),
    sms=N_("Det er møte %(when)s. Vi ringer deg og hører om det passer."),
    sent=N_("To dager før det første møtet, til dem som ikke har svart."),
    plan=FromMeeting(_cause, due_at=lambda meeting: coming.asked_at(meeting, coming.LAST_DAYS)),
    drop_reason=comings.drop_at_meeting,
    requires=("seat_id", "meeting_id", "starts_at", "ends_at"),
    context=_context,
    is_reminder=True,
    call=comings.CALL,
)
