"""Call a member who has not answered whether they come to the start meeting."""

from collections.abc import Mapping

from notify.domain import coming
from notify.domain.content import MailContent, MailTools
from notify.domain.mail_spec import FromMeeting, MailSpec
from notify.mails import comings
from shared.kit.i18n import N_


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    return comings.letter(content, tools, comings.LAST_LEAD)


SPEC = MailSpec(
    kind="coming_unanswered",
    order=138,
    label=N_("Har ikke svart på om de kommer"),
    because=N_("Ingen har svart på spørsmålet om å komme til det første møtet."),
    sent=N_("Når noen ikke har svart på om de kommer. Dere ringer."),
    own_words=frozenset(),  # it is told on the phone
    plan=FromMeeting(coming.call_id, due_at=coming.call_at),
    drop_reason=comings.drop_at_meeting,
    requires=("seat_id", "meeting_id", "starts_at", "ends_at"),
    context=_context,
    is_reminder=True,
    call=comings.CALL,
    by_phone=True,
)
