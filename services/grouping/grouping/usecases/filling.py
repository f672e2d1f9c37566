"""Give up proposals that have looked for members long enough; see :func:`grouping.domain.groups.must_be_given_up`."""

from grouping.domain import groups
from grouping.usecases.group_aggregate import GroupAggregate
from grouping.usecases.matcher_cache import CheckedOutMatcher
from grouping.usecases.unit_of_work import UnitOfWork
from shared.kit.logging import get_logger

log = get_logger(__name__)


def give_up_hopeless(uow: UnitOfWork, area_id: str, checked_out: CheckedOutMatcher) -> bool:
    """
    Give up the proposals that even everybody who fits could not fill; return True if there were any.

    This comes before the decision, so that no seat is offered in a group that is then cancelled.
    """
    hopeless = [
        group
        for group in _to_give_up(uow, area_id)
        if len(group.group.live) + checked_out.fitting_count(group.cell) < group.group.size_min
    ]
    for group in hopeless:
        _give_up(group)
        checked_out.matcher.open_groups.remove(group.row.id)
    return bool(hopeless)


async def give_up_unfilled(uow: UnitOfWork, area_id: str) -> bool:
    """Give up the proposals that the decision has not filled; return True if there were any."""
    unfilled = _to_give_up(uow, area_id)
    if unfilled:
        # Newcomers' seats are written before the group is cancelled, since a cancelled group takes no new seats.
        await uow.session.flush()
    for group in unfilled:
        _give_up(group)
    return bool(unfilled)


def _to_give_up(uow: UnitOfWork, area_id: str) -> list[GroupAggregate]:
    return [
        group
        for group in uow.groups.values()
        if group.row.area == area_id and groups.must_be_given_up(group.group, uow.now)
    ]


def _give_up(group: GroupAggregate) -> None:
    group.cancel("too_few")
    log.info("group_cancelled", group_id=group.row.id, area=group.row.area, reason="too_few")
