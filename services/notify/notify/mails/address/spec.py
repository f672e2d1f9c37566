"""Give the address of a meeting to each person who was told the time without it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from notify.domain.calls import CallSpec, Question, meeting_start
from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Meeting, Seat
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromMeeting, MailSpec, drop_after_start
from shared.kit.i18n import N_

_LEAD: Final = N_("Nå er adressen klar. Her møtes dere:")


def _cause(seat: Seat, meeting: Meeting) -> UUID | None:
    if not meeting.address_known or meeting.first_addressed is None:
        return None
    is_new = seat.first_called[meeting.id] < meeting.first_addressed
    return uuid5(meeting.id, "address") if is_new else None


def _drop_reason(facts: MailFacts, now: datetime) -> str | None:
    if reason := drop_after_start(facts, now):
        return reason
    meeting = facts.meeting
    if meeting is None or facts.told_sequence is None:
        return None
    if facts.told_sequence >= (meeting.first_addressed or 0):
        return "told_already"
    # With a new time as well, the mail about the changed plan says both.
    return None if facts.told_starts_at == meeting.starts_at else "overtaken"


def _context(_content: MailContent, tools: MailTools) -> Mapping[str, object]:
    return {"lead": tools.gettext(_LEAD)}


SPEC = MailSpec(
    kind="address",
    order=125,
    label=N_("Adressen"),
    because=N_("Adressen til det første møtet ble skrevet inn."),
    sent=N_("Når adressen er klar etter at datoen er sendt ut."),
    plan=FromMeeting(_cause),
    drop_reason=_drop_reason,
    context=_context,
    requires=("seat_id", "meeting_id", "starts_at", "ends_at", "place_text"),
    calendar="PUBLISH",
    waits_for=frozenset({"group_confirmed"}),
    call=CallSpec(question=Question.NEWS, unanswered="tell", deadline=meeting_start),
    tells_when=True,
)
