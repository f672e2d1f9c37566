"""
Replies to a meeting with limited places: each invitation has places, or waits in line for them.

The last answer of an invitation counts. A number for a whole group takes the place of everything that its other
members have answered; whoever answers after it adds to it. Places are given in the order of the line, all that an
invitation asks for at once, so that a small wish never passes a large one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from shared.errors import DomainError


@dataclass(frozen=True)
class Reply:
    """
    The answer of one invitation.

    Attributes:
        group_id: The group that was invited; None for a person who was invited alone.
        answered: True if this invitation's own answer counts.
        seats: Places that it has.
        wanted: Number of people who want to come.
        line: Number in line while it waits for the rest; lower numbers come first.
    """

    invitation_id: UUID
    group_id: UUID | None = None
    answered: bool = False
    seats: int = 0
    wanted: int = 0
    line: int | None = None

    @property
    def declined(self) -> bool:
        """True if nobody comes by this invitation, by its own answer."""
        return self.answered and self.wanted == 0


@dataclass(frozen=True)
class Replies:
    """
    All replies to a meeting.

    Attributes:
        capacity: Most people who can come; None for no limit.
        next_line: The next number in line.
        line_open: False from the moment on which nobody is given a place from the line any more.
    """

    capacity: int | None
    by_invitation: Mapping[UUID, Reply]
    next_line: int = 1
    line_open: bool = True

    @property
    def coming(self) -> int:
        """Number of places that are taken."""
        return sum(reply.seats for reply in self.by_invitation.values())

    @property
    def waiting(self) -> int:
        """Number of people who wait for a place."""
        return sum(reply.wanted - reply.seats for reply in self.in_line())

    def answer(self, invitation_id: UUID, people: int, *, for_group: bool = False) -> "Replies":
        """
        Return the replies with a new answer.

        Args:
            invitation_id: Whose answer it is.
            people: How many come; 0 if nobody does.
            for_group: True if the number is for the whole group.

        Raises:
            DomainError: ``meeting_is_full``: there are too few places, and the line is closed. Nothing has changed.
        """
        before = self.by_invitation[invitation_id]
        others = self._others_of_group(before) if for_group else []
        held = before.seats + sum(reply.seats for reply in others)
        wanted = before.wanted + sum(reply.wanted for reply in others)
        lines = [reply.line for reply in (before, *others) if reply.line is not None]
        changed = dict(self.by_invitation)
        for reply in others:
            changed[reply.invitation_id] = Reply(reply.invitation_id, reply.group_id)
        next_line = self.next_line
        if people <= held:
            now = replace(before, answered=True, seats=people, wanted=people, line=None)
        else:
            line = min(lines) if lines and people <= wanted else next_line
            next_line += line == next_line
            now = replace(before, answered=True, seats=held, wanted=people, line=line)
        changed[invitation_id] = now
        asked = replace(self, by_invitation=changed, next_line=next_line)
        if self.line_open:
            return _promoted(asked)
        if now.line is not None and not _fits(asked, now):
            raise DomainError("meeting_is_full", invitation_id=invitation_id)
        return _with(asked, replace(now, seats=now.wanted, line=None))

    def resized(self, capacity: int | None) -> "Replies":
        """Return the replies with another number of places; nobody loses one."""
        return _promoted(replace(self, capacity=capacity))

    def without(self, invitation_ids: Iterable[UUID]) -> "Replies":
        """Return the replies without some invitations, whose places go to the line."""
        gone = set(invitation_ids)
        left = {id_: reply for id_, reply in self.by_invitation.items() if id_ not in gone}
        return _promoted(replace(self, by_invitation=left))

    def closed(self) -> tuple["Replies", frozenset[UUID]]:
        """Return the replies after the line has closed, and the invitations that waited in vain without any place."""
        in_line = self.in_line()
        left = {**self.by_invitation}
        for reply in in_line:
            left[reply.invitation_id] = replace(
                reply, wanted=reply.seats, line=None, answered=reply.answered and reply.seats > 0
            )
        missed = frozenset(reply.invitation_id for reply in in_line if reply.seats == 0)
        return replace(self, by_invitation=left, line_open=False), missed

    def of_group(self, group_id: UUID) -> list[Reply]:
        """Return the replies of one group."""
        return [reply for reply in self.by_invitation.values() if reply.group_id == group_id]

    def _others_of_group(self, reply: Reply) -> list[Reply]:
        if reply.group_id is None:
            return []
        return [other for other in self.of_group(reply.group_id) if other.invitation_id != reply.invitation_id]

    def in_line(self) -> list[Reply]:
        """Return the replies that wait for places, the first one first."""
        waiting = [(reply.line, reply) for reply in self.by_invitation.values() if reply.line is not None]
        return [reply for _, reply in sorted(waiting, key=lambda item: item[0])]


def _fits(replies: Replies, reply: Reply) -> bool:
    return replies.capacity is None or replies.coming - reply.seats + reply.wanted <= replies.capacity


def _promoted(replies: Replies) -> Replies:
    """Give places to the line, in its order."""
    if not replies.line_open:
        return replies
    for reply in replies.in_line():
        if not _fits(replies, reply):
            break
        replies = _with(replies, replace(reply, seats=reply.wanted, line=None))
    return replies


def _with(replies: Replies, reply: Reply) -> Replies:
    return replace(replies, by_invitation={**replies.by_invitation, reply.invitation_id: reply})
