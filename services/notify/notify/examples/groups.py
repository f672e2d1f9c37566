"""Examples of the mails about a seat and the start meeting of its group."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from notify.domain.content import MailContent
from notify.examples.moments import DEADLINE, MEETS_AT, MEETS_UNTIL, NOW, Examples

MEETING: Final = partial(
    MailContent,
    seat_id=UUID(int=3),
    meeting_id=UUID(int=4),
    sequence=2,
    starts_at=MEETS_AT,
    ends_at=MEETS_UNTIL,
    place_text="Bergen sentrum. Biblioteket, rom 2, inngang fra Strømgaten.",
    size=6,
)
_TUESDAY: Final = datetime(2027, 3, 23, 17, 0, tzinfo=UTC)
_CANCELLED: Final = partial(MEETING, ends_at=None)
_NO_MEETING: Final = partial(_CANCELLED, meeting_id=None, starts_at=None, place_text=None, sequence=0)
_OFFER: Final = partial(
    MailContent,
    seat_id=UUID(int=3),
    slot="thu-evening",
    spoken_language="nb",
    size=6,
    taken=4,
    offer_place="Bergen sentrum",
    earliest_at=datetime(2027, 3, 18, 17, 0, tzinfo=UTC),
    deadline=DEADLINE,
)
_INSTEAD: Final = partial(_OFFER, lost_slot="tue-evening", lost_place="Kleppestø", had_said_yes=True)
_MOVED: Final = partial(_INSTEAD, reason="moved")
_NOT_TO_BE: Final = partial(_CANCELLED, reason="cancelled", cancel_reason="too_few", had_said_yes=True)
_GONE: Final = partial(_CANCELLED, reason="changed", had_said_yes=True, slot="thu-evening")
_GONE_UNANSWERED: Final = partial(_NO_MEETING, reason="changed", had_said_yes=False, slot="thu-evening")

GROUPS: Final[Examples] = {
    "seat_offered": {
        "plain": _OFFER,
        "first_to_answer": partial(_OFFER, size=1, taken=0),
        "no_date_or_place": partial(_OFFER, size=7, taken=0, earliest_at=None, offer_place=None),
        "dated": partial(_OFFER, slot="thu-evening", spoken_language="ar", first_meeting_at=MEETS_AT, earliest_at=None),
        "instead_of_cancelled": partial(_INSTEAD, reason="cancelled", cancel_reason="by_centre"),
        "instead_of_lost": partial(_INSTEAD, reason="changed", meeting_id=UUID(int=4), starts_at=_TUESDAY, sequence=3),
    },
    "question_moved": {
        "plain": _MOVED,
        "meeting_called_off": partial(_MOVED, meeting_id=UUID(int=4), starts_at=_TUESDAY, sequence=3),
    },
    "group_confirmed": {
        "plain": MEETING,
        "no_address_yet": partial(MEETING, address_known=False, place_text="Bergen sentrum"),
        "self_start": partial(MEETING, self_start=True),
    },
    "address": {"plain": MEETING},
    "plan_changed": {
        "plain": MEETING,
        "no_address_yet": partial(MEETING, address_known=False, place_text="Bergen sentrum"),
    },
    "meeting_postponed": {
        "plain": _CANCELLED,
        "not_held": partial(_CANCELLED, starts_at=NOW - timedelta(days=1)),
    },
    "still_coming": {"plain": MEETING},
    "still_coming_again": {"plain": MEETING},
    "coming_unanswered": {"plain": MEETING},
    "meeting_tomorrow": {"plain": MEETING, "self_start": partial(MEETING, self_start=True)},
    "seat_given_up": {"plain": _CANCELLED, "no_meeting": _NO_MEETING},
    "start_cancelled": {
        "plain": _NOT_TO_BE,
        "by_centre": partial(_NOT_TO_BE, cancel_reason="by_centre"),
        "unanswered": partial(_NO_MEETING, reason="cancelled", cancel_reason="too_few", had_said_yes=False),
    },
    "seat_gone": {
        "plain": _GONE,
        "moved": partial(_GONE, reason="moved"),
        "unanswered": _GONE_UNANSWERED,
        "moved_unanswered": partial(_GONE_UNANSWERED, reason="moved"),
        "paused": partial(_GONE, paused=True),
    },
}
