"""
The quiet hour: mails to one person within an hour that contradict or repeat each other become one, or wait.

A mail that takes something back (a seat, an offer) and an offer of another seat must not reach a person within an hour
as if they did not know of each other:

- If both are still queued, the offer is sent alone, and says what it is instead of.
- If the first has left, the offer waits until an hour has passed. If its deadline leaves no time for that, it is sent
  at once and says what it is instead of.
- If an offer has left and is then taken back, the mail about it waits until an hour has passed, in which another offer
  may take its place. A meeting that the person knows of is called off at once.

A reminder is not sent if a mail of the last hour has told of the same meeting (:func:`is_told`). Of several changes of
one meeting, the first is told at once, and the others together when an hour has passed, or at once where the meeting is
near (:func:`change_waits_until`).

After the start of a group, mails of one topic wait a little, and the first one to leave tells all there is to tell of
the topic (:func:`told_with_another`). A rhythm that is set while the welcome waits is told by the welcome.
"""

from datetime import datetime, timedelta
from typing import Final

from notify.domain import announcements
from notify.domain.announcements import Announcement
from notify.domain.hours import not_at_night
from notify.domain.mail_facts import MailFacts

QUIET: Final = timedelta(hours=1)
TIME_TO_ANSWER: Final = timedelta(hours=12)
"""Least time between a mail and the deadline of its offer, or the start of its meeting, for it to be kept waiting."""


SCHEDULE: Final = "schedule"
"""Topic of mails about the meetings ahead of a started group."""
ABSENCES: Final = "absences"
"""Topic of mails about members who cannot come."""

TOGETHER: Final = timedelta(minutes=15)
"""How long news of a started group waits for more of the same."""
WELCOME_AFTER: Final = timedelta(hours=1)
"""Time after the start in which what the group agrees on becomes a part of the welcome."""


def soon(item: Announcement) -> datetime:
    """Return when a mail about an announcement is due, so that several become one."""
    return item.at + TOGETHER


def welcome_at(started: Announcement) -> datetime:
    """Return when the welcome to a started group is due."""
    return not_at_night(started.at + WELCOME_AFTER)


def after_welcome(item: Announcement) -> datetime:
    """Return when a mail is due that must not come before the welcome, if both follow from the start."""
    return not_at_night(item.at + WELCOME_AFTER) + TOGETHER


def told_in_welcome(facts: MailFacts) -> str | None:
    """Return the reason to drop a mail about something that the welcome, which is not due yet, will tell."""
    if facts.announcement is None or facts.seat is None or facts.group is None:
        return None
    for started in facts.life.to_seat(facts.seat.id, (announcements.STARTED,)):
        if facts.announcement.at <= welcome_at(started) and announcements.holds(started, facts.group, facts.life):
            return "told_in_welcome"
    return None


def told_with_another(facts: MailFacts) -> str | None:
    """Return the reason to drop a mail whose news an earlier mail of the same topic has told."""
    told = facts.announcement is not None and facts.announcement.version <= facts.told_version
    return "told_already" if told else None


def offer_waits_until(taken_back_at: datetime | None, deadline: datetime | None, now: datetime) -> datetime | None:
    """
    Return the time until which an offer waits; None if it is sent now.

    Args:
        taken_back_at: When the last mail that took something back left; None if there was none.
        deadline: End of the offer.
        now: The time.
    """
    until = _end_of_quiet(taken_back_at, now)
    if until is None or (deadline is not None and until + TIME_TO_ANSWER > deadline):
        return None
    return until


def takes_back_in_quiet(taken_back_at: datetime | None, now: datetime) -> bool:
    """Return True while an offer would contradict the last mail that took something back."""
    return _end_of_quiet(taken_back_at, now) is not None


def taking_back_waits_until(offered_at: datetime | None, *, meeting_known: bool, now: datetime) -> datetime | None:
    """
    Return the time until which a mail that takes something back waits; None if it is sent now.

    Args:
        offered_at: When the offer that it takes back left; None if it did not.
        meeting_known: True if the person has been told of the meeting.
        now: The time.
    """
    return None if meeting_known else _end_of_quiet(offered_at, now)


def is_told(told_at: datetime | None, now: datetime) -> bool:
    """Return True if a mail of the last hour has told what a reminder says."""
    return _end_of_quiet(told_at, now) is not None


def change_waits_until(told_at: datetime | None, starts_at: datetime | None, now: datetime) -> datetime | None:
    """
    Return the time until which a further change of a meeting waits; None if it is told now.

    Args:
        told_at: When the last change of the meeting was told; None if there was none.
        starts_at: The meeting, as it is now.
        now: The time.
    """
    until = _end_of_quiet(told_at, now)
    if until is None or (starts_at is not None and until + TIME_TO_ANSWER > starts_at):
        return None
    return until


def _end_of_quiet(left_at: datetime | None, now: datetime) -> datetime | None:
    if left_at is None or left_at + QUIET <= now:
        return None
    return left_at + QUIET
