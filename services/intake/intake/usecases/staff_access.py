"""Commands of admins on the accounts of others; each is recorded, and ends the sessions that it makes wrong."""

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.staff import Access, fault_of_act, fault_of_change, fault_of_entry
from intake.store import StaffUser, audit_log, staff, staff_factors
from intake.usecases.staff import disable_staff, end_access, reset_password
from shared.errors import DomainError, NotFoundError
from shared.kit.audit import Actor
from shared.reference.roles import Role

GIVEN: Final = (Role.KOORDINATOR, Role.ADMIN, Role.LESER)
"""The roles that members of staff are given; igangsettere have accounts of their own."""

_NO_DETAILS: Final[Mapping[str, str]] = MappingProxyType({})


async def give_password(
    session: AsyncSession, user: StaffUser, password_hash: str, *, wall: datetime, actor: Actor
) -> None:
    """
    Give a user a one-time password and end the sessions; the second factors stay.

    Args:
        session: The caller's transaction.
        user: The user.
        password_hash: Of the password.
        wall: The real time, at which the password begins to grow old.
        actor: The admin.

    Raises:
        DomainError: ``staff_disabled``, or the fault of the act.
    """
    admin, row = await _lock(session, user, actor)
    has_factor = await staff_factors.has_any(session, row.username)
    _require(fault_of_entry(admin, staff.access_of(row), second_factor_stays=has_factor))
    if not await reset_password(session, row.username, password_hash, factors=False, now=wall):
        raise DomainError("staff_disabled")
    await _record(session, actor, "staff.password_reset", row)


async def remove_factors(session: AsyncSession, user: StaffUser, *, actor: Actor) -> None:
    """
    Remove the passkeys, apps and recovery codes of a user, for somebody who has lost them, and end the sessions.

    Raises:
        DomainError: The fault of the act.
    """
    admin, row = await _lock(session, user, actor)
    _require(fault_of_entry(admin, staff.access_of(row), second_factor_stays=False))
    await staff_factors.delete_all(session, row.username)
    await end_access(session, row.username)
    await _record(session, actor, "staff.factors_removed", row)


async def end_sessions(session: AsyncSession, user: StaffUser, *, actor: Actor) -> None:
    """
    Sign a user out everywhere.

    Raises:
        DomainError: The fault of the act.
    """
    _admin, row = await _lock(session, user, actor)
    await end_access(session, row.username)
    await _record(session, actor, "staff.sessions_ended", row)


async def disable(session: AsyncSession, user: StaffUser, *, actor: Actor) -> None:
    """
    Take a user's access away, at once; nothing happens to one whose access is gone.

    Raises:
        DomainError: The fault of the act.
    """
    _admin, row = await _lock(session, user, actor)
    if row.disabled_at is None:
        await disable_staff(session, row.username, actor.now)
        await _record(session, actor, "staff.disabled", row)


async def enable(session: AsyncSession, user: StaffUser, *, actor: Actor) -> None:
    """
    Give a disabled user the access of before; nothing happens to one who has it.

    Raises:
        DomainError: The fault of the act.
    """
    admin, row = await _lock(session, user, actor)
    _require(fault_of_entry(admin, staff.access_of(row), second_factor_stays=False))
    if row.disabled_at is not None:
        row.disabled_at = None
        await _record(session, actor, "staff.enabled", row)


async def change_access(
    session: AsyncSession,
    user: StaffUser,
    roles: Collection[str],
    centres: Collection[str],
    *,
    all_centres: bool,
    actor: Actor,
) -> None:
    """
    Give a user other roles and centres, and end the sessions; nothing happens if they are those of before.

    Raises:
        DomainError: ``no_roles``, ``no_centre``, or the fault of the act.
        NotFoundError: ``unknown_role``.
    """
    admin, row = await _lock(session, user, actor)
    before, after = staff.access_of(row), Access.of(roles, centres, all_centres=all_centres)
    if not after.roles:
        raise DomainError("no_roles")
    if not after.centres and not all_centres:
        raise DomainError("no_centre")
    if not {*map(str, GIVEN), *before.roles} >= after.roles:
        raise NotFoundError("unknown_role")
    _require(fault_of_change(admin, before, after))
    if after == before:
        return
    row.roles, row.centres, row.all_centres = sorted(after.roles), sorted(after.centres), after.all_centres
    await end_access(session, row.username)
    details = {"roles": " ".join(row.roles), "centres": "all" if row.all_centres else " ".join(row.centres)}
    await _record(session, actor, "staff.access_changed", row, details)


async def _lock(session: AsyncSession, user: StaffUser, actor: Actor) -> tuple[Access, StaffUser]:
    """Return what the admin has and the account, both locked: of two admins who disable each other, one is late."""
    rows = await staff.lock(session, actor.username, user.username)
    admin, row = rows.get(actor.username), rows.get(user.username)
    if admin is None or row is None or admin.disabled_at is not None or Role.ADMIN not in admin.roles:
        raise NotFoundError("unknown_staff")
    _require(fault_of_act(staff.access_of(admin), staff.access_of(row), own=admin is row))
    return staff.access_of(admin), row


def _require(fault: str) -> None:
    if fault:
        raise DomainError(fault)


async def _record(
    session: AsyncSession, actor: Actor, action: str, row: StaffUser, details: Mapping[str, str] = _NO_DETAILS
) -> None:
    """Record an act, under the centre of an account that has one."""
    scope = row.centres[0] if len(row.centres) == 1 else None
    await audit_log.record(session, actor, action, "staff", row.user_id, scope=scope, details=details)
