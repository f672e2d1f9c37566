"""Tell a person why they no longer have a seat or an offer, and take its meeting out of their calendar."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from notify.domain.calls import CallSpec, Question, meeting_start
from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Group, Seat
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromSeat, MailSpec
from notify.domain.mail_texts import Block
from notify.mails.losses import calendar_note, why_gone
from shared.kit.i18n import N_

_IN_QUEUE: Final = N_(
    "Du står fortsatt på ventelisten, med den samme plassen i køen som før. Du trenger ikke gjøre noe: "
    "Vi skriver til deg når det er en ny mulighet."
)
_PAUSED: Final = N_("Du beholder plassen i køen, og hører fra oss når du har avsluttet pausen.")


def _cause(seat: Seat, _group: Group) -> UUID | None:
    return seat.id if seat.released in {"changed", "moved"} and seat.replaced_by is None else None


def _drop_reason(facts: MailFacts, _now: datetime) -> str | None:
    return None if facts.told_of_group else "never_told"


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    return {
        "lead": why_gone(content, tools),
        "in_queue": tools.gettext(_PAUSED if content.paused else _IN_QUEUE),
        "calendar_note": calendar_note(content, tools),
    }


SPEC = MailSpec(
    kind="seat_gone",
    order=151,
    label=N_("Mistet plassen"),
    because=N_("Plassen eller tilbudet gjelder ikke lenger."),
    sent=N_("Når et tilbud er trukket tilbake, eller noen ikke har plassen lenger."),
    own_words=frozenset({Block.CLOSING}),
    plan=FromSeat(_cause, with_meeting=True),
    drop_reason=_drop_reason,
    context=_context,
    calendar="CANCEL",
    takes_back=True,
    while_paused=True,
    call=CallSpec(question=Question.NEWS, unanswered="tell", deadline=meeting_start),
)
