"""Data of the pages that links in mails open."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.requirements import Requirements
from intake.domain.signups import SignupState
from intake.store import Signup, policies, signups
from shared.reference.centres import Centres


@dataclass(frozen=True, slots=True)
class WaitingSignup:
    """
    A sign-up as the page of a link to its owner shows it.

    Attributes:
        page: What the page is about.
        information_read: True once the person has read the centre's information as it is now.
        texts_asked: True if the person is asked about texts that have changed.
        has_seat: True if the person has an offer or a seat, which a pause gives up.
        tells_group: True if who leaves is reminded to tell the group, by the rules that the group keeps.
    """

    signup_id: UUID
    centre: str
    page: Literal["unconfirmed", "waiting", "paused", "started", "withdrawn"]
    has_seat: bool
    information_read: bool
    texts_asked: bool = False
    tells_group: bool = False


async def waiting_signup(session: AsyncSession, centres: Centres, signup_id: UUID) -> WaitingSignup | None:
    """Return the sign-up for a page of its owner; None if it is deleted."""
    row = await signups.get(session, signup_id)
    if row is None:
        return None
    has_seat = row.state in (SignupState.OFFERED, SignupState.SEATED)
    centre = centres.get(row.centre)
    has_read = centre is not None and signups.progress_of(row).has_read(Requirements.of(centre))
    asked = row.asked_consent is not None or row.asked_information is not None
    kept = await policies.kept_by_group(session, row.group_id) if row.group_id is not None else None
    notice = kept.policy.get("leave_notice") if kept is not None else centre and centre.policy.leave_notice
    return WaitingSignup(
        signup_id,
        row.centre,
        _page(row),
        has_seat,
        has_read,
        texts_asked=asked,
        tells_group=notice == "tell_group_in_last_meeting",
    )


def _page(row: Signup) -> Literal["unconfirmed", "waiting", "paused", "started", "withdrawn"]:
    match SignupState(row.state):
        case SignupState.RECEIVED:
            return "unconfirmed"
        case SignupState.MEMBER:
            return "started"
        case SignupState.WITHDRAWN:
            return "withdrawn"
        case _:
            return "waiting" if row.paused_at is None else "paused"
