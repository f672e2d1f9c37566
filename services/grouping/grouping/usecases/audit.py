"""Record the acts of staff, in the transaction of the act."""

from uuid import UUID

from grouping.store import StaffAction
from grouping.usecases.group_aggregate import GroupAggregate
from grouping.usecases.unit_of_work import UnitOfWork
from shared.kit.audit import Actor


def record_group(
    uow: UnitOfWork,
    actor: Actor,
    action: str,
    group: GroupAggregate,
    signup_id: UUID | None = None,
    reason: str | None = None,
) -> None:
    """Record an act on a group, or on a person in it."""
    row = group.row
    record(uow, actor, action, row.centre, row.area, group_id=row.id, signup_id=signup_id, reason=reason)


def record(
    uow: UnitOfWork,
    actor: Actor,
    action: str,
    centre_id: str,
    area_id: str = "",
    *,
    group_id: UUID | None = None,
    signup_id: UUID | None = None,
    reason: str | None = None,
) -> None:
    """
    Record an act.

    Args:
        uow: The use case.
        actor: The member of staff, or the system.
        action: A fixed word.
        centre_id: The centre whose pages show it.
        area_id: The area; empty for an igangsetter, who belongs to no one area.
        group_id: The group, if the act concerns one.
        signup_id: The sign-up, if the act concerns one.
        reason: One of :data:`grouping.usecases.people.REASONS`.
    """
    uow.session.add(
        StaffAction(
            at=actor.now,
            username=actor.username,
            centre=centre_id,
            area=area_id,
            action=action,
            group_id=group_id,
            signup_id=signup_id,
            reason=reason,
        )
    )
