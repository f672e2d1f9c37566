"""The choices of staff about a confirmed group that lacks members."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain import groups
from grouping.domain.decisions import LAST_NOTICE, SHORT_NOTICE
from grouping.domain.groups import GroupState
from grouping.queries.rooms import place_name
from grouping.store import Group, Meeting
from grouping.usecases import decisions
from grouping.usecases.area_state import load_area_config
from grouping.usecases.context import GroupingContext
from shared.reference.areas import Area
from shared.reference.centres import Policy


@dataclass(frozen=True)
class MergeTarget:
    """Another group that all members could join, with what its name is made of."""

    group: Group
    place_name: str
    named_at: datetime | None
    number: int
    free_seats: int

    @property
    def id(self) -> UUID:
        """The id of the group."""
        return self.group.id


@dataclass(frozen=True)
class Decision:
    """
    A choice that staff have.

    Attributes:
        taken: Number of members.
        size_min: Number that the policy asks for.
        starts_at: The start meeting.
        decided_at: The moment at which the policy decides, if nobody has.
        extends: True if the policy then puts the meeting off; it cancels the group otherwise.
        days: Days by which the meeting is put off.
        date_kept: True if staff have kept the date.
        waits: True if staff have put the meeting off.
        can_start_small: True if there are enough members for a start at all.
        targets: Groups to merge with.
    """

    taken: int
    size_min: int
    starts_at: datetime
    decided_at: datetime
    extends: bool
    days: int
    date_kept: bool
    waits: bool
    can_start_small: bool
    targets: tuple[MergeTarget, ...]


async def decision(
    session: AsyncSession,
    context: GroupingContext,
    area: Area,
    group: Group,
    start_meeting: Meeting | None,
    taken: int,
    now: datetime,
) -> Decision | None:
    """Read the choice about a group; None if it has enough members, is not confirmed, or has no date."""
    scheduled = start_meeting is not None and not start_meeting.is_postponed and now < start_meeting.starts_at
    lacking = group.start_reason is None and taken < group.size_min
    if group.state != GroupState.CONFIRMED or start_meeting is None or not scheduled or not lacking:
        return None
    policy = Policy.model_validate(group.policy)
    return Decision(
        taken=taken,
        size_min=group.size_min,
        starts_at=start_meeting.starts_at,
        decided_at=start_meeting.starts_at - (LAST_NOTICE if group.date_kept else SHORT_NOTICE),
        extends=not group.extended and policy.extension_days > 0,
        days=policy.extension_days or decisions.PUT_OFF_DAYS,
        date_kept=group.date_kept,
        waits=group.waits_for_members,
        can_start_small=taken >= groups.LEAST_MEMBERS,
        targets=await _targets(session, context, area, group, now),
    )


async def _targets(
    session: AsyncSession, context: GroupingContext, area: Area, group: Group, now: datetime
) -> tuple[MergeTarget, ...]:
    members = await decisions.members_of(session, group.id)
    config = await load_area_config(session, context, group.area, now)
    open_groups = await decisions.merge_targets(session, group, members, config, now)
    free_seats = {target.group_id: target.free_seats for target in open_groups}
    rows = await store.groups.with_start_meetings(session, list(free_seats))
    numbers = await store.group_numbers.numbers(session, list(free_seats))
    return tuple(
        [
            MergeTarget(
                row,
                await place_name(session, area, row.place),
                meeting.starts_at if meeting is not None and not meeting.is_postponed else None,
                numbers.get(row.id, 1),
                free_seats[row.id],
            )
            for row, meeting in sorted(rows, key=lambda pair: (pair[0].created_at, pair[0].id))
        ]
    )
