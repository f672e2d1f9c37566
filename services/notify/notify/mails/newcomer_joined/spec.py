"""Tell the members that the person whom they have let in comes from now on, without saying who it is."""

from collections.abc import Mapping
from typing import Final

from notify.domain import announcements
from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.contradictions import soon
from notify.domain.mail_spec import FromAnnouncement, MailSpec
from notify.domain.mail_texts import Block
from notify.mails import letters
from notify.mails.letters import Letter
from shared.kit.i18n import N_

_SUBJECT: Final = N_("En ny blir med fra neste møte")
_LEAD: Final = N_("En ny blir med fra neste møte, slik dere har bestemt. Da er dere %(size)s.")
_GET_TO_KNOW: Final = N_("Sett av tid til å bli kjent, og snakk på nytt om at det som blir sagt, blir mellom dere.")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    lead = text(_LEAD) % {"size": letters.detail(content, "size")}
    return Letter(
        subject=text(_SUBJECT),
        lead=lead,
        paragraphs=(text(_GET_TO_KNOW),),
        button=letters.next_meeting(content, tools),
        spoken=(lead, text(_GET_TO_KNOW)),
    ).context


SPEC = MailSpec(
    kind="newcomer_joined",
    order=370,
    label=N_("En ny blir med"),
    because=N_("Gruppa sa ja til en ny."),
    sent=N_("Når en ny blir med i gruppa."),
    own_words=frozenset({Block.SUBJECT, Block.CLOSING}),
    plan=FromAnnouncement(frozenset({announcements.NEWCOMER_JOINED}), due_at=soon),
    requires=("seat_id", "announcement"),
    context=_context,
    by_day=True,
    while_paused=True,
    joins=True,
    call=CallSpec(question=Question.NEWS, unanswered="tell"),
)
