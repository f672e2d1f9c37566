"""Ask the members whether they are ready to go on by themselves."""

from collections.abc import Mapping
from typing import Final

from notify.domain import announcements
from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.contradictions import after_welcome
from notify.domain.mail_spec import FromAnnouncement, MailSpec
from notify.domain.mail_texts import Block
from notify.mails import letters
from notify.mails.letters import Button, Letter
from shared.kit.i18n import N_

_SUBJECT: Final = N_("Er dere klare til å fortsette på egen hånd?")
_LEAD_ONE: Final = N_("Igangsetteren har vært med på det første møtet. Er dere klare til å fortsette på egen hånd?")
_LEAD: Final = N_("Igangsetteren har vært med på %(meetings)s møter. Er dere klare til å fortsette på egen hånd?")
_LEAD_ONE_ALONE: Final = N_("Dere har hatt det første møtet. Er dere klare til å fortsette på egen hånd?")
_LEAD_ALONE: Final = N_("Dere har hatt %(meetings)s møter. Er dere klare til å fortsette på egen hånd?")
_ALL: Final = N_("Når alle har svart ja, trekker igangsetteren seg ut.")
_ALL_ALONE: Final = N_("Når alle har svart ja, fortsetter dere på egen hånd.")
_UNSURE: Final = N_("Er du usikker, kan du vente med å svare og ta det opp med de andre på neste møte.")
_ASKS: Final = N_("Er du klar? Svar her:")
_BUTTON: Final = N_("Svar her")
_BY_PHONE: Final = N_("Svaret ditt kan du gi på neste møte. Når dere er enige, sier igangsetteren fra til oss.")
_BY_PHONE_ALONE: Final = N_("Svaret ditt kan du gi på neste møte. Når dere er enige, sier en av dere fra til oss.")


_KEPT: Final = {
    "sealed_alias": N_(
        "Når dere går videre, sletter vi hvem som er med, og låser adressene deres ned sammen. De blir bare låst opp "
        "når vi inviterer til kontaktmøter. Vil du ikke at din skal være med, sier du fra på siden din."
    ),
    "opt_in": N_(
        "Når dere går videre, sletter vi hvem som er med. Vil du høre fra oss etterpå, sier du fra på siden din."
    ),
}
"""The choice that a member has about their own address by then, by what the policy keeps; none without a choice."""


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text, meetings, helped = tools.gettext, letters.detail(content, "meetings"), content.has_igangsetter
    one, several = (_LEAD_ONE, _LEAD) if helped else (_LEAD_ONE_ALONE, _LEAD_ALONE)
    lead = text(one if meetings == 1 else several) % {"meetings": meetings}
    after, by_phone = (_ALL, _BY_PHONE) if helped else (_ALL_ALONE, _BY_PHONE_ALONE)
    kept = _KEPT.get(content.policy.post_handover_memory)
    own_choice = (text(kept),) if kept else ()
    return Letter(
        subject=text(_SUBJECT),
        lead=lead,
        paragraphs=(text(after), text(_UNSURE), *own_choice),
        button=Button(text(_ASKS), letters.member_page(content, tools), text(_BUTTON)),
        spoken=(lead, text(after), text(by_phone), *own_choice),
    ).context


SPEC = MailSpec(
    kind="handover_asked",
    order=250,
    label=N_("Klare til å fortsette alene?"),
    because=N_("Gruppa har hatt møtene med igangsetter."),
    sent=N_("Når igangsetteren spør gruppa om den er klar."),
    own_words=frozenset({Block.SUBJECT, Block.CLOSING}),
    plan=FromAnnouncement(frozenset({announcements.HANDOVER_ASKED}), due_at=after_welcome),
    requires=("seat_id", "announcement"),
    context=_context,
    by_day=True,
    while_paused=True,
    joins=True,
    call=CallSpec(question=Question.NEWS, unanswered="tell"),
)
