"""Tell those invited to a meeting of the centre that it is not held."""

from collections.abc import Mapping
from typing import Final

from notify.domain.content import MailContent, MailTools
from notify.domain.mail_spec import FromInvitation, MailSpec
from notify.mails import kontaktmoter
from shared.kit.i18n import N_

_SUBJECT: Final = N_("Avlyst: møtet %(when)s")
_LEAD: Final = N_("Møtet blir dessverre ikke noe av.")
_CALENDAR: Final = N_("Åpne kalenderfilen som ligger ved, så går møtet ut av kalenderen din.")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    again = text(kontaktmoter.AGAIN)
    return kontaktmoter.letter(
        content,
        tools,
        subject=text(_SUBJECT),
        lead=text(_LEAD),
        button=kontaktmoter.see(content, tools),
        paragraphs=(*kontaktmoter.calendar_note(content, tools, _CALENDAR), again),
        said=(again,),
    ).context


SPEC = MailSpec(
    kind="kontaktmote_cancelled",
    order=530,
    label=N_("Avlyst møte"),
    plan=FromInvitation(lambda invited: invited.cancel_cause),
    drop_reason=kontaktmoter.never_told,
    requires=("starts_at", "invited"),
    context=_context,
    calendar="CANCEL",
    while_paused=True,
    call=kontaktmoter.CALL,
)
