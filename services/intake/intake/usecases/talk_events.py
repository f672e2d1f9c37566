"""The events about the talk of a sign-up, built from its row and its rules."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from intake.domain.talks import Talk, TalkOutcome
from intake.store import Signup, TalkTime
from intake.usecases.signup_events import next_stamp
from shared.events import talks
from shared.kit.messaging.causes import Cause

CancelReason = Literal["given_up", "closed", "paused", "over"]


def booked(cause: Cause, row: Signup, talk: Talk, time: TalkTime, now: datetime) -> talks.TalkBooked:
    """Return the event of a booking, or of its change; increments the version."""
    assert talk.talk_id is not None
    return talks.TalkBooked.model_validate(
        {
            **next_stamp(cause, talks.TalkBooked, row, now),
            "talk_id": talk.talk_id,
            "centre": row.centre,
            "language": row.language,
            "sequence": talk.sequence,
            "starts_at": time.starts_at,
            "ends_at": time.ends_at,
            "way": time.way,
        }
    )


def cancelled(
    cause: Cause, row: Signup, talk: Talk, reason: CancelReason, now: datetime, *, by_mail: bool
) -> talks.TalkCancelled:
    """Return the event that a booked talk is off; increments the version."""
    assert talk.talk_id is not None
    return talks.TalkCancelled(
        **next_stamp(cause, talks.TalkCancelled, row, now),
        talk_id=talk.talk_id,
        sequence=talk.sequence + 1,
        reason=reason,
        by_mail=by_mail,
    )


def offered(cause: Cause, row: Signup, talk: Talk, now: datetime, *, by_mail: bool) -> talks.TalkOffered:
    """Return the event that new times are offered; increments the version."""
    assert talk.talk_id is not None
    return talks.TalkOffered(
        **next_stamp(cause, talks.TalkOffered, row, now),
        talk_id=talk.talk_id,
        centre=row.centre,
        language=row.language,
        number=talk.unanswered,
        by_mail=by_mail,
    )


def held(cause: Cause, row: Signup, talk_id: UUID, outcome: TalkOutcome, now: datetime) -> talks.TalkHeld:
    """Return the event of the outcome; increments the version."""
    return talks.TalkHeld(**next_stamp(cause, talks.TalkHeld, row, now), talk_id=talk_id, outcome=outcome.value)
