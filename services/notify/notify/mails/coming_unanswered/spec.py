"""Call a member who has not answered whether they come to the start meeting."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from notify.domain import coming
from notify.domain.content import MailContent, MailTools
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromMeeting, MailSpec
from notify.mails import comings
from shared.kit.i18n import N_

_LEAD: Final = N_("Det første møtet er %(when)s. Kommer du?")


def _drop_reason(facts: MailFacts, now: datetime) -> str | None:
    return comings.drop_reason(facts, now, facts.meeting.starts_at if facts.meeting else None)


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    return comings.letter(content, tools, _LEAD)


SPEC = MailSpec(
    kind="coming_unanswered",
    order=138,
    label=N_("Har ikke svart på om de kommer"),
    plan=FromMeeting(coming.call_id, due_at=coming.call_at),
    drop_reason=_drop_reason,
    requires=("seat_id", "meeting_id", "starts_at", "ends_at"),
    context=_context,
    is_reminder=True,
    call=comings.CALL,
    by_phone=True,
)
