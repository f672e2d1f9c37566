"""Tell the others that a member cannot come, without saying who it is; one mail tells of all who said so."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from notify.domain import announcements
from notify.domain.calls import CallSpec, Question, meeting_start
from notify.domain.content import Absence, MailContent, MailTools
from notify.domain.contradictions import ABSENCES, soon, told_with_another
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromAnnouncement, MailSpec, drop_after_start
from notify.domain.mail_texts import Block
from notify.mails import letters
from notify.mails.letters import Letter
from shared.kit.i18n import N_, format_when

_SUBJECT: Final = N_("Noen kan ikke komme på møtet")
_ONE: Final = N_("Én av dere kan ikke komme %(when)s.")
_SEVERAL: Final = N_("%(count)s av dere kan ikke komme %(when)s.")
_DO_NOT_WAIT: Final = N_("Dere trenger ikke å vente.")
_AS_PLANNED: Final = N_("Møtet blir holdt som planlagt.")
_ALL_AS_PLANNED: Final = N_("Møtene blir holdt som planlagt.")


def _drop_reason(facts: MailFacts, now: datetime) -> str | None:
    return told_with_another(facts) or drop_after_start(facts, now)


def _sentence(absence: Absence, content: MailContent, tools: MailTools) -> str:
    words = {"count": absence.count, "when": format_when(absence.starts_at, content.language)}
    return tools.gettext(_ONE if absence.count == 1 else _SEVERAL) % words


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    sentences = tuple(_sentence(absence, content, tools) for absence in content.absences)
    as_planned = text(_AS_PLANNED if len(sentences) == 1 else _ALL_AS_PLANNED)
    lead = " ".join((*sentences, text(_DO_NOT_WAIT)))
    return Letter(
        subject=text(_SUBJECT),
        lead=lead,
        paragraphs=(as_planned,),
        button=letters.next_meeting(content, tools),
        spoken=(lead, as_planned),
    ).context


SPEC = MailSpec(
    kind="absence_told",
    order=230,
    label=N_("En kan ikke komme"),
    because=N_("Et medlem sa fra om ikke å kunne komme."),
    sent=N_("Et kvarter etter at en i gruppa har sagt at de ikke kan komme på et møte."),
    own_words=frozenset({Block.SUBJECT, Block.CLOSING}),
    plan=FromAnnouncement(frozenset({announcements.ABSENCE_TOLD}), due_at=soon),
    drop_reason=_drop_reason,
    requires=("seat_id",),
    context=_context,
    topic=ABSENCES,
    by_day=True,
    while_paused=True,
    joins=True,
    call=CallSpec(question=Question.NEWS, unanswered="tell", deadline=meeting_start),
)
