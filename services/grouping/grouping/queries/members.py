"""The pages of a started group: for one of its members, and for whoever holds the link of a group on its own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import GroupState
from grouping.domain.life.acts import GroupAct, MemberAct, possible_for_group, possible_for_member
from grouping.domain.life.voting import votable
from grouping.domain.votes import VoteSubject
from grouping.queries.groups import date_of
from grouping.queries.life_facts import LifeFacts, read_life
from grouping.queries.rooms import place_name
from grouping.store import Group, views
from grouping.store import Meeting as MeetingRow
from grouping.usecases.context import GroupingContext
from grouping.usecases.life_aggregate import return_hash

MemberPage = Literal["not_started", "starting", "left", "member"]


@dataclass(frozen=True, kw_only=True)
class LifeView(LifeFacts):
    """
    A started group as its members see it: never who they are, nor what another one has answered.

    Attributes:
        number: See :mod:`grouping.store.group_numbers`.
        can_vote: The questions that can be put to all members now.
        vote_open: True while they are asked something.
    """

    start_meeting: MeetingRow | None
    place_name: str
    number: int
    can_vote: frozenset[VoteSubject]
    vote_open: bool
    group_acts: frozenset[GroupAct]

    @property
    def named_at(self) -> datetime | None:
        """The start meeting, by which the group is called."""
        return date_of(self.start_meeting)

    @property
    def vote_rests_until(self) -> datetime | None:
        """When the members can be asked something again; None if that is no obstacle."""
        again = self.life.next_vote_at
        return again if again is not None and again > self.now else None


@dataclass(frozen=True, kw_only=True)
class MemberView(LifeView):
    """
    The page of one member.

    Attributes:
        acts: What they can do for themselves now.
    """

    page: MemberPage
    seat_id: UUID
    acts: frozenset[MemberAct]

    @property
    def can_tell_pledge(self) -> bool:
        """True until somebody has told that the group has spoken about confidentiality."""
        return self.life.is_ongoing and self.life.pledge_on is None

    @property
    def is_kept(self) -> bool:
        """True if the member is kept after the handover, or their address in that of the group."""
        if self.policy.post_handover_memory == "sealed_alias":
            return self.seat_id not in self.life.left_out
        return self.seat_id in self.life.opted_in

    @property
    def is_ready(self) -> bool:
        """True if the member has said that they are ready."""
        return self.seat_id in self.life.handover_yes

    def awaits(self, act: str) -> bool:
        """Return True if an act waits for the same of other members."""
        return self.is_accompanied if act == "ready" else self.life.is_ongoing

    @property
    def wants_end(self) -> bool:
        """True if the member has said that the group should end."""
        return self.seat_id in self.life.dissolve_yes


@dataclass(frozen=True)
class BeforeStart:
    """A member's group before it has started, or whose start was taken back; or just after it, before it has a life."""

    page: MemberPage = "not_started"


async def member_view(
    session: AsyncSession, context: GroupingContext, seat_id: UUID, now: datetime
) -> MemberView | BeforeStart | None:
    """Read the page of a member; None once they are forgotten."""
    seat_and_group = await views.seat_and_group(session, seat_id)
    if seat_and_group is None:
        return None
    _, group, start_meeting = seat_and_group
    view = await _life_view(session, context, group, start_meeting, now)
    if view is None:
        return BeforeStart("starting" if group.state == GroupState.STARTED else "not_started")
    is_member = seat_id in view.life.members
    return MemberView(
        **vars(view),
        page="member" if is_member else "left",
        seat_id=seat_id,
        acts=possible_for_member(view.life, seat_id, now) if is_member else frozenset(),
    )


async def return_view(
    session: AsyncSession, context: GroupingContext, return_id: UUID, now: datetime
) -> LifeView | None:
    """Read the page of a group on its own; None if nobody knows the link any more, as after the end of the group."""
    group_id = await store.lives.with_return_hash(session, return_hash(return_id))
    if group_id is None:
        return None
    ((group, start_meeting),) = await store.groups.with_start_meetings(session, [group_id])
    return await _life_view(session, context, group, start_meeting, now)


async def _life_view(
    session: AsyncSession, context: GroupingContext, group: Group, start_meeting: MeetingRow | None, now: datetime
) -> LifeView | None:
    life = await read_life(session, group, (await store.seats.of_groups(session, [group.id]))[group.id])
    if life is None:
        return None
    centre, area = context.area(group.area)
    vote_open = await store.votes.of_group(session, group.id) is not None
    return LifeView(
        group=group,
        start_meeting=start_meeting,
        centre=centre,
        room=await store.rooms.get(session, group.place),
        place_name=await place_name(session, area, group.place),
        number=(await store.group_numbers.numbers(session, [group.id])).get(group.id, 1),
        life=life,
        now=now,
        starters=(await store.tasks.starters_of(session, [group.id])).get(group.id, 0),
        can_vote=frozenset() if vote_open else votable(life, now),
        vote_open=vote_open,
        group_acts=possible_for_group(life, now),
    )
