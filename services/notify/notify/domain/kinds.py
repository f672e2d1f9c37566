"""The mails there are, each named by what happened."""

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a mail tells; also the name of its folder under ``notify/mails``."""

    ADDRESS_TO_CONFIRM = "address_to_confirm"
    TALK_TO_COME = "talk_to_come"
    ON_THE_LIST = "on_the_list"
    SEAT_OFFERED = "seat_offered"
    GROUP_CONFIRMED = "group_confirmed"
    MEETING_TOMORROW = "meeting_tomorrow"
    PLAN_CHANGED = "plan_changed"
    START_CANCELLED = "start_cancelled"
    GOODBYE = "goodbye"


ABOUT_SIGNUP: Final = frozenset({Kind.ADDRESS_TO_CONFIRM, Kind.TALK_TO_COME, Kind.ON_THE_LIST, Kind.GOODBYE})
"""Mails that follow from a sign-up; the others follow from a seat."""

ABOUT_MEETING: Final = frozenset({Kind.GROUP_CONFIRMED, Kind.PLAN_CHANGED, Kind.MEETING_TOMORROW})
"""Mails that mean nothing once the meeting has begun."""

REMINDERS: Final = frozenset({Kind.MEETING_TOMORROW})
"""Never sent at night, and never a second time when nobody knows what became of the first."""

LEAVE_LINK: Final = frozenset(Kind) - {Kind.ADDRESS_TO_CONFIRM, Kind.GOODBYE}
"""Mails to somebody who waits or has a seat: they carry the way out, in the text and for the mail program's button."""
