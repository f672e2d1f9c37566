"""The events about a sign-up, built from its row."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

from intake.domain.signups import Step
from intake.store import Signup
from shared.events import signups
from shared.events.base import SignupEvent, Stamp
from shared.kit.messaging.causes import Cause

WishesEvent = TypeVar("WishesEvent", bound=signups.Wishes)


class SignupStamp(Stamp):
    """The fields that every event of a sign-up has."""

    signup_id: UUID
    person_id: UUID
    version: int


def received(
    cause: Cause, row: Mapping[str, Any], confirmation_id: UUID, now: datetime, *, by_mail: bool = True
) -> signups.Received:
    """Return the event that requests the confirmation mail; ``by_mail`` False suppresses the mail."""
    return signups.Received(
        **cause.stamp(signups.Received, f"{row['signup_id']}|{confirmation_id}", now),
        signup_id=row["signup_id"],
        person_id=row["person_id"],
        version=row["version"],
        centre=row["centre"],
        language=row["language"],
        confirmation_id=confirmation_id,
        expires_at=row["expires_at"],
        by_mail=by_mail and row["by_mail"],
    )


def confirmed(cause: Cause, row: Signup, pending_steps: tuple[Step, ...], now: datetime) -> signups.Confirmed:
    """Return the event of a confirmation, with the steps before the waiting list; increments the version."""
    return signups.Confirmed(
        **next_stamp(cause, signups.Confirmed, row, now),
        centre=row.centre,
        language=row.language,
        awaits=pending_steps,
    )


def wishes(
    kind: type[WishesEvent],
    cause: Cause,
    row: Signup,
    now: datetime,
    *,
    quiet_pairs: tuple[signups.QuietPair, ...],
) -> WishesEvent:
    """Return the event with the wishes of a person who waits, ``Ready`` or ``Changed``; increments the version."""
    return kind(
        **next_stamp(cause, kind, row, now),
        centre=row.centre,
        area=row.area,
        kommune=row.kommune,
        latitude=row.latitude,
        longitude=row.longitude,
        slots=tuple(row.slots),
        slots_if_needed=tuple(row.slots_if_needed),
        digital=row.digital,
        languages=tuple(row.languages),
        max_travel_km=row.max_travel_km,
        wheelchair=row.wheelchair,
        language=row.language,
        groups_also=tuple(row.groups_also),
        groups_only=tuple(row.groups_only),
        signed_up_at=row.signed_up_at,
        quiet_pairs=quiet_pairs,
    )


def paused(cause: Cause, row: Signup, now: datetime) -> signups.Paused:
    """Return the event of a pause; increments the version."""
    return signups.Paused(
        **next_stamp(cause, signups.Paused, row, now),
    )


def resumed(cause: Cause, row: Signup, now: datetime) -> signups.Resumed:
    """Return the event of the end of a pause; increments the version."""
    return signups.Resumed(
        **next_stamp(cause, signups.Resumed, row, now),
        language=row.language,
    )


def renewal_asked(cause: Cause, row: Signup, now: datetime, deadline: datetime) -> signups.RenewalAsked:
    """Return the event that asks a person who has waited long; increments the version."""
    return signups.RenewalAsked(
        **next_stamp(cause, signups.RenewalAsked, row, now),
        language=row.language,
        deadline=deadline,
    )


def renewed(cause: Cause, row: Signup, now: datetime) -> signups.Renewed:
    """Return the event of a wish that still holds; increments the version."""
    return signups.Renewed(
        **next_stamp(cause, signups.Renewed, row, now),
    )


def texts_asked(cause: Cause, row: Signup, now: datetime) -> signups.TextsAsked:
    """Return the event that asks a waiting person about changed texts; increments the version."""
    asked: dict[signups.TextKind, str | None] = {"consent": row.asked_consent, "information": row.asked_information}
    return signups.TextsAsked(
        **next_stamp(cause, signups.TextsAsked, row, now),
        language=row.language,
        texts=tuple(kind for kind, version in asked.items() if version is not None),
    )


def texts_accepted(cause: Cause, row: Signup, now: datetime) -> signups.TextsAccepted:
    """Return the event that a person has agreed to the texts as they are now; increments the version."""
    return signups.TextsAccepted(
        **next_stamp(cause, signups.TextsAccepted, row, now),
    )


def withdrawn(
    cause: Cause, row: Signup, now: datetime, reason: Literal["left", "no_answer"] = "left", *, replaced: bool = False
) -> signups.Withdrawn:
    """Return the event of a withdrawal; increments the version."""
    return signups.Withdrawn(
        **next_stamp(cause, signups.Withdrawn, row, now),
        language=row.language,
        reason=reason,
        centre=row.centre,
        confirmed=row.confirmed_at is not None,
        replaced=replaced,
    )


def next_stamp(cause: Cause, kind: type[SignupEvent], row: Signup, now: datetime) -> SignupStamp:
    """Count one more event of a sign-up and return its common fields."""
    row.version += 1
    return SignupStamp(
        **cause.stamp(kind, row.signup_id, now),
        signup_id=row.signup_id,
        person_id=row.person_id,
        version=row.version,
    )
