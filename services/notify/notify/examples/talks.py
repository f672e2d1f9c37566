"""Examples of the mails about a talk with the centre."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Final
from uuid import UUID

from notify.domain.content import MailContent, MeetingAhead
from notify.domain.talks import Talk
from notify.examples.moments import NOW, Example, Examples

TALK: Final = Talk(
    id=UUID(int=8),
    signup_id=UUID(int=1),
    sequence=0,
    starts_at=datetime(2027, 3, 11, 9, 0, tzinfo=UTC),
    ends_at=datetime(2027, 3, 11, 9, 30, tzinfo=UTC),
    way="phone",
)


def _entry(talk: Talk) -> MeetingAhead:
    return MeetingAhead(
        meeting_id=talk.id,
        sequence=talk.cancelled_sequence or talk.sequence or 0,
        starts_at=talk.starts_at or NOW,
        ends_at=talk.ends_at or NOW,
        place_text=_place(talk),
        cancelled=talk.cancelled_sequence is not None,
    )


def _place(talk: Talk) -> str:
    return "Eksempelgata 1" if talk.way == "office" else ""


def _of(talk: Talk) -> Example:
    return partial(
        MailContent,
        talk=talk,
        meeting_id=talk.id,
        starts_at=talk.starts_at,
        ends_at=talk.ends_at,
        place_text=_place(talk),
        calendar=(_entry(talk),),
    )


_OFFERED: Final = Talk(id=UUID(int=8), signup_id=UUID(int=1), offered=1)
_AT_OFFICE: Final = replace(TALK, way="office")
_CANCELLED: Final = replace(TALK, cancelled_sequence=1, cancelled_reason="closed")
CALLED_OFF: Final = (_entry(_CANCELLED),)

TALKS: Final[Examples] = {
    "talk_to_come": {
        "plain": partial(MailContent, awaits=("talk",)),
        "reading": partial(MailContent, awaits=("read",)),
        "talk_and_reading": partial(MailContent, awaits=("talk", "read")),
    },
    "talk_booked": {
        "plain": _of(TALK),
        "moved": _of(replace(TALK, sequence=1)),
        "at_office": _of(_AT_OFFICE),
    },
    "talk_tomorrow": {
        "plain": partial(_of(TALK), calendar=()),
        "at_office": partial(_of(_AT_OFFICE), calendar=()),
    },
    "talk_cancelled": {
        "plain": _of(_CANCELLED),
        "given_up": _of(replace(TALK, cancelled_sequence=1, cancelled_reason="given_up")),
    },
    "talk_offered": {
        "plain": partial(MailContent, talk=_OFFERED),
        "again": partial(MailContent, talk=replace(TALK, sequence=None, offered=2)),
    },
}
