"""Tell those invited to a meeting of the centre that it is not held."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from notify.domain.content import MailContent, MailTools
from notify.domain.mail_spec import FromInvitation, MailSpec
from notify.mails import kontaktmoter
from shared.kit.i18n import N_, format_when

_SUBJECT: Final = N_("Avlyst: møtet %(when)s")
_LEAD: Final = N_("Møtet %(when)s blir dessverre ikke noe av.")
_CALENDAR: Final = N_("Åpne kalenderfilen som ligger ved, så går møtet ut av kalenderen din.")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    assert content.starts_at is not None
    again = text(kontaktmoter.AGAIN)
    letter = kontaktmoter.letter(
        content,
        tools,
        subject=text(_SUBJECT),
        lead=text(_LEAD) % {"when": format_when(content.starts_at, content.language)},
        button=kontaktmoter.see(content, tools),
        paragraphs=(*kontaktmoter.calendar_note(content, tools, _CALENDAR), again),
        said=(again,),
    )
    return replace(letter, facts=()).context  # nobody is to come


SPEC = MailSpec(
    kind="kontaktmote_cancelled",
    order=530,
    label=N_("Avlyst møte"),
    because=N_("Møtet er avlyst."),
    sms=N_("Møtet %(when)s er avlyst. Vi ringer deg om det."),
    sent=N_("Når dere avlyser et møte som folk er invitert til."),
    plan=FromInvitation(lambda invited: invited.cancel_cause),
    drop_reason=kontaktmoter.never_told,
    requires=("starts_at", "invited"),
    context=_context,
    calendar="CANCEL",
    while_paused=True,
    call=kontaktmoter.CALL,
)
