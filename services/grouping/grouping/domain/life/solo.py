"""The meetings of a group on its own, of which the system knows only the rhythm and what a member tells it."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import islice, takewhile
from typing import Final

from grouping.domain.life.model import GroupLife, LifeState, VisitState
from grouping.domain.life.rhythm import occurrences
from shared.errors import DomainError
from shared.timezone import OSLO_TZ

SAME_MEETING: Final = timedelta(days=3)
"""After a meeting that is told of, the rhythm counts no other one in this time: it would be the same, moved."""

LONGEST_PAUSE: Final = timedelta(days=365)


def meetings_alone(life: GroupLife, now: datetime) -> int:
    """Return the number of meetings alone: those told of, and since then those of the rhythm outside holidays."""
    return life.solo_meetings + _met_since(life, now)


def tell_met(life: GroupLife, now: datetime) -> GroupLife:
    """
    Record that the group has met; who tells it is not recorded. Telling it twice of one meeting counts once.

    Raises:
        DomainError: ``not_independent`` or ``group_ended``.
    """
    life.must_be(LifeState.INDEPENDENT)
    paused = life.paused_until is not None
    if life.solo_since is not None and now < life.solo_since and not paused:
        return life
    return replace(
        life,
        solo_meetings=life.solo_meetings + max(1, _met_since(life, now)),
        solo_since=now + SAME_MEETING,
        paused_until=None,
        alive_at=now,
        alive_asked_at=None,
    )


def pause_meetings(life: GroupLife, until: date, now: datetime) -> GroupLife:
    """
    Record that the group does not meet until the end of a day; a return visit comes as much later.

    Raises:
        DomainError: ``pause_impossible``, ``not_independent`` or ``group_ended``.
    """
    life.must_be(LifeState.INDEPENDENT)
    today = now.astimezone(OSLO_TZ).date()
    if not today <= until <= today + LONGEST_PAUSE:
        raise DomainError("pause_impossible", group_id=life.group_id)
    if life.paused_until == until:
        return life
    counted = life if life.paused_until is not None else replace(life, solo_meetings=meetings_alone(life, now))
    over = datetime.combine(until + timedelta(days=1), time(), tzinfo=OSLO_TZ)
    return replace(counted, solo_since=over.astimezone(now.tzinfo), paused_until=until, alive_at=now)


def follow_up_at(life: GroupLife) -> datetime | None:
    """Return when the group will have met alone as often as its policy says; None if there is no return visit."""
    after = life.policy.followup_after_solo
    none = life.state is not LifeState.INDEPENDENT or life.followed_up or after is None
    if none or after is None or life.rhythm is None or life.solo_since is None:
        return None
    missing = max(1, after.min) - life.solo_meetings
    if missing <= 0:
        return life.handed_over_at
    ordinary = (occurrence for occurrence in occurrences(life.rhythm, life.solo_since) if occurrence.holiday is None)
    return next(islice(ordinary, missing - 1, None)).ends_at


def offer_return_visit(life: GroupLife, now: datetime) -> GroupLife:
    """Offer the return visit if it is due and no other visit is open; once in the life of a group."""
    due = follow_up_at(life)
    busy = life.visit is not None and life.visit.is_ahead
    if due is None or now < due or busy:
        return life
    return replace(life.with_visit("return_visit", VisitState.OFFERED, now), followed_up=True)


def _met_since(life: GroupLife, now: datetime) -> int:
    """Return the number of meetings of the rhythm outside holidays that are over, since ``solo_since``."""
    if life.rhythm is None or life.solo_since is None or now <= life.solo_since:
        return 0
    over = takewhile(lambda occurrence: occurrence.ends_at <= now, occurrences(life.rhythm, life.solo_since))
    return sum(occurrence.holiday is None for occurrence in over)
