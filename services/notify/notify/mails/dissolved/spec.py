"""Tell each member that the group has ended, once, with three ways on; nobody is signed up again by itself."""

from collections.abc import Mapping
from typing import Final

from notify.domain import announcements
from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.contradictions import soon
from notify.domain.mail_spec import FromAnnouncement, MailSpec
from notify.domain.mail_texts import Block
from notify.mails import letters
from notify.mails.letters import Button, Letter
from notify.mails.losses import CALENDAR_EMPTIED
from shared.kit.i18n import N_
from shared.reference.link_purposes import WAY_ON

_SUBJECT: Final = N_("Tre veier videre")
_LEADS: Final = {
    "group": N_("Dere har avsluttet sammen. Takk for at du var med."),
    "centre": N_("Vi har dessverre måttet avslutte. Takk for at du var med."),
}
_WAYS_LEAD: Final = N_("Du velger selv hva som skjer nå:")
_NEW_GROUP: Final = N_(
    "Ny %(term)s: Du beholder plassen i køen som du hadde, og møter nye folk hvis du ikke heller vil treffe de samme."
)
_PAUSE: Final = N_("Tenkepause: Du venter så lenge du vil, og sier fra selv. Vi purrer ikke.")
_GOODBYE: Final = N_("Farvel: Du er ferdig her, og vi sletter det vi vet om deg.")
_NO_CHOICE: Final = N_("Velger du ikke noe, melder vi deg ikke på noe nytt, og vi spør ikke igjen.")
_ASKS: Final = N_("Hva vil du?")
_BUTTON: Final = N_("Velg her")
_BY_PHONE: Final = N_("Du kan tenke på det og ringe oss når du vet.")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    term = {"term": text(content.policy.group_term)}
    lead = text(_LEADS[str(letters.detail(content, "by"))])
    ways = (text(_NEW_GROUP) % term, text(_PAUSE), text(_GOODBYE))
    return Letter(
        subject=text(_SUBJECT),
        lead=lead,
        lines_lead=text(_WAYS_LEAD),
        lines=ways,
        paragraphs=(text(_NO_CHOICE), *letters.calendar_note(content, tools, CALENDAR_EMPTIED)),
        button=Button(text(_ASKS), tools.link(WAY_ON, content.seat_id), text(_BUTTON)),
        spoken=(lead, text(_WAYS_LEAD), *ways, text(_BY_PHONE)),
    ).context


SPEC = MailSpec(
    kind="dissolved",
    order=340,
    label=N_("Oppløst, tre veier videre"),
    because=N_("Gruppa er avsluttet."),
    sent=N_("Når en gruppe er avsluttet."),
    own_words=frozenset({Block.SUBJECT, Block.CLOSING}),
    plan=FromAnnouncement(frozenset({announcements.DISSOLVED}), due_at=soon),
    requires=("seat_id", "announcement"),
    context=_context,
    calendar="CANCEL",
    calendar_of="ahead",
    leave_link=False,
    by_day=True,
    while_paused=True,
    outlives_members=True,
    call=CallSpec(question=Question.NEWS, unanswered="tell"),
)
