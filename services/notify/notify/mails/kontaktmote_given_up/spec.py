"""Confirm to those who have given their place at a meeting up that it is free, and take it out of their calendar."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from notify.domain.content import MailContent, MailTools
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromInvitation, MailSpec
from notify.mails import kontaktmoter
from shared.kit.i18n import N_

_SUBJECT: Final = N_("Du kommer ikke %(when)s")
_LEAD: Final = N_("Takk for at du sa fra. Nå kan noen andre få plassen.")
_CALENDAR: Final = N_("Åpne kalenderfilen som ligger ved, så går møtet ut av kalenderen din.")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    letter = kontaktmoter.letter(
        content,
        tools,
        subject=text(_SUBJECT),
        lead=text(_LEAD),
        button=kontaktmoter.change(content, tools),
        paragraphs=kontaktmoter.calendar_note(content, tools, _CALENDAR),
    )
    return replace(letter, facts=()).context  # the recipient does not come


def _drop_reason(facts: MailFacts, now: datetime) -> str | None:
    """Return the reason to drop the receipt: the meeting has begun, or no mail has told of the place."""
    return kontaktmoter.over(facts, now) or ("never_told" if facts.told_sequence is None else None)


SPEC = MailSpec(
    kind="kontaktmote_given_up",
    order=515,
    label=N_("Plass gitt tilbake"),
    because=N_("Den som hadde plass på møtet, kommer ikke."),
    sent=N_("Når noen som hadde plass, svarer nei."),
    plan=FromInvitation(lambda invited: invited.given_up_cause),
    drop_reason=_drop_reason,
    requires=("starts_at", "invited"),
    context=_context,
    calendar="CANCEL",
    while_paused=True,
)
