"""Check moved meetings of a started group against those of other groups in its room and with its igangsettere."""

from grouping import store
from grouping.domain.life.model import GroupLife
from grouping.domain.meetings import Meeting
from grouping.usecases.life_aggregate import LifeAggregate, Rule
from shared.errors import DomainError


async def without_clash(aggregate: LifeAggregate, rule: Rule) -> Rule:
    """
    Return the rule, which then refuses to move a meeting to a time that is taken.

    Raises:
        DomainError: By the returned rule, ``room_taken`` if another group has the room then, or ``igangsetter_taken``
            if an igangsetter of the group is with another one.
    """
    group, now = aggregate.group, aggregate.uow.now
    address = group.room.full_address if group.room is not None else None
    in_room = [booking for booking in group.bookings if booking.group_id != group.row.id]
    elsewhere = await store.igangsettere.meetings_elsewhere(aggregate.uow.session, group.row.id, now)

    def checked(life: GroupLife) -> GroupLife:
        after, before = rule(life), {(meeting.id, meeting.starts_at, meeting.place_text) for meeting in life.meetings}
        for meeting in after.meetings:
            known = (meeting.id, meeting.starts_at, meeting.place_text) in before
            if known or not meeting.is_scheduled or meeting.starts_at <= now:
                continue
            if meeting.place_text == address and _meets_any(meeting, in_room):
                raise DomainError("room_taken", group_id=life.group_id)
            if _meets_any(meeting, elsewhere):
                raise DomainError("igangsetter_taken", group_id=life.group_id)
        return after

    return checked


def _meets_any(meeting: Meeting, bookings: list[store.rooms.Booking]) -> bool:
    return any(other.overlaps(meeting.starts_at, meeting.ends_at) for other in bookings)
