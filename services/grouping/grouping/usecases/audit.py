"""Record staff actions."""

from collections.abc import Collection
from uuid import UUID

from grouping.store import StaffAction
from grouping.usecases.group_aggregate import GroupAggregate
from grouping.usecases.locking import By
from grouping.usecases.matching import run_matching
from grouping.usecases.unit_of_work import UnitOfWork


def note(
    work: UnitOfWork,
    desk: GroupAggregate,
    username: str,
    action: str,
    signup_id: UUID | None = None,
    reason: str | None = None,
) -> None:
    """Staff did something with a group, or with somebody in it."""
    row = desk.row
    work.session.add(
        StaffAction(
            at=work.now,
            username=username,
            centre=row.centre,
            area=row.area,
            action=action,
            group_id=row.id,
            signup_id=signup_id,
            reason=reason,
        )
    )


def note_area(
    work: UnitOfWork,
    centre_id: str,
    area_id: str,
    username: str,
    action: str,
    signup_id: UUID | None = None,
    reason: str | None = None,
) -> None:
    """Staff did something with an area, or with somebody who waits there."""
    work.session.add(
        StaffAction(
            at=work.now,
            username=username,
            centre=centre_id,
            area=area_id,
            action=action,
            signup_id=signup_id,
            reason=reason,
        )
    )


async def finish(
    work: UnitOfWork,
    by: By,
    areas: Collection[str],
    action: str,
    centre: str,
    area: str = "",
    group_id: UUID | None = None,
) -> None:
    """Write down what was done, and let happen what has become possible; an igangsetter is of no one area."""
    work.session.add(
        StaffAction(at=by.now, username=by.username, centre=centre, area=area, action=action, group_id=group_id)
    )
    await work.session.flush()
    for area_id in sorted(set(areas)):
        await run_matching(work, area_id)
    await work.stage()
