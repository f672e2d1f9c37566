"""Tell the members that the centre does not come: because they did not want it, or because it chose not to."""

from collections.abc import Mapping
from typing import Final

from notify.domain import announcements
from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.mail_spec import FromAnnouncement, MailSpec
from notify.domain.mail_texts import Block
from notify.mails import letters
from notify.mails.letters import Button, Letter
from shared.kit.i18n import N_

_SUBJECT: Final = N_("Vi kommer ikke denne gangen")
_BY_GROUP: Final = N_("Vi kommer ikke innom nå, slik dere svarte.")
_BY_CENTRE: Final = N_("Takk for at dere spurte. Denne gangen kan vi ikke komme til møtet deres.")
_UNANSWERED: Final = N_("Vi spurte om å komme innom, men hørte ikke fra dere. Da kommer vi ikke nå.")
_CALL_LATER: Final = N_("Vil dere snakke med oss senere, er det bare å ringe eller skrive.")
_ASK_LATER: Final = N_("Vil dere ha besøk senere, kan dere be om det på siden deres.")
_HERE_WE_ARE: Final = N_("Her finner dere oss:")
_OUR_PAGES: Final = N_("Åpne sidene våre")
_NOTHING_WRONG: Final = N_("Dere kan gjerne spørre igjen.")
_CONFLICT: Final = N_(
    "Selve konflikten kan vi ikke løse for dere. Ring eller skriv gjerne, "
    "så kan vi snakke om hva dere selv kan ta tak i."
)


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    by_group = letters.detail(content, "by") == "group"
    lead = text(_UNANSWERED if letters.detail(content, "unanswered") else _BY_GROUP if by_group else _BY_CENTRE)
    is_conflict = letters.detail(content, "kind") == "conflict_visit"
    later = _ASK_LATER if content.policy.visit_on_request else _CALL_LATER
    why = (text(later),) if by_group else (text(_NOTHING_WRONG), *((text(_CONFLICT),) if is_conflict else ()))
    # When a return visit is settled, the members are forgotten, and their pages with them.
    forgotten = letters.detail(content, "kind") == "return_visit"
    button = (
        Button(text(_HERE_WE_ARE), tools.page("/"), text(_OUR_PAGES)) if forgotten else letters.own_page(content, tools)
    )
    return Letter(
        subject=text(_SUBJECT),
        lead=lead,
        paragraphs=why,
        button=button,
        spoken=(lead, *why),
    ).context


SPEC = MailSpec(
    kind="visit_declined",
    order=290,
    label=N_("Ikke noe besøk"),
    because=N_("Det blir ikke noe besøk hos gruppa."),
    sent=N_("Når det ikke blir noe besøk."),
    own_words=frozenset({Block.SUBJECT, Block.CLOSING}),
    plan=FromAnnouncement(frozenset({announcements.VISIT_DECLINED})),
    requires=("seat_id", "announcement"),
    context=_context,
    leave_link=False,
    by_day=True,
    while_paused=True,
    outlives_members=True,
    call=CallSpec(question=Question.NEWS, unanswered="tell"),
)
