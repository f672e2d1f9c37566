"""Announce a new time or place of a meeting to each person who knew an earlier plan."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from notify.domain.calls import CallSpec, Question, meeting_start
from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Meeting, Seat
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromMeeting, MailSpec, drop_after_start
from notify.domain.mail_texts import Block
from notify.domain.planning import plan_id
from shared.kit.i18n import N_

_CHANGED: Final = N_("Planen for det første møtet er endret. Dette gjelder nå:")
_CHANGED_WITHOUT_ADDRESS: Final = N_(
    "Planen for det første møtet er endret. Adressen kommer i en egen e-post. Dette gjelder nå:"
)


def _cause(seat: Seat, meeting: Meeting) -> UUID | None:
    return plan_id(meeting) if meeting.sequence > seat.first_called[meeting.id] else None


def _drop_reason(facts: MailFacts, now: datetime) -> str | None:
    if reason := drop_after_start(facts, now):
        return reason
    if facts.meeting is None or facts.told_sequence is None:
        return None
    return "told_already" if facts.told_sequence >= facts.meeting.sequence else None


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    return {"lead": tools.gettext(_CHANGED if content.address_known else _CHANGED_WITHOUT_ADDRESS)}


SPEC = MailSpec(
    kind="plan_changed",
    order=130,
    label=N_("Endret plan"),
    because=N_("Det første møtet har fått ny tid eller nytt sted."),
    sms=N_("Møtet er flyttet. Ny tid er %(when)s. Vi ringer deg om det."),
    sent=N_("Når det første møtet får ny tid eller nytt sted."),
    own_words=frozenset({Block.SUBJECT, Block.CLOSING}),
    plan=FromMeeting(_cause),
    drop_reason=_drop_reason,
    requires=("seat_id", "meeting_id", "starts_at", "ends_at"),
    context=_context,
    calendar="PUBLISH",
    call=CallSpec(question=Question.NEWS, unanswered="tell", deadline=meeting_start),
    # A change is pointless for a person without mail about the plan, and the mail with the address says the same.
    waits_for=frozenset({"group_confirmed", "address"}),
    tells_when=True,
    gathers=True,
)
