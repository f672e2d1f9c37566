"""Announce time and place of a meeting to each person with a seat, with a calendar file."""

from collections.abc import Mapping
from uuid import UUID

from notify.domain.calls import CallSpec, Question, meeting_start
from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Meeting, Seat
from notify.domain.mail_spec import FromMeeting, MailSpec, drop_after_start
from shared.kit.i18n import N_


def _cause(_seat: Seat, meeting: Meeting) -> UUID | None:
    return meeting.id


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    return {"size_now": tools.gettext(N_("%(size)s personer, deg medregnet")) % {"size": content.size or 0}}


SPEC = MailSpec(
    kind="group_confirmed",
    order=120,
    label=N_("Tid og sted"),
    plan=FromMeeting(_cause),
    drop_reason=drop_after_start,
    requires=("seat_id", "meeting_id", "starts_at", "ends_at"),
    context=_context,
    calendar="PUBLISH",
    call=CallSpec(question=Question.NEWS, unanswered="tell", deadline=meeting_start),
)
