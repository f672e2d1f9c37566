"""Tell those invited to a meeting of the centre that it has another time or place."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from notify.domain.content import MailContent, MailTools
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromInvitation, MailSpec
from notify.mails import kontaktmoter
from notify.mails.letters import Button
from shared.kit.i18n import N_

_SUBJECT: Final = N_("Nytt om møtet %(when)s")
_LEAD: Final = N_("Møtet har fått ny tid eller nytt sted. Dette gjelder nå:")
_STANDS: Final = N_("Svaret ditt står. Passer det ikke lenger, endrer du det her:")
_CHANGE: Final = N_("Endre svaret")
_CALENDAR: Final = N_("Kalenderfilen som ligger ved, erstatter den du har.")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    button = kontaktmoter.answer(content, tools)
    if kontaktmoter.invited_of(content).invitation.reply.wanted:
        button = Button(text(_STANDS), button.url, text(_CHANGE))
    return kontaktmoter.letter(
        content,
        tools,
        subject=text(_SUBJECT),
        lead=text(_LEAD),
        button=button,
        paragraphs=kontaktmoter.calendar_note(content, tools, _CALENDAR),
    ).context


def _drop_reason(facts: MailFacts, now: datetime) -> str | None:
    """Return the reason to drop the mail: the recipient has not heard of the meeting, or already of this plan."""
    if reason := kontaktmoter.never_told(facts, now):
        return reason
    told = facts.told_sequence
    assert facts.invited is not None
    return "overtaken" if told is not None and told >= facts.invited.meeting.sequence else None


SPEC = MailSpec(
    kind="kontaktmote_changed",
    order=520,
    label=N_("Endret møte"),
    because=N_("Møtet har fått ny tid eller nytt sted."),
    sms=N_("Møtet er flyttet. Ny tid er %(when)s. Vi ringer deg om det."),
    sent=N_("Når et møte får ny tid eller nytt sted."),
    plan=FromInvitation(lambda invited: invited.change_cause),
    drop_reason=_drop_reason,
    requires=("starts_at", "invited"),
    context=_context,
    calendar="PUBLISH",
    while_paused=True,
    by_day=True,
    call=kontaktmoter.CALL,
    tells_when=True,
    gathers=True,
)
