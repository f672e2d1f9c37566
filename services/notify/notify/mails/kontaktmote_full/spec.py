"""Tell those who have waited in vain for a place at a meeting of the centre."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from notify.domain.content import MailContent, MailTools
from notify.domain.mail_spec import FromInvitation, MailSpec
from notify.mails import kontaktmoter
from shared.kit.i18n import N_

_SUBJECT: Final = N_("Det ble ikke plass %(when)s")
_LEAD: Final = N_("Møtet er fullt, og det ble ikke noe ledig. Det er vi lei for.")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    letter = kontaktmoter.letter(
        content,
        tools,
        subject=text(_SUBJECT),
        lead=text(_LEAD),
        button=kontaktmoter.see(content, tools),
        paragraphs=(text(kontaktmoter.AGAIN),),
    )
    return replace(letter, facts=()).context  # the recipient does not come


SPEC = MailSpec(
    kind="kontaktmote_full",
    order=550,
    label=N_("Møtet ble fullt"),
    because=N_("Ventelisten til møtet er stengt."),
    sent=N_("Et døgn før møtet, til dem som ikke fikk plass."),
    plan=FromInvitation(lambda invited: invited.full_cause),
    drop_reason=kontaktmoter.over,
    requires=("starts_at", "invited"),
    context=_context,
    by_day=True,
    while_paused=True,
)
