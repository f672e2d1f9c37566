"""Ask the members whether they are ready to go on without their igangsetter."""

from collections.abc import Mapping
from typing import Final

from notify.domain import announcements
from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.mail_spec import FromAnnouncement, MailSpec
from notify.mails import letters
from notify.mails.letters import Button, Letter
from shared.kit.i18n import N_

_SUBJECT: Final = N_("Er dere klare til å fortsette på egen hånd?")
_LEAD_ONE: Final = N_("Igangsetteren har vært med på det første møtet. Er dere klare til å fortsette på egen hånd?")
_LEAD: Final = N_("Igangsetteren har vært med på %(meetings)s møter. Er dere klare til å fortsette på egen hånd?")
_ALL: Final = N_("Når alle har svart ja, trekker igangsetteren seg ut.")
_UNSURE: Final = N_("Er du usikker, kan du vente med å svare og ta det opp med de andre på neste møte.")
_ASKS: Final = N_("Er du klar? Svar her:")
_BUTTON: Final = N_("Svar her")
_BY_PHONE: Final = N_("Svaret ditt kan du gi på neste møte. Når dere er enige, sier igangsetteren fra til oss.")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text, meetings = tools.gettext, letters.detail(content, "meetings")
    lead = text(_LEAD_ONE if meetings == 1 else _LEAD) % {"meetings": meetings}
    return Letter(
        subject=text(_SUBJECT),
        lead=lead,
        paragraphs=(text(_ALL), text(_UNSURE)),
        button=Button(text(_ASKS), letters.member_page(content, tools), text(_BUTTON)),
        spoken=(lead, text(_ALL), text(_BY_PHONE)),
    ).context


SPEC = MailSpec(
    kind="handover_asked",
    order=250,
    label=N_("Klare til å fortsette alene?"),
    plan=FromAnnouncement(frozenset({announcements.HANDOVER_ASKED})),
    requires=("seat_id", "announcement"),
    context=_context,
    by_day=True,
    while_paused=True,
    call=CallSpec(question=Question.NEWS, unanswered="tell"),
)
