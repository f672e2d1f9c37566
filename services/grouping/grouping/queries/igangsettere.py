"""Pages of igangsettere, and the choice of igangsettere for one group."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import FORMING
from grouping.domain.matching.cells import Place
from grouping.domain.starters import QuestionState
from grouping.store import Group, Igangsetter, IgangsetterAccount
from grouping.store.igangsettere import Workload
from grouping.usecases.capacity import place_of
from grouping.usecases.context import GroupingContext
from shared.reference.areas import Area
from shared.reference.centres import Centre

Status = Literal["paused", "free", "busy"]
Doubt = Literal["busy", "time", "language", "distance"]


@dataclass(frozen=True)
class IgangsetterRow:
    """
    One igangsetter in the list.

    Attributes:
        required: True if the centre's groups need an igangsetter; else they are only registered.
        groups: Number of groups that the igangsetter is busy with.
        account: Their account; None if only staff know them.
    """

    igangsetter: Igangsetter
    centre: Centre
    required: bool
    groups: int
    status: Status
    account: IgangsetterAccount | None = None

    @property
    def can_delete(self) -> bool:
        """True while no group depends on the igangsetter."""
        return self.groups == 0


async def igangsetter_rows(
    session: AsyncSession, context: GroupingContext, centres: Collection[str], now: datetime
) -> tuple[IgangsetterRow, ...]:
    """Read the igangsettere of some centres, by label."""
    rows = []
    workloads = await store.igangsettere.of_centres(session, centres, now)
    accounts = await store.starters.accounts(session, [workload.igangsetter.id for workload in workloads])
    for workload in workloads:
        centre = context.centres.get(workload.igangsetter.centre)
        if centre is not None:
            required = centre.policy.starters_min > 0
            account = accounts.get(workload.igangsetter.id)
            rows.append(
                IgangsetterRow(workload.igangsetter, centre, required, workload.groups, _status(workload), account)
            )
    return tuple(rows)


async def igangsetter_row(
    session: AsyncSession, context: GroupingContext, igangsetter_id: UUID, centres: Collection[str], now: datetime
) -> IgangsetterRow | None:
    """Read one igangsetter; None if these centres have no such one."""
    rows = await igangsetter_rows(session, context, centres, now)
    return next((row for row in rows if row.igangsetter.id == igangsetter_id), None)


def _status(workload: Workload) -> Status:
    if not workload.igangsetter.active:
        return "paused"
    return "free" if workload.free else "busy"


@dataclass(frozen=True)
class StarterOption:
    """
    An igangsetter that a group could be given.

    Attributes:
        chosen: True if the group has the igangsetter already.
        available: True if the igangsetter can take the group, or has it.
        doubts: Reasons against the choice; only "busy" forbids it, since staff may know better than the records.
    """

    igangsetter: Igangsetter
    chosen: bool
    available: bool
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True)
class GroupStarters:
    """
    The igangsettere of one group.

    Attributes:
        required: Number that the group's policy asks for.
        asked: Until when those of the chosen can answer who are asked and have not answered.
        options: All who could be chosen, the chosen and the available first; none once the group has met.
    """

    chosen: tuple[Igangsetter, ...]
    required: int
    options: tuple[StarterOption, ...]
    asked: Mapping[UUID, datetime] = field(default_factory=dict)

    @property
    def missing(self) -> int:
        """Number of igangsettere that the group still needs."""
        return max(0, self.required - len(self.chosen))


async def group_starters(
    session: AsyncSession, centre: Centre, area: Area, group: Group, required: int, now: datetime
) -> GroupStarters:
    """
    Read the igangsettere of a group and those that it could be given.

    Args:
        session: An open transaction.
        centre: The group's centre.
        area: The group's area.
        group: The group.
        required: Number that its policy asks for.
        now: Decides which igangsettere are workload.
    """
    chosen = await store.igangsettere.of_group(session, group.id)
    registered = await store.igangsettere.of_centres(session, [centre.id], now)
    options: list[StarterOption] = []
    if group.state in FORMING:
        place = await place_of(session, area, group.place)
        ids = {igangsetter.id for igangsetter in chosen}
        options = [_option(workload, group, place, chosen=workload.igangsetter.id in ids) for workload in registered]
        options.sort(key=lambda option: (not option.chosen, not option.available, len(_mismatches(option))))
    questions = (await store.starters.questions_of_groups(session, [group.id]))[group.id]
    asked = {each.igangsetter_id: each.deadline for each in questions if each.state == QuestionState.OPEN}
    return GroupStarters(tuple(chosen), required, tuple(options), asked)


def _option(workload: Workload, group: Group, place: Place | None, *, chosen: bool) -> StarterOption:
    igangsetter = workload.igangsetter
    available = chosen or (workload.free > 0 and group.slot not in workload.slots)
    doubts: list[Doubt] = [] if available else ["busy"]
    if group.slot not in igangsetter.slots:
        doubts.append("time")
    if group.spoken_language not in igangsetter.languages:
        doubts.append("language")
    if place is not None and place.km_from(igangsetter.latitude, igangsetter.longitude) > igangsetter.reach_km:
        doubts.append("distance")
    return StarterOption(igangsetter, chosen, available, tuple(doubts))


def _mismatches(option: StarterOption) -> tuple[Doubt, ...]:
    return tuple(doubt for doubt in option.doubts if doubt != "busy")
