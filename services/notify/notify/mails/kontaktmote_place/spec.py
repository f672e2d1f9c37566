"""Confirm a place at a meeting of the centre, with time and place for the calendar."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from notify.domain.content import MailContent, MailTools
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromInvitation, MailSpec
from notify.domain.mail_texts import Block
from notify.mails import kontaktmoter
from shared.kit.i18n import N_

_SUBJECT: Final = N_("Velkommen %(when)s")
_LEAD: Final = N_("Takk for svaret. Vi gleder oss til å se deg.")
_LEAD_MANY: Final = N_("Takk for svaret. Vi har satt av %(places)s plasser til dere.")
_LEAD_FROM_LINE: Final = N_("Det ble plass. Du står ikke lenger på venteliste.")
_LEAD_MANY_FROM_LINE: Final = N_("Det ble plass til %(places)s. Dere står ikke lenger på venteliste.")
_CALENDAR: Final = N_("Kalenderfilen som ligger ved, har tid og sted. Den har en nøytral tittel.")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    invitation = kontaktmoter.invited_of(content).invitation
    places = invitation.reply.seats
    one, many = (_LEAD_FROM_LINE, _LEAD_MANY_FROM_LINE) if invitation.from_line else (_LEAD, _LEAD_MANY)
    lead = text(one) if places == 1 else text(many) % {"places": places}
    return kontaktmoter.letter(
        content,
        tools,
        subject=text(_SUBJECT),
        lead=lead,
        button=kontaktmoter.change(content, tools),
        paragraphs=(text(_CALENDAR),),
    ).context


def _answered_on_phone(facts: MailFacts) -> bool:
    """Return False: who cannot be mailed has not answered by the link of a mail, unless the place is from the line."""
    return facts.invited is not None and facts.invited.invitation.from_line


SPEC = MailSpec(
    kind="kontaktmote_place",
    order=510,
    label=N_("Plass på møte"),
    because=N_("Det ble sagt ja til møtet, og det er plass."),
    sent=N_("Når noen har svart ja og fått plass, eller får plass fra ventelisten."),
    own_words=frozenset({Block.SUBJECT, Block.CLOSING}),
    plan=FromInvitation(lambda invited: invited.place_cause),
    drop_reason=kontaktmoter.over,
    requires=("starts_at", "invited"),
    context=_context,
    calendar="PUBLISH",
    while_paused=True,
    call=replace(kontaktmoter.CALL, wanted=_answered_on_phone),
    tells_when=True,
)
