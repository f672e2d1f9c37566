"""Announce time and place of a meeting to each person with a seat, with a calendar file."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from notify.domain.calls import CallSpec, Question, meeting_start
from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Meeting, Seat
from notify.domain.mail_spec import FromMeeting, MailSpec, drop_after_start
from notify.domain.mail_texts import Block
from shared.kit.i18n import N_

_DATE_AND_PLACE: Final = N_("Nå er det klart når og hvor dere møtes første gang. Velkommen!")
_DATE_ONLY: Final = N_("Velkommen! Nå er datoen klar. Adressen kommer i en egen e-post.")


def _cause(_seat: Seat, meeting: Meeting) -> UUID | None:
    return meeting.id


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    lead = _DATE_AND_PLACE if content.address_known else _DATE_ONLY
    return {
        "lead": tools.gettext(lead),
        "size_now": tools.gettext(N_("%(size)s personer, du er en av dem")) % {"size": content.size or 0},
    }


SPEC = MailSpec(
    kind="group_confirmed",
    order=120,
    label=N_("Tid og sted"),
    because=N_("Nok har sagt ja, og det første møtet er bestemt."),
    sent=N_("Når det første møtet har fått dato."),
    own_words=frozenset({Block.CLOSING}),
    plan=FromMeeting(_cause),
    drop_reason=drop_after_start,
    requires=("seat_id", "meeting_id", "starts_at", "ends_at"),
    context=_context,
    calendar="PUBLISH",
    call=CallSpec(question=Question.NEWS, unanswered="tell", deadline=meeting_start),
    tells_when=True,
)
