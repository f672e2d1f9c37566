"""Thank an igangsetter who starts a group, with time and place."""

from collections.abc import Mapping
from typing import Final

from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromNotice, MailSpec
from notify.mails import starters
from notify.mails.letters import Letter
from shared.kit.i18n import N_, format_date, format_when

_SUBJECT: Final = N_("Avtalt %(when)s")
_LEAD: Final = N_("Takk! Da er det du som tar imot.")
_NAMES: Final = N_("Fra %(when)s kan du se fornavnene på siden din, og ta kontakt før første møte.")
_NAMES_NOW: Final = N_("Du kan se fornavnene på siden din nå, og ta kontakt før første møte.")
_CANNOT: Final = N_("Passer det ikke likevel, sier du fra på siden din så tidlig du kan.")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    assert content.starts_at is not None
    when = {"when": format_when(content.starts_at, content.language)}
    names_at = content.starts_at - starters.NAMES_BEFORE
    names = text(_NAMES_NOW)
    if names_at > content.stamp:
        names = text(_NAMES) % {"when": format_date(names_at, content.language)}
    return Letter(
        subject=text(_SUBJECT) % when,
        lead=text(_LEAD),
        facts=starters.meeting_facts(content, tools, exact=True),
        paragraphs=(names, text(_CANNOT)),
        button=starters.own_page(tools),
        spoken=(text(_LEAD), *starters.said_facts(content, tools, exact=True)),
    ).context


def _needs_call(_facts: MailFacts) -> bool:
    """Return False: who is reached by phone has just said yes there, or staff have chosen them."""
    return False


SPEC = MailSpec(
    kind="starter_agreed",
    order=410,
    label=N_("Igangsetter er avtalt"),
    because=N_("En igangsetter sa ja."),
    sent=N_("Når en igangsetter har sagt ja."),
    plan=FromNotice(lambda notice: notice.kind == "question" and notice.state == "accepted"),
    drop_reason=starters.over_at_meeting,
    requires=("starts_at",),
    context=_context,
    leave_link=False,
    while_paused=True,
    by_day=True,
    joins=True,
    call=CallSpec(question=Question.NEWS, unanswered="tell", wanted=_needs_call),
)
