"""Tell that a meeting is not held at its time, and take it out of the calendar, until there is a new time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from notify.domain.calls import CallSpec, Question, meeting_start
from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Meeting, Seat
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromMeeting, MailSpec, never_told
from notify.domain.mail_texts import Block
from notify.domain.planning import plan_id
from shared.kit.i18n import N_, format_when

_NOT_THEN: Final = N_("Møtet blir ikke holdt %(when)s. Vi finner en ny dato, og skriver til deg når den er klar.")
_WAS_NOT: Final = N_("Møtet %(when)s ble ikke holdt. Vi finner en ny dato, og skriver til deg når den er klar.")


def _cause(_seat: Seat, meeting: Meeting) -> UUID | None:
    return plan_id(meeting)


def _drop_reason(facts: MailFacts, _now: datetime) -> str | None:
    if reason := never_told(facts):
        return reason
    return "told_already" if facts.told_starts_at is None else None


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    assert content.starts_at is not None
    lead = _NOT_THEN if content.starts_at > content.stamp else _WAS_NOT
    return {"lead": tools.gettext(lead) % {"when": format_when(content.starts_at, content.language)}}


SPEC = MailSpec(
    kind="meeting_postponed",
    order=135,
    label=N_("Utsatt møte"),
    because=N_("Det første møtet er utsatt."),
    sms=N_("Møtet %(when)s er utsatt. Vi ringer deg om det."),
    sent=N_("Når det første møtet er utsatt."),
    own_words=frozenset({Block.SUBJECT, Block.CLOSING}),
    plan=FromMeeting(_cause, postponed=True),
    drop_reason=_drop_reason,
    requires=("seat_id", "meeting_id", "starts_at"),
    context=_context,
    calendar="CANCEL",
    call=CallSpec(question=Question.NEWS, unanswered="tell", deadline=meeting_start),
)
