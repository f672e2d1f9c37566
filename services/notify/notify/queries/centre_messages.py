"""Reads for the staff pages about messages of the centre."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain.centre_messages import DAY, MOST_IN_A_DAY, CentreMessage, Reach, State, Unreached, reach
from notify.domain.delivery import Status
from notify.store import CentreMessageRow, audit_log, centre_messages, facts_ahead, projections
from notify.store.centre_messages import NamedGroup
from shared.kit.audit import AuditEntry
from shared.reference.areas import Area
from shared.reference.centres import Centre, Centres

_UNDERWAY = frozenset({Status.QUEUED, Status.RETRY, Status.SENDING, Status.CALL})


@dataclass(frozen=True)
class MessageView:
    """
    A message as staff see it.

    Attributes:
        reach: Whom it would reach now; only of a draft.
        group: The group that it is for.
        unreached: Why that group gets no message.
        counts: Number of recipients by state; without those who did not get it any more.
        left_out: Number of recipients who did not get it, since it was taken back or they left the audience.
        used_up: True if the centre has sent as many messages today as it may.
    """

    message: CentreMessage
    row: CentreMessageRow
    centre: Centre
    reach: Reach
    group: NamedGroup | None
    unreached: Unreached | None
    counts: Mapping[Status, int]
    left_out: int
    used_up: bool
    history: Sequence[AuditEntry]
    now: datetime

    @property
    def is_draft(self) -> bool:
        """True until it is sent."""
        return self.message.state is State.DRAFT

    @property
    def undone_until(self) -> datetime | None:
        """The moment until which nobody has got it; None if that is over."""
        leaves_at = self.message.leaves_at
        sent = self.message.state is State.SENT
        return leaves_at if sent and leaves_at is not None and leaves_at > self.now else None

    @property
    def can_be_taken_back(self) -> bool:
        """True while something of it waits."""
        return self.message.state is State.SENT and any(self.counts.get(status) for status in _UNDERWAY)


async def message_of_centres(
    session: AsyncSession, message_id: UUID, centres: Collection[str]
) -> CentreMessageRow | None:
    """Return one message of these centres; None also for another centre's."""
    row = await centre_messages.get(session, message_id)
    return row if row is not None and row.centre in centres else None


@dataclass(frozen=True)
class Listed:
    """A message in the list, with the group that it is for."""

    row: CentreMessageRow
    group: NamedGroup | None


async def of_centres(
    session: AsyncSession, centres: Collection[str], limit: int, older_than: tuple[datetime, UUID] | None = None
) -> list[Listed]:
    """Return the newest messages of these centres, or the newest that are older than one, by its moment and id."""
    rows = await centre_messages.of_centres(session, centres, limit, older_than)
    group_ids = {row.group_id for row in rows if row.group_id is not None}
    groups = [group for group in (await facts_ahead.groups(session, group_ids)).values() if group is not None]
    named = {group.id: group for group in await centre_messages.named(session, groups)}
    return [Listed(row, named.get(row.group_id) if row.group_id is not None else None) for row in rows]


async def message_view(
    session: AsyncSession, centres: Centres, row: CentreMessageRow, now: datetime
) -> MessageView | None:
    """Read a message for its page; None if the installation has its centre no more."""
    centre = centres.get(row.centre)
    if centre is None:
        return None
    reached = Reach()
    if row.state == State.DRAFT:
        reached = reach(
            row.facts,
            await centre_messages.addressed(session, row),
            stopped=await centre_messages.stopped(session, row),
            unplaced=await centre_messages.unplaced(session, row),
        )
    counts, left_out = Counter[Status](), 0
    for (status, reason), count in (await centre_messages.counts(session, row.id)).items():
        if status is Status.CANCELLED and reason == "not_addressed":
            left_out += count
        else:
            counts[status] += count
    return MessageView(
        message=row.facts,
        row=row,
        centre=centre,
        reach=reached,
        group=await _group(session, row.group_id),
        unreached=await centre_messages.unreached(session, row.group_id) if row.group_id is not None else None,
        counts=counts,
        left_out=left_out,
        used_up=await centre_messages.sent_since(session, row.centre, now - DAY) >= MOST_IN_A_DAY,
        history=await audit_log.entries_of(session, "message", row.id),
        now=now,
    )


async def _group(session: AsyncSession, group_id: UUID | None) -> NamedGroup | None:
    group = await projections.group(session, group_id) if group_id is not None else None
    return (await centre_messages.named(session, [group]))[0] if group is not None else None


async def groups(session: AsyncSession, centres: Collection[str]) -> list[NamedGroup]:
    """Return the groups of these centres to which a message can be sent."""
    return await centre_messages.groups(session, centres)


async def group_of_centres(
    session: AsyncSession, group_id: UUID, centres: Collection[str]
) -> tuple[NamedGroup, Unreached | None] | None:
    """Return a group of these centres, and why it gets no message; None also for another centre's."""
    group = await projections.group(session, group_id)
    if group is None or group.centre not in centres:
        return None
    return (await centre_messages.named(session, [group]))[0], await centre_messages.unreached(session, group_id)


async def parts_with_waiting(session: AsyncSession, centres: Centres, centre: Centre) -> list[tuple[Area, int]]:
    """Return the parts of a centre's areas in which somebody waits, by name, with how many."""
    waiting = Counter[str]()
    parts: dict[str, Area] = {}
    for (area_id, kommune), count in (await centre_messages.places_of_waiting(session, centre.id)).items():
        known = centres.area(area_id)
        if known is not None and known[0].id == centre.id:
            part = known[1].part_in(kommune)
            parts[part.id] = part
            waiting[part.id] += count
    return sorted(((parts[id_], count) for id_, count in waiting.items()), key=lambda found: found[0].name)
