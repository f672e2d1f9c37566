"""Ask an igangsetter first whether they come back to a group that they once started, and that asks for a visit."""

from collections.abc import Mapping
from typing import Final

from notify.domain.calls import CallSpec, Question, question_deadline
from notify.domain.content import MailContent, MailTools
from notify.domain.mail_spec import FromNotice, MailSpec, drop_after_deadline
from notify.mails import starters
from notify.mails.letters import Letter
from shared.kit.i18n import N_, format_date
from shared.reference import languages, slots

_SUBJECT: Final = N_("Kan du komme innom igjen?")
_LEAD: Final = N_("Noen du hjalp i gang, vil gjerne ha deg med på et møte igjen. Du blir spurt først.")
_NEAR: Final = N_("I nærheten av")
_WHEN: Final = N_("Møtetid da du var med")
_LANGUAGE: Final = N_("Språk")
_ANSWER: Final = N_("Svar på denne e-posten, eller ring %(centre)s på %(phone)s, helst innen %(day)s.")
_ANSWER_BY_MAIL: Final = N_("Svar på denne e-posten, helst innen %(day)s.")
_ANSWER_BY_PHONE: Final = N_("Ring %(centre)s på %(phone)s, helst innen %(day)s.")
_ANSWER_ELSEWHERE: Final = N_("Gi %(centre)s svar, helst innen %(day)s.")
_ANSWERS: Final = {
    (True, True): _ANSWER,
    (True, False): _ANSWER_BY_MAIL,
    (False, True): _ANSWER_BY_PHONE,
    (False, False): _ANSWER_ELSEWHERE,
}
"""By whether the centre reads e-mail, and whether it has a telephone."""
_THEN: Final = N_("Passer det, avtaler vi tiden med dem. Du kan ikke nå dem selv, for de er på egen hånd nå.")
_NO_IS_FINE: Final = N_("Det er helt greit å si nei. Da spør vi en annen.")


def _facts(content: MailContent, tools: MailTools) -> tuple[tuple[str, str], ...]:
    text, facts = tools.gettext, []
    if content.place_text:
        facts.append((text(_NEAR), content.place_text))
    if content.slot:
        facts.append((text(_WHEN), slots.label(content.slot, content.language)))
    if content.spoken_language:
        facts.append((text(_LANGUAGE), languages.label(content.spoken_language, content.language)))
    return tuple(facts)


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    assert content.deadline is not None
    words = {
        "centre": content.centre.name,
        "phone": content.centre.phone,
        "day": format_date(content.deadline, content.language),
    }
    answer = _ANSWERS[content.centre.email is not None, content.centre.phone is not None]
    facts = _facts(content, tools)
    return Letter(
        subject=text(_SUBJECT),
        lead=text(_LEAD),
        facts=facts,
        paragraphs=(text(answer) % words, text(_THEN), text(_NO_IS_FINE)),
        button=starters.own_page(tools),
        spoken=(text(_LEAD), *(f"{term}: {value}." for term, value in facts), text(_THEN), text(_NO_IS_FINE)),
    ).context


SPEC = MailSpec(
    kind="starter_asked_back",
    order=440,
    label=N_("Spørsmål til igangsetter om besøk"),
    because=N_("En gruppe har bedt om besøk."),
    sent=N_("Når en gruppe ber igangsetteren komme tilbake."),
    plan=FromNotice(lambda notice: notice.kind == "question" and notice.state == "open" and notice.asks_back),
    drop_reason=drop_after_deadline,
    requires=("deadline",),
    context=_context,
    leave_link=False,
    while_paused=True,
    by_day=True,
    joins=True,
    call=CallSpec(question=Question.NEWS, unanswered="tell", deadline=question_deadline),
)
