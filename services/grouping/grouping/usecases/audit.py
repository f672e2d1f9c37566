"""Record the acts of staff in the audit log, in the transaction of the act."""

from uuid import UUID

from grouping.store import audit_log
from grouping.usecases.group_aggregate import GroupAggregate
from grouping.usecases.unit_of_work import UnitOfWork
from shared.kit.audit import Actor


async def record_group(uow: UnitOfWork, actor: Actor, action: str, group: GroupAggregate) -> None:
    """Record an act on a group."""
    await record(uow, actor, action, "group", group.row.id, group.row.centre, group.row.area)


async def record_member(
    uow: UnitOfWork, actor: Actor, action: str, signup_id: UUID, group: GroupAggregate, reason: str | None = None
) -> None:
    """Record an act on a person as a member of a group; the pages of both show it."""
    row = group.row
    await record(uow, actor, action, "signup", signup_id, row.centre, row.area, group_id=row.id, reason=reason)


async def record(
    uow: UnitOfWork,
    actor: Actor,
    action: str,
    object_kind: str,
    object_id: object,
    centre_id: str,
    area_id: str | None = None,
    *,
    group_id: UUID | None = None,
    reason: str | None = None,
) -> None:
    """
    Record an act.

    Args:
        uow: The use case.
        actor: The member of staff, or the system.
        action: One of :data:`grouping.store.audit_actions.ACTIONS`.
        object_kind: ``area``, ``group``, ``igangsetter``, ``room`` or ``signup``.
        object_id: The id of the object.
        centre_id: The centre that the object belongs to.
        area_id: The area that the object belongs to; None for an igangsetter.
        group_id: The group of a sign-up, if the act concerns its seat.
        reason: One of :data:`grouping.usecases.people.REASONS`.
    """
    details = {"centre": centre_id, "group_id": str(group_id) if group_id is not None else None, "reason": reason}
    await audit_log.record(
        uow.session,
        actor,
        action,
        object_kind,
        object_id,
        scope=area_id,
        details={name: value for name, value in details.items() if value is not None},
    )
