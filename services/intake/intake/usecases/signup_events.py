"""Between a row and the rules about it, and the events that follow."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from intake.domain.signups import Placed, SignupProgress, State
from intake.store import Signup
from shared.events import signups
from shared.kit.messaging.causes import Cause

_WISHES = (
    "centre",
    "area",
    "kommune",
    "latitude",
    "longitude",
    "slots",
    "languages",
    "max_travel_km",
    "wheelchair",
    "groups_also",
    "groups_only",
    "language",
)


def life_of(row: Signup) -> SignupProgress:
    """How far the sign-up has come."""
    placed = None
    if row.group_id is not None and row.group_version is not None and row.placed_at is not None:
        placed = Placed(row.group_id, row.group_version, row.placed_at)
    return SignupProgress(State(row.state), row.read_at is not None, row.talked_at is not None, placed)


def write_life(row: Signup, life: SignupProgress, now: datetime) -> None:
    """Writes back how far it has come; the first time each thing happened is kept."""
    row.state = life.state
    if life.read:
        row.read_at = row.read_at or now
    if life.talked:
        row.talked_at = row.talked_at or now
    if life.state is not State.RECEIVED:
        row.expires_at = None
        row.form_index = None
    if life.state not in (State.RECEIVED, State.WITHDRAWN):
        row.confirmed_at = row.confirmed_at or now
    if life.state is State.WITHDRAWN:
        row.withdrawn_at = row.withdrawn_at or now
    if life.placed is not None:
        row.group_id, row.group_version, row.placed_at = life.placed.group_id, life.placed.version, life.placed.at


def copy_wishes(from_: Signup, to: Signup) -> None:
    """Makes the wishes of one sign-up those of another."""
    for name in _WISHES:
        setattr(to, name, getattr(from_, name))
    to.by_mail = to.by_mail or from_.by_mail


def received(
    cause: Cause, row: Mapping[str, Any], confirmation_id: UUID, now: datetime, *, by_mail: bool = True
) -> signups.Received:
    """The event that asks for the confirmation, by mail where there is an address and nobody has asked already."""
    return cause.event(
        signups.Received,
        f"{row['signup_id']}|{confirmation_id}",
        now,
        signup_id=row["signup_id"],
        person_id=row["person_id"],
        version=row["version"],
        centre=row["centre"],
        language=row["language"],
        confirmation_id=confirmation_id,
        expires_at=row["expires_at"],
        by_mail=by_mail and row["by_mail"],
    )


def confirmed(cause: Cause, row: Signup, awaits: tuple[str, ...], now: datetime) -> signups.Confirmed:
    """The event that says what is still to be done."""
    row.version += 1
    return cause.event(
        signups.Confirmed,
        row.signup_id,
        now,
        signup_id=row.signup_id,
        person_id=row.person_id,
        version=row.version,
        centre=row.centre,
        language=row.language,
        awaits=awaits,
    )


def announced(
    kind: type[signups.Ready] | type[signups.Changed], cause: Cause, row: Signup, now: datetime
) -> signups.Ready | signups.Changed:
    """The event that tells grouping what somebody who waits wishes."""
    row.version += 1
    wishes = {name: getattr(row, name) for name in _WISHES}
    return cause.event(
        kind,
        row.signup_id,
        now,
        signup_id=row.signup_id,
        person_id=row.person_id,
        version=row.version,
        signed_up_at=row.signed_up_at,
        **wishes,
    )


def withdrawn(cause: Cause, row: Signup, now: datetime) -> signups.Withdrawn:
    """The event that ends a sign-up."""
    row.version += 1
    return cause.event(
        signups.Withdrawn,
        row.signup_id,
        now,
        signup_id=row.signup_id,
        person_id=row.person_id,
        version=row.version,
        language=row.language,
    )
