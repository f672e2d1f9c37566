"""Offer a group that has met alone some times that the centre comes back; once in its life."""

from collections.abc import Mapping
from typing import Final

from notify.domain import announcements
from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.mail_spec import FromAnnouncement, MailSpec
from notify.domain.mail_texts import Block
from notify.mails import letters
from notify.mails.letters import Button, Letter
from shared.kit.i18n import N_, format_date

_SUBJECT: Final = N_("Skal vi komme innom?")
_LEAD: Final = N_("Nå har dere møttes omtrent %(meetings)s ganger alene. Skal vi komme innom på et møte?")
_LEAD_ONE: Final = N_("Nå har dere møttes alene. Skal vi komme innom på et møte?")
_WHY: Final = N_("Vi hører gjerne hvordan dere har fått det til, og svarer på det dere lurer på.")
_ONE_ANSWERS: Final = N_("Snakk sammen først. Det holder at én av dere svarer, og vi spør bare denne ene gangen.")
_UNTIL: Final = N_("Svarer ingen innen %(day)s, kommer vi ikke.")
_BUTTON: Final = N_("Svar her")
_ASKS: Final = N_("Ja eller nei?")
_BY_PHONE: Final = N_("Snakk med de andre om det. Det holder at én av dere sier fra til oss.")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text, meetings = tools.gettext, letters.detail(content, "meetings")
    lead = text(_LEAD if isinstance(meetings, int) and meetings > 1 else _LEAD_ONE) % {"meetings": meetings}
    deadline = content.announcement.deadline if content.announcement else None
    until = (text(_UNTIL) % {"day": format_date(deadline, content.language)},) if deadline else ()
    return Letter(
        subject=text(_SUBJECT),
        lead=lead,
        paragraphs=(text(_WHY), " ".join((text(_ONE_ANSWERS), *until))),
        button=Button(text(_ASKS), letters.member_page(content, tools), text(_BUTTON)),
        spoken=(lead, text(_WHY), " ".join((text(_BY_PHONE), *until))),
    ).context


SPEC = MailSpec(
    kind="follow_up_offered",
    order=270,
    label=N_("Tilbud om besøk"),
    because=N_("Gruppa har møttes alene noen ganger."),
    sent=N_("Når gruppa har møttes alene noen ganger, og dere tilbyr et besøk."),
    own_words=frozenset({Block.SUBJECT, Block.CLOSING}),
    plan=FromAnnouncement(frozenset({announcements.FOLLOW_UP_DUE})),
    requires=("seat_id", "announcement"),
    context=_context,
    leave_link=False,
    by_day=True,
    while_paused=True,
    joins=True,
    call=CallSpec(question=Question.NEWS, unanswered="tell"),
)
