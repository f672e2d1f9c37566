"""Words of the mails that ask whether a person still comes to the start meeting."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from notify.domain.calls import CallSpec, Question, meeting_start
from notify.domain.content import MailContent, MailTools
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import expired
from notify.mails import letters
from notify.mails.letters import Button, Letter
from shared.kit.i18n import N_, format_when
from shared.reference.link_purposes import SEAT

_SUBJECT: Final = N_("Kommer du %(when)s?")
_ASKS: Final = N_("Svar her, med ett trykk:")
_ANSWER: Final = N_("Svar ja eller nei")
LAST_LEAD: Final = N_("Snart er det første møtet. Kommer du?")
_KEEPS_QUEUE: Final = N_(
    "Kan du ikke likevel, er det helt greit å si det. Da kan plassen gå til en som venter, og du beholder din plass i "
    "køen."
)
_SPOKEN: Final = N_("Kommer du fortsatt?")
_SPOKEN_YES: Final = N_("Ja: Så fint. Da ses dere.")
_SPOKEN_NO: Final = N_("Nei: Det er helt greit. Da går plassen til en annen, og du beholder din plass i køen.")

CALL: Final = CallSpec(question=Question.COMING, unanswered="tell", deadline=meeting_start)


def letter(content: MailContent, tools: MailTools, lead: str) -> Mapping[str, object]:
    """Return the letter, which begins with ``lead`` (msgid)."""
    assert content.starts_at is not None
    when = {"when": format_when(content.starts_at, content.language)}
    spoken = (
        tools.gettext(N_("Det gjelder det første møtet, %(when)s.")) % when,
        *letters.place_spoken(content.place_text, tools),
        *(tools.gettext(text) for text in (_SPOKEN, _SPOKEN_YES, _SPOKEN_NO)),
    )
    return Letter(
        subject=tools.gettext(_SUBJECT) % when,
        lead=tools.gettext(lead),
        facts=letters.own_meeting(content, tools),
        button=Button(tools.gettext(_ASKS), tools.link(SEAT, content.seat_id), tools.gettext(_ANSWER)),
        ending=(tools.gettext(_KEEPS_QUEUE),),
        spoken=spoken,
    ).context


def drop_at_meeting(facts: MailFacts, now: datetime) -> str | None:
    """Return the reason to drop a question that can be asked until the meeting begins."""
    return drop_reason(facts, now, meeting_start(facts))


def drop_reason(facts: MailFacts, now: datetime, until: datetime | None) -> str | None:
    """Return the reason to drop a question that is answered, or that comes too late."""
    if facts.seat is not None and facts.meeting is not None and facts.seat.comes_to == facts.meeting.starts_at:
        return "answered"
    return expired(until, now)
