"""The unit of work of one use case: the groups it has loaded, and one write of all changes at the end."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import OFFER_REST, GroupState
from grouping.domain.matching.cells import Cell
from grouping.domain.signups import SignupStatus
from grouping.store import Group, outbox
from grouping.usecases.capacity import part_of_place
from grouping.usecases.context import GroupingContext
from grouping.usecases.group_aggregate import GroupAggregate
from grouping.usecases.matcher_cache import MatcherCheckout
from grouping.usecases.pending_changes import PendingChanges
from grouping.usecases.tasks import GroupFacts, sync_groups
from shared.errors import NotFoundError
from shared.kit.ids import derived_id
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centre


class UnitOfWork(PendingChanges):
    """
    One use case: one transaction, one moment, one cause.

    Attributes:
        context: Centres, policies and cached matchers.
        groups: The groups that were loaded or proposed in this use case, by id.
        matchers: The matchers of its transaction; use cases that share a transaction share them.
    """

    def __init__(
        self,
        session: AsyncSession,
        context: GroupingContext,
        now: datetime,
        cause: Cause,
        matchers: MatcherCheckout | None = None,
    ) -> None:
        super().__init__(session, now, cause)
        self.context = context
        self.matchers = matchers or MatcherCheckout(context.matchers, session)
        self.groups: dict[UUID, GroupAggregate] = {}
        self._group_id_counts: Counter[UUID] = Counter()

    async def load_group(self, group_id: UUID) -> GroupAggregate:
        """
        Return a group to change; its area must be locked.

        Raises:
            NotFoundError: ``unknown_group``.
        """
        await self.load_groups([group_id])
        if group_id not in self.groups:
            raise NotFoundError("unknown_group", group_id=group_id)
        return self.groups[group_id]

    async def load_groups(self, group_ids: Iterable[UUID]) -> None:
        """Load the groups that exist and are not loaded yet; their areas must be locked."""
        missing = set(group_ids).difference(self.groups)
        if not missing:
            return
        rows = await store.groups.with_start_meetings(self.session, missing)
        seats = await store.seats.of_groups(self.session, missing)
        rooms = await store.rooms.by_id(self.session, {row.place for row, _ in rows})
        bookings = await store.rooms.bookings(self.session, rooms, self.now)
        for row, meeting_row in rows:
            self.groups[row.id] = GroupAggregate(
                self,
                row,
                seats[row.id],
                meeting_row,
                centre=self.context.centres.get(row.centre),
                room=rooms.get(row.place),
                bookings=bookings.get(row.place, ()),
            )

    def new_group_id(self, cell: Cell) -> UUID:
        """Return the id of the next group of the current cause; a repeated use case derives the same ids."""
        number = self._group_id_counts[self.cause.id]
        self._group_id_counts[self.cause.id] += 1
        return derived_id(self.cause.id, "group", cell.key, number)

    async def propose_group(
        self,
        group_id: UUID,
        centre: Centre,
        area_id: str,
        cell: Cell,
        capacity: int,
        draft_for: timedelta = timedelta(),
    ) -> GroupAggregate:
        """Add a group without members: a draft that is published after ``draft_for``, or at once a proposal."""
        policy = centre.policy
        room = await store.rooms.get(self.session, cell.place)
        part = await part_of_place(self.session, self.context.area(area_id)[1], cell.place)
        row = Group(
            id=group_id,
            centre=centre.id,
            area=area_id,
            part=part.id if part.id != area_id else None,
            place=cell.place,
            slot=cell.slot,
            spoken_language=cell.language,
            wishes=cell.wishes,
            state=(GroupState.DRAFTED if draft_for else GroupState.PROPOSED).value,
            publish_at=self.now + draft_for if draft_for else None,
            filling_until=None if draft_for else self.now + timedelta(days=policy.fill_days),
            size_min=policy.size_min,
            capacity=min(capacity, room.seats) if room else capacity,
            policy=policy.model_dump(mode="json"),
            policy_version=policy.version,
            self_start=policy.starters_min == 0,
            created_at=self.now,
        )
        self.session.add(row)
        bookings = (await store.rooms.bookings(self.session, [room.id], self.now))[room.id] if room else ()
        self.groups[row.id] = GroupAggregate(self, row, [], None, centre=centre, room=room, bookings=bookings)
        return self.groups[row.id]

    async def flush_statuses(self) -> None:
        """Write the pending statuses and rests of sign-ups, so that the next query sees them."""
        by_status: dict[SignupStatus, list[UUID]] = defaultdict(list)
        for signup_id, status in self.statuses.items():
            by_status[status].append(signup_id)
        for status, signup_ids in by_status.items():
            await store.signups.set_status(self.session, signup_ids, status)
        self.statuses.clear()
        await store.answers.rest(self.session, self.resting, self.now + OFFER_REST)
        self.resting.clear()

    async def stage(self) -> None:
        """Write all pending changes and put the events into the outbox; the transaction commits both."""
        for group in self.groups.values():
            group.publish_cancellation()
        await self.flush_statuses()
        await self.session.flush()
        await outbox.add(self.session, *self.events)
        facts = [
            GroupFacts(group.row, group.meeting_row, group.seats, group.centre, group.room)
            for group in self.groups.values()
        ]
        await sync_groups(self.session, facts, now=self.now, cause=self.cause)
