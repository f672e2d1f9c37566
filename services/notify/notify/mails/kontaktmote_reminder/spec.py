"""Remind those who have a place of a meeting of the centre, on the day before."""

from collections.abc import Mapping
from typing import Final

from notify.domain.content import MailContent, MailTools
from notify.domain.hours import reminder_at
from notify.domain.mail_spec import FromInvitation, MailSpec
from notify.mails import kontaktmoter
from shared.kit.i18n import N_

_SUBJECT: Final = N_("I morgen: møtet %(when)s")
_LEAD: Final = N_("Vi minner om møtet i morgen. Velkommen.")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    button = kontaktmoter.change(content, tools)
    return kontaktmoter.letter(content, tools, subject=text(_SUBJECT), lead=text(_LEAD), button=button).context


SPEC = MailSpec(
    kind="kontaktmote_reminder",
    order=540,
    label=N_("Påminning om møte"),
    because=N_("Møtet er i morgen."),
    sms=N_("Vi minner om møtet %(when)s."),
    sent=N_("Dagen før møtet, til dem som har plass."),
    plan=FromInvitation(
        lambda invited: invited.reminder_cause,
        due_at=lambda invited: reminder_at(invited.meeting.plan.starts_at),
    ),
    drop_reason=kontaktmoter.over,
    requires=("starts_at", "invited"),
    context=_context,
    is_reminder=True,
    while_paused=True,
    tells_when=True,
)
