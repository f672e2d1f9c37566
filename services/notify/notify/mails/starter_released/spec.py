"""Tell an igangsetter who had said yes that the group does not need them after all."""

from collections.abc import Mapping
from typing import Final

from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.helpers import Notice
from notify.domain.mail_spec import FromNotice, MailSpec
from notify.domain.mail_texts import Block
from notify.mails import starters
from notify.mails.letters import Letter
from shared.kit.i18n import N_, format_when

_SUBJECTS: Final = {"cancelled": N_("Avlyst %(when)s"), "other_chosen": N_("Du trenger ikke komme %(when)s")}
_LEAD: Final = {
    "cancelled": N_("Møtet %(when)s blir ikke noe av. Du trenger ikke komme."),
    "other_chosen": N_("Du trenger ikke komme %(when)s likevel. En annen tar det."),
}
_THANKS: Final = N_("Takk for at du sa ja. Vi spør deg gjerne igjen.")


def _wanted(notice: Notice) -> bool:
    """Return True for a yes that is taken back; of a new time another mail asks, and a closed account hears nothing."""
    told = bool(notice.details.get("had_said_yes")) and notice.word("reason") in _LEAD
    return notice.kind == "question" and notice.state == "withdrawn" and told


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    assert content.starts_at is not None
    when = {"when": format_when(content.starts_at, content.language)}
    lead = text(_LEAD[str(content.reason)]) % when
    return Letter(
        subject=text(_SUBJECTS[str(content.reason)]) % when,
        lead=lead,
        paragraphs=(text(_THANKS),),
        button=starters.own_page(tools, starters.HERE),
        spoken=(lead, text(_THANKS)),
    ).context


SPEC = MailSpec(
    kind="starter_released",
    order=420,
    label=N_("Igangsetter trengs ikke likevel"),
    because=N_("Gruppa trenger ikke igangsetteren likevel."),
    sent=N_("Når en igangsetter ikke trengs likevel."),
    own_words=frozenset({Block.CLOSING}),
    plan=FromNotice(_wanted),
    drop_reason=starters.over_at_meeting,
    requires=("starts_at", "reason"),
    context=_context,
    leave_link=False,
    while_paused=True,
    joins=True,
    call=CallSpec(question=Question.NEWS, unanswered="tell"),
)
