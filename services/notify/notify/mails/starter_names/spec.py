"""Tell an igangsetter that they can see the first names of their group."""

from collections.abc import Mapping
from typing import Final

from notify.domain.content import MailContent, MailTools
from notify.domain.mail_spec import FromNotice, MailSpec
from notify.mails import starters
from notify.mails.letters import Letter
from shared.kit.i18n import N_, format_when

_SUBJECT: Final = N_("Første møte %(when)s")
_LEAD: Final = N_("Nå kan du se fornavnene, og hvordan hver av dem vil bli kontaktet.")
_SAY_HELLO: Final = N_("Flere kommer når noen har sagt hei på forhånd. Ta gjerne kontakt i dag eller i morgen.")
_SHEET: Final = N_("Der er også en huskeliste du kan skrive ut.")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    assert content.starts_at is not None
    return Letter(
        subject=text(_SUBJECT) % {"when": format_when(content.starts_at, content.language)},
        lead=text(_LEAD),
        paragraphs=(text(_SAY_HELLO), text(_SHEET)),
        button=starters.own_page(tools),
    ).context


SPEC = MailSpec(
    kind="starter_names",
    order=430,
    label=N_("Fornavnene til igangsetteren"),
    because=N_("Gruppa begynner snart."),
    sent=N_("En uke før det første møtet."),
    plan=FromNotice(lambda notice: notice.kind == "question" and notice.state == "accepted", due_at=starters.names_at),
    drop_reason=starters.over_at_meeting,
    requires=("starts_at",),
    context=_context,
    leave_link=False,
    while_paused=True,
    is_reminder=True,
)
