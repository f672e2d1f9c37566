"""Data of the page on which a person confirms a sign-up: what it says, and what it changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.corrections import SeatEffect, seat_effect
from intake.domain.requirements import Requirements
from intake.domain.signups import ACTIVE, ConfirmationStatus, SignupState
from intake.store import Person, Signup, confirmations, people, signups
from intake.vault.vault import Vault
from shared.reference.centres import Centres

DIGITS_SHOWN: Final = 3
"""Last digits of a number: enough to know it again."""


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """
    A person who has the address already, as the page asks about them.

    Attributes:
        signup: The sign-up that the new wishes replace; None if the person has none that goes on.
        seat: The effect on the seat of that sign-up; None without a seat.
    """

    person_id: UUID
    first_name: str
    signup: Signup | None
    seat: SeatEffect | None


@dataclass(frozen=True, slots=True)
class ConfirmationView:
    """
    The page of a confirmation link.

    Attributes:
        signup: The sign-up to confirm or confirmed; None if it is gone.
        first_name: The name that was typed; None unless the question is open.
        last_digits: The end of the number that was typed; None without a number.
        known: People who have the address already.
        new_address: True if the question is only whether a new address is the person's own.
        follows: What the person can do next, once it is confirmed.
    """

    status: ConfirmationStatus
    signup: Signup | None = None
    first_name: str | None = None
    last_digits: str | None = None
    known: tuple[KnownPerson, ...] = ()
    new_address: bool = False
    follows: Literal["read", "wait", "nothing"] = "nothing"


async def confirmation_view(
    session: AsyncSession, vault: Vault, centres: Centres, confirmation_id: UUID | None, *, now: datetime
) -> ConfirmationView:
    """Read the page of a confirmation link. Only the holder of the mailbox sees it, so it may show what was typed."""
    confirmation = await confirmations.get(session, confirmation_id) if confirmation_id else None
    if confirmation is None:
        return ConfirmationView(ConfirmationStatus.GONE)
    row = await signups.get(session, confirmation.signup_id)
    if row is None or row.state == SignupState.WITHDRAWN:
        return ConfirmationView(ConfirmationStatus.GONE)
    if confirmation.confirmed_at is not None:
        return ConfirmationView(ConfirmationStatus.ALREADY, row, follows=_follows(centres, row))
    person = await people.get(session, confirmation.person_id)
    keys = await vault.keys([confirmation.person_id])
    if person is None or not keys or now >= confirmation.expires_at:
        return ConfirmationView(ConfirmationStatus.GONE)
    key = keys[person.person_id]
    source = row if row.first_name_sealed is not None else person
    mobile = key.open("people", "mobile", source.mobile_sealed)
    if person.replaces_id is not None:
        return ConfirmationView(ConfirmationStatus.OPEN, row, new_address=True)
    owners = [person] if person.confirmed_at else await people.owners(session, person.address_index)
    return ConfirmationView(
        ConfirmationStatus.OPEN,
        row,
        key.open("people", "first_name", source.first_name_sealed),
        mobile[-DIGITS_SHOWN:] if mobile else None,
        await _known(session, vault, row, owners),
    )


async def _known(session: AsyncSession, vault: Vault, row: Signup, owners: Sequence[Person]) -> tuple[KnownPerson, ...]:
    keys = await vault.keys(owner.person_id for owner in owners)
    known = []
    for owner in owners:
        if owner.person_id not in keys:
            continue
        active = [other for other in await signups.of_person(session, owner.person_id) if other.state in ACTIVE]
        replaced = next((other for other in active if other.state != SignupState.CONFIRMED), None)
        replaced = replaced or (active[0] if active else None)
        name = keys[owner.person_id].open("people", "first_name", owner.first_name_sealed) or ""
        known.append(KnownPerson(owner.person_id, name, replaced, _seat(replaced, row)))
    return tuple(known)


def _seat(replaced: Signup | None, row: Signup) -> SeatEffect | None:
    if replaced is None or replaced.state not in (SignupState.OFFERED, SignupState.SEATED):
        return None
    return seat_effect(replaced.seat_slot, signups.wishes_of(replaced), signups.wishes_of(row))


def _follows(centres: Centres, row: Signup) -> Literal["read", "wait", "nothing"]:
    if row.state == SignupState.CONFIRMED:
        centre = centres.get(row.centre)
        has_read = centre is None or signups.progress_of(row).has_read(Requirements.of(centre))
        return "nothing" if has_read else "read"
    return "wait" if row.state in ACTIVE else "nothing"
