"""Data of the pages of admins about members of staff."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.domain.staff import fault_of_act, fault_of_entry
from intake.store import StaffSession, StaffUser, audit_log, staff, staff_factors, staff_sessions
from shared.kit.audit import AuditEntry


@dataclass(frozen=True)
class StaffView:
    """
    One account.

    Attributes:
        factors: The number of passkeys and apps.
        sessions: Sessions, the one that was used last first.
        acts: What admins have done with it, newest first.
        faults: Each act that this admin may not do, with the reason.
    """

    user: StaffUser
    factors: int
    sessions: Sequence[StaffSession]
    acts: Sequence[AuditEntry]
    faults: Mapping[str, str]


async def of_admin(session: AsyncSession, admin: StaffUser) -> list[StaffUser]:
    """Return the users who have a centre in common with an admin, by name."""
    users = await session.scalars(sa.select(StaffUser).order_by(col(StaffUser.username)))
    return [user for user in users if staff.access_of(admin).meets(staff.access_of(user))]


async def view(session: AsyncSession, admin: StaffUser, user: StaffUser) -> StaffView:
    """Return the page of one account, as an admin sees it."""
    factors = await staff_factors.count(session, user.username)
    mine, theirs = staff.access_of(admin), staff.access_of(user)
    any_act = fault_of_act(mine, theirs, own=admin.username == user.username)
    entry = any_act or fault_of_entry(mine, theirs, second_factor_stays=False)
    with_factor = any_act or fault_of_entry(mine, theirs, second_factor_stays=factors > 0)
    return StaffView(
        user,
        factors,
        await staff_sessions.of_user(session, user.username),
        await audit_log.entries_of(session, "staff", user.user_id),
        {"any": any_act, "password": with_factor, "factors": entry, "enable": entry},
    )
