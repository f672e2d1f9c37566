"""
Remind of some of the weekly meetings the day before; the calendar file has those that follow.

The first three are reminded of, then every third: grouping calls four meetings ahead, so nobody's calendar runs empty.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Meeting
from notify.domain.hours import reminder_at
from notify.domain.mail_spec import FromMeetingAhead, MailSpec, drop_after_start
from notify.domain.planning import plan_id
from notify.mails import letters
from notify.mails.letters import Letter
from shared.kit.i18n import N_, format_when

FIRST_REMINDED: Final = 3
THEN_EACH: Final = 3

_SUBJECT: Final = N_("Husk møtet %(when)s")
_LEAD: Final = N_("Snart møtes dere igjen.")
_CANNOT_COME: Final = N_("Kan du ikke komme? Si fra her, så de andre slipper å vente:")


def _cause(meeting: Meeting, number: int) -> UUID | None:
    return plan_id(meeting) if number <= FIRST_REMINDED or number % THEN_EACH == 0 else None


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    assert content.starts_at is not None
    when = {"when": format_when(content.starts_at, content.language)}
    return Letter(
        subject=tools.gettext(_SUBJECT) % when,
        lead=tools.gettext(_LEAD),
        facts=letters.own_meeting(content, tools, started=True),
        paragraphs=letters.calendar_note(content, tools),
        button=letters.next_meeting(content, tools, _CANNOT_COME),
    ).context


SPEC = MailSpec(
    kind="weekly_reminder",
    order=240,
    label=N_("Påminnelse om fast møte"),
    because=N_("Gruppa har et møte i morgen."),
    sent=N_("Dagen før et fast møte."),
    plan=FromMeetingAhead(_cause, due_at=lambda meeting: reminder_at(meeting.starts_at)),
    drop_reason=drop_after_start,
    requires=("seat_id", "meeting_id", "starts_at", "ends_at"),
    context=_context,
    calendar="PUBLISH",
    calendar_of="ahead",
    is_reminder=True,
    while_paused=True,
    tells_when=True,
)
