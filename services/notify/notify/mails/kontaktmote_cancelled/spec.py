"""Tell those invited to a meeting of the centre that it is not held."""

from collections.abc import Mapping
from typing import Final

from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.mail_spec import FromInvitation, MailSpec
from notify.mails import kontaktmoter
from notify.mails.letters import Letter
from shared.kit.i18n import N_

_SUBJECT: Final = N_("Avlyst: møtet %(when)s")
_LEAD: Final = N_("Møtet blir dessverre ikke noe av.")
_CALENDAR: Final = N_("Åpne kalenderfilen som ligger ved, så går møtet ut av kalenderen din.")
_AGAIN: Final = N_("Vi sier fra når vi inviterer igjen.")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    calendar = (text(_CALENDAR),) if content.meeting_id is not None else ()
    return Letter(
        subject=text(_SUBJECT) % kontaktmoter.when(content),
        lead=text(_LEAD),
        facts=kontaktmoter.facts(content, tools),
        paragraphs=(*calendar, text(_AGAIN)),
        button=kontaktmoter.see(content, tools),
        spoken=kontaktmoter.spoken(content, tools, text(_LEAD), text(_AGAIN)),
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
    call=CallSpec(question=Question.NEWS, unanswered="tell", deadline=kontaktmoter.starts_at),
)
