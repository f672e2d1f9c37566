"""
Tell the members that they are on their own, what is kept of them, and the way back: the group's return link.

Where nothing is kept this is the last mail, and the only place where the link is.
"""

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
from shared.reference.link_purposes import GROUP_RETURN

_SUBJECT: Final = N_("Nå er dere på egen hånd")
_LEADS: Final = {
    "members": N_("Alle har svart at dere er klare. Nå er dere på egen hånd."),
    "igangsetter": N_("Igangsetteren har trukket seg ut, slik dere ble enige om. Nå er dere på egen hånd."),
    "start": N_("Det første møtet er holdt. Herfra er dere på egen hånd."),
    "time": N_("Dere har møttes en tid nå. Vi regner med at dere klarer dere på egen hånd."),
}
_AGREED_ALONE: Final = N_("Dere er enige om å fortsette alene. Nå er dere på egen hånd.")
_YOURS: Final = N_("Dere bestemmer selv når og hvor dere møtes, og sier fra til hverandre når noe endrer seg.")
_CALENDAR: Final = N_("Møtene som ligger i kalenderen din, kan dere endre som dere vil.")
_KEPT_NOTHING: Final = N_(
    "Vi sletter hvem som er med. Da kan vi ikke skrive til dere mer, og dette er den siste e-posten."
)
_KEPT_SEALED: Final = N_(
    "Vi sletter hvem som er med. Det vi beholder, er én lukket adresse for dere alle. "
    "Den blir bare åpnet når vi inviterer til kontaktmøter."
)
_KEPT_OPT_IN: Final = N_("Vi sletter hvem som er med. Vi beholder bare dem som selv har bedt om å høre fra oss.")
_COMES_BACK: Final = N_("Når dere har møttes noen ganger alene, kommer vi gjerne innom og hører hvordan det går.")
_KEEP_LINK: Final = N_(
    "Ta vare på lenken under. Den er den samme for dere alle, og er veien tilbake til oss: når dere vil ha besøk, "
    "eller når dere slutter."
)
_KEEP_LINK_TO_END: Final = N_(
    "Ta vare på lenken under. Den er den samme for dere alle, og er veien tilbake til oss, også når dere slutter."
)
_BUTTON: Final = N_("Åpne siden deres")
_ASKS: Final = N_("Her er lenken:")
_SECRET: Final = N_("Ikke gi lenken til noen utenfor. Mister du den, kan du få den av en av de andre.")
_LEAVE_OUT: Final = N_(
    "Vil du ikke at adressen din skal være med i den lukkede adressen, sier du fra på siden din, så lenge den finnes. "
    "Denne lenken er bare til deg:"
)
_ASK_TO_BE_KEPT: Final = N_(
    "Vil du høre fra oss, sier du fra på siden din, så lenge den finnes. Denne lenken er bare til deg:"
)
_OWN_BUTTON: Final = N_("Åpne siden din")
_CONTACT: Final = N_("Lurer du på noe, kan du alltid ringe eller skrive til oss.")
_LINK_BY_PHONE: Final = N_(
    "De andre har fått en lenke som er veien tilbake til oss. Be en av dem om den hvis du trenger den. "
    "Du kan også alltid ringe oss."
)


def _own_choice(content: MailContent, tools: MailTools) -> Button | None:
    """Return the link with which a member decides about their own address, where they are known for a while yet."""
    asks = {"sealed_alias": _LEAVE_OUT, "opt_in": _ASK_TO_BE_KEPT}.get(str(letters.detail(content, "memory")))
    known = letters.detail(content, "followed_up") or letters.detail(content, "by") == "start"
    if asks is None or not known or content.seat_id is None:
        return None
    return Button(tools.gettext(asks), letters.member_page(content, tools), tools.gettext(_OWN_BUTTON))


def _kept(content: MailContent, tools: MailTools) -> str:
    texts = {"none": _KEPT_NOTHING, "sealed_alias": _KEPT_SEALED, "opt_in": _KEPT_OPT_IN}
    return tools.gettext(texts[str(letters.detail(content, "memory"))])


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    by = str(letters.detail(content, "by"))
    lead = text(_AGREED_ALONE if by == "igangsetter" and not content.has_igangsetter else _LEADS[by])
    comes_back = (text(_COMES_BACK),) if letters.detail(content, "followed_up") else ()
    calendar = (text(_CALENDAR),) if by != "start" else ()  # such a group was never called to further meetings
    policy = content.policy
    visits = policy.visit_on_request or policy.conflict_visit == "on_request"
    return Letter(
        subject=text(_SUBJECT),
        lead=lead,
        paragraphs=(
            " ".join((text(_YOURS), *calendar)),
            _kept(content, tools),
            *comes_back,
            text(_KEEP_LINK if visits else _KEEP_LINK_TO_END),
        ),
        button=Button(text(_ASKS), tools.link(GROUP_RETURN, content.link_id), text(_BUTTON)),
        ending=(text(_SECRET), text(_CONTACT)),
        second=_own_choice(content, tools),
        spoken=(lead, " ".join((text(_YOURS), *calendar)), _kept(content, tools), *comes_back, text(_LINK_BY_PHONE)),
    ).context


SPEC = MailSpec(
    kind="handed_over",
    order=260,
    label=N_("På egen hånd"),
    because=N_("Gruppa fortsetter på egen hånd."),
    sent=N_("Når gruppa går for seg selv."),
    own_words=frozenset({Block.SUBJECT, Block.CLOSING}),
    plan=FromAnnouncement(frozenset({announcements.HANDED_OVER})),
    requires=("announcement",),
    context=_context,
    leave_link=False,
    by_day=True,
    while_paused=True,
    outlives_members=True,
    call=CallSpec(question=Question.NEWS, unanswered="tell"),
)
