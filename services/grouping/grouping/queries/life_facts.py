"""Facts of the life of a started group, for the pages of its members and of staff."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import GroupState
from grouping.domain.life import accompaniment, calendar, ending, membership, solo, visits
from grouping.domain.life.model import GroupLife, LifeState
from grouping.domain.life.rhythm import Occurrence, on_day
from grouping.domain.meetings import Meeting, MeetingKind
from grouping.store import Group, Room, Seat
from grouping.store.meetings import is_address
from grouping.usecases.life_rows import life_of
from shared.errors import DomainError
from shared.reference.centres import Centre
from shared.reference.policy import Policy, Span
from shared.timezone import OSLO_TZ


@dataclass(frozen=True, kw_only=True)
class LifeFacts:
    """
    The life of a group as it is now.

    Attributes:
        starters: Number of igangsettere that the group has.
        room: Its room; None if it meets at one of the installation's meeting places.
    """

    group: Group
    centre: Centre
    room: Room | None
    life: GroupLife
    now: datetime
    starters: int

    @property
    def policy(self) -> Policy:
        """The policy that the group started under."""
        return self.life.policy

    @property
    def is_accompanied(self) -> bool:
        """True until the igangsetter has withdrawn."""
        return self.life.state is LifeState.ACCOMPANIED

    @property
    def is_independent(self) -> bool:
        """True while the group is on its own."""
        return self.life.state is LifeState.INDEPENDENT

    @property
    def is_expired(self) -> bool:
        """True if nobody has answered whether the group still meets."""
        return self.life.state is LifeState.EXPIRED

    @property
    def attended(self) -> int:
        """Number of meetings with the igangsetter so far."""
        return accompaniment.attended(self.life)

    @property
    def met(self) -> int:
        """Number of meetings so far, as long as the system calls them."""
        return accompaniment.held_meetings(self.life)

    @property
    def span(self) -> Span | None:
        """Number of meetings with the igangsetter by the policy; None where it is agreed with the group."""
        number = self.policy.starter_meetings
        most = accompaniment.most_meetings(self.life)
        least = accompaniment.least_meetings(self.policy)
        return None if most is None or not isinstance(number, Span) else Span(min=min(least, most), max=most)

    @property
    def can_be_asked(self) -> bool:
        """True once the group has met often enough with its igangsetter to go on alone."""
        return self.is_accompanied and self.attended >= accompaniment.least_meetings(self.policy)

    @property
    def ahead(self) -> tuple[Meeting, ...]:
        """The next meetings with the igangsetter."""
        return calendar.meetings_ahead(self.life, self.now) if self.is_accompanied else ()

    @property
    def left_out(self) -> tuple[Occurrence, ...]:
        """Times ahead on which the group does not meet: holidays, and days that were skipped."""
        if not self.is_accompanied or self.life.rhythm is None:
            return ()
        held = {meeting.starts_at.astimezone(OSLO_TZ).date() for meeting in self.ahead}
        times = {time.day: time for time in calendar.skipped_holidays(self.life, self.now)}
        for day in self.life.skipped_days:
            try:
                times[day] = on_day(self.life.rhythm, day)
            except DomainError:  # the rhythm has changed since
                continue
        return tuple(times[day] for day in sorted(times) if times[day].starts_at > self.now and day not in held)

    @property
    def visit_meeting(self) -> Meeting | None:
        """The meeting at which the centre comes."""
        visit = self.life.visit
        if visit is None or visit.meeting_id is None:
            return None
        meeting = self.life.meeting(visit.meeting_id)
        ahead = meeting.is_scheduled and meeting.ends_at > self.now and meeting.kind is not MeetingKind.WEEKLY
        return meeting if ahead else None

    def knows_place(self, place_text: str) -> bool:
        """Return True if the members can find a meeting by this text; else the centre has never written an address."""
        return is_address(self.centre, self.group, self.room, place_text)

    @property
    def offer_ends_at(self) -> datetime | None:
        """Until when the group can answer the offer of a return visit; None if there is none."""
        return visits.offer_ends_at(self.life)

    @property
    def meetings_alone(self) -> int:
        """Number of meetings alone, as far as the system knows; before the handover those beyond the policy's most."""
        if self.is_accompanied:
            return accompaniment.held_alone(self.life)
        return solo.meetings_alone(self.life, self.now)

    @property
    def paused_until(self) -> date | None:
        """The last day of a pause that is not over."""
        until = self.life.paused_until
        return until if until is not None and until >= self.now.astimezone(OSLO_TZ).date() else None

    @property
    def can_admit(self) -> bool:
        """True while the group waits for the newcomer that it has agreed to."""
        return membership.can_admit(self.life, self.now)

    @property
    def alive_deadline(self) -> datetime | None:
        """Until when somebody must answer whether the group still meets; None if it is not asked."""
        return ending.keep_alive_deadline(self.life)


async def read_life(session: AsyncSession, group: Group, seats: Collection[Seat]) -> GroupLife | None:
    """Read the life of a group; None before its start, and until the job has opened its life."""
    row = await store.lives.get(session, group.id)
    if row is None or group.started_at is None or group.state != GroupState.STARTED:
        return None
    return life_of(row, group, seats, await store.lives.meetings_after_start(session, group.id))
