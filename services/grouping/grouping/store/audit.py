"""Acts of staff, as the pages of groups and people show them."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import String, and_, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from grouping.store.tables import audit_log
from shared.kit.audit import AuditEntry

_ROWS = audit_log.table.c


async def entries_of_group(session: AsyncSession, group_id: UUID, areas: Collection[str]) -> list[AuditEntry]:
    """
    Return the acts on a group and on people as its members, newest first.

    Args:
        session: The transaction.
        group_id: The group.
        areas: All ids under which acts in its area are recorded.
    """
    on_group = and_(_ROWS.object_kind == "group", _ROWS.object_id == str(group_id))
    on_member = and_(_ROWS.scope.in_(areas), _ROWS.details["group_id"].astext == str(group_id))
    query = select(*audit_log.entries).where(or_(on_group, on_member)).order_by(_ROWS.id.desc())
    return [AuditEntry(**row) for row in (await session.execute(query)).mappings()]


async def entries_of_areas(session: AsyncSession, areas: Collection[str]) -> list[AuditEntry]:
    """Return the acts on areas, newest first."""
    on_area = and_(_ROWS.object_kind == "area", _ROWS.object_id.in_(areas))
    query = select(*audit_log.entries).where(on_area).order_by(_ROWS.id.desc())
    return [AuditEntry(**row) for row in (await session.execute(query)).mappings()]


async def forget_members(session: AsyncSession, group_id: UUID, kept: Collection[UUID] = ()) -> None:
    """Delete the group from the acts on people as its members, except on these sign-ups; the acts themselves stay."""
    on_member = and_(_ROWS.object_kind == "signup", _ROWS.details["group_id"].astext == str(group_id))
    others = _ROWS.object_id.not_in([str(signup_id) for signup_id in kept])
    await session.execute(
        update(audit_log.table)
        .where(on_member, others)
        .values(details=_ROWS.details.op("-")(literal("group_id", String)))
    )


async def entries_of_signup(session: AsyncSession, signup_id: UUID) -> list[AuditEntry]:
    """Return the acts on a sign-up, newest first."""
    return await audit_log.entries_of(session, "signup", signup_id)
