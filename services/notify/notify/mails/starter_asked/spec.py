"""Ask an igangsetter whether they start a group."""

from collections.abc import Mapping
from typing import Final

from notify.domain.calls import CallSpec, Question, question_deadline
from notify.domain.content import MailContent, MailTools
from notify.domain.mail_spec import FromNotice, MailSpec, drop_after_deadline
from notify.mails import frames, starters
from notify.mails.letters import Button, Letter
from shared.kit.i18n import N_, format_when
from shared.reference.link_purposes import STARTER

_SUBJECT: Final = N_("Kan du %(when)s?")
_LEAD: Final = N_("Vi trenger noen som er med på de første møtene. Passer dette for deg?")
_LEAD_ONE: Final = N_("Vi trenger noen som er med på det første møtet. Passer dette for deg?")
_AGAIN: Final = N_("Tiden er endret siden du svarte. Passer den nye for deg?")
_DEADLINE: Final = N_("Svar innen %(when)s. Etter det spør vi en annen.")
_ASKS: Final = N_("Svar ja eller nei her:")
_BUTTON: Final = N_("Svar")
_NO_IS_FINE: Final = N_("Det er helt greit å si nei. Da spør vi deg om noe annet senere.")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    assert content.starts_at is not None
    assert content.deadline is not None
    lead = text(_LEAD_ONE if frames.is_one_meeting(content.policy) else _LEAD)
    if content.notice is not None and content.notice.details.get("again"):
        lead = text(_AGAIN)
    deadline = text(_DEADLINE) % {"when": format_when(content.deadline, content.language)}
    return Letter(
        subject=text(_SUBJECT) % {"when": format_when(content.starts_at, content.language)},
        lead=lead,
        facts=starters.meeting_facts(content, tools, exact=False),
        paragraphs=(deadline,),
        button=Button(text(_ASKS), tools.link(STARTER, content.cause_id), text(_BUTTON)),
        ending=(text(_NO_IS_FINE),),
        spoken=(lead, *starters.said_facts(content, tools, exact=False), text(_NO_IS_FINE)),
    ).context


SPEC = MailSpec(
    kind="starter_asked",
    order=400,
    label=N_("Spørsmål til igangsetter"),
    because=N_("En gruppe trenger en igangsetter."),
    sent=N_("Når dere trenger en igangsetter til en gruppe."),
    plan=FromNotice(lambda notice: notice.kind == "question" and notice.state == "open" and not notice.asks_back),
    drop_reason=drop_after_deadline,
    requires=("starts_at", "deadline"),
    context=_context,
    leave_link=False,
    while_paused=True,
    by_day=True,
    joins=True,
    call=CallSpec(question=Question.STARTER, unanswered="next", deadline=question_deadline),
)
