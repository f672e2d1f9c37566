"""A simple model of groups, their meetings with the centre, and all that is told about these."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from notify.domain.hours import reminder_at
from notify.domain.kontaktmoter.groups import Standing
from notify.domain.kontaktmoter.meetings import LINE_CLOSES_BEFORE, Plan
from tests.notify.support.reply_model import Model as Places

OVER = (Standing.DISSOLVED, Standing.SILENT, Standing.NOT_STARTED)


@dataclass
class GroupModel:
    """
    A group as its delivered events tell it, read in the order in which they happened.

    Attributes:
        events: By version, the kind and the people of each delivered event.
    """

    id: UUID
    centre: str
    memory: str
    events: dict[int, tuple[str, frozenset[UUID]]] = field(default_factory=dict)

    @property
    def standing(self) -> Standing:
        standing, silent = Standing.NOT_STARTED, False
        for _, (kind, _people) in sorted(self.events.items()):
            if kind == "dissolved":
                return Standing.DISSOLVED
            if kind in ("expired", "kept_alive"):
                silent = kind == "expired"
            elif kind == "handed_over":
                standing = Standing.NOTHING_KEPT if self.memory == "none" else Standing.ACTIVE
            elif kind == "started":
                standing = Standing.ACCOMPANIED
            elif kind == "start_revoked":
                standing = Standing.NOT_STARTED
        return Standing.SILENT if silent else standing

    @property
    def is_handed_over(self) -> bool:
        return any(kind == "handed_over" for kind, _ in self.events.values())

    @property
    def kept(self) -> frozenset[UUID] | None:
        """Those whom grouping still knows after it has forgotten the others; None before."""
        forgotten = [version for version, (kind, _) in self.events.items() if kind == "forgotten"]
        return self.events[max(forgotten)][1] if forgotten else None

    @property
    def members(self) -> set[UUID]:
        named = {who for kind, people in self.events.values() if kind not in ("left", "forgotten") for who in people}
        named -= {who for kind, people in self.events.values() if kind == "left" for who in people}
        return named if self.kept is None else named & self.kept


@dataclass
class Guest:
    """One invitation."""

    group: UUID
    recipient: UUID | None
    via: str
    sequence: int
    told_before: bool = False
    declined: bool = False
    stopped: bool = False
    missed: bool = False
    places_given: int = 0


@dataclass
class MeetingModel:
    """A meeting with its guests, and the mails about it that have left."""

    id: UUID
    centre: str
    plan: Plan
    state: str = "draft"
    sequence: int = 0
    announced_at: datetime | None = None
    places: Places = field(default_factory=lambda: Places(0))
    guests: dict[UUID, Guest] = field(default_factory=dict)
    sealed: dict[UUID, int | None] = field(default_factory=dict)
    opened: set[UUID] = field(default_factory=set)
    sent: set[tuple[UUID, str, int]] = field(default_factory=set)
    reminders: set[tuple[UUID, str, int]] = field(default_factory=set)

    def is_ahead(self, now: datetime) -> bool:
        return self.state == "announced" and self.plan.starts_at > now

    def refresh(self, before: dict[UUID, int], now: datetime, acting: UUID | None = None) -> None:
        """Count who has got places, close the line when its time has come, and plan the reminders."""
        for id_, guest in self.guests.items():
            seats = self.places.has.get(id_, 0)
            guest.places_given += seats > 0 and not before.get(id_, 0)
            if seats > before.get(id_, 0) or id_ == acting:
                guest.missed = False
        planned = {key for key in self.expected() if key[1] == "kontaktmote_reminder"}
        self.reminders = planned if now < reminder_at(self.plan.starts_at) else self.reminders & planned

    def close_line(self, now: datetime) -> None:
        """A place that would be given less than a day before comes too late."""
        if self.places.closed or now < self.plan.starts_at - LINE_CLOSES_BEFORE:
            return
        for id_, _wish in self.places.queue:
            guest = self.guests[id_]
            guest.missed = guest.missed or not self.places.has.get(id_)
        self.places.closed, self.places.queue = True, []

    def remove(self, ids: Iterable[UUID], now: datetime) -> None:
        if not (gone := set(ids) & self.guests.keys()):
            return
        self.close_line(now)
        before = dict(self.places.has)
        for id_ in gone:
            del self.guests[id_]
        self.places.has = {id_: seats for id_, seats in self.places.has.items() if id_ not in gone}
        self.places.queue = [entry for entry in self.places.queue if entry[0] not in gone]
        self.places.serve()
        self.refresh(before, now)

    def expected(self) -> set[tuple[UUID, str, int]]:
        """The mails that are to be, by invitation, kind and what counts them."""
        found = set()
        on, off = self.state == "announced", self.state == "cancelled"
        for id_, guest in self.guests.items():
            seats, concerned = self.places.has.get(id_, 0), not guest.stopped and not guest.declined
            mails = {
                ("invited", 0): on and concerned and not guest.told_before,
                ("changed", self.sequence): on and concerned and self.sequence > guest.sequence,
                ("cancelled", 0): off and concerned,
                ("place", guest.places_given): on and seats > 0,
                ("given_up", guest.places_given): on and guest.declined and guest.places_given > 0,
                ("reminder", self.sequence): on and seats > 0,
                ("full", 0): on and concerned and guest.missed and not seats,
            }
            if guest.recipient is not None:
                found |= {(id_, f"kontaktmote_{kind}", number) for (kind, number), due in mails.items() if due}
        return found

    def mails(self) -> Counter[tuple[UUID, str]]:
        """The mails that wait or have left, of the guests of now."""
        waiting = {key for key in self.expected() if key[1] != "kontaktmote_reminder"} | self.reminders
        known = {id_ for id_, guest in self.guests.items() if guest.recipient is not None}
        return Counter((id_, kind) for id_, kind, _ in waiting | self.sent if id_ in known)

    def post(self, now: datetime) -> None:
        due = {key for key in self.expected() if key[1] != "kontaktmote_reminder"}
        self.sent |= due | (self.reminders if now >= reminder_at(self.plan.starts_at) else set())


@dataclass
class World:
    """
    All of it.

    Attributes:
        refusals: Who wants no more invitations, from which centre; with the group of a sealed address.
        addresses: The sealed addresses of each group, as intake keeps them.
    """

    groups: dict[UUID, GroupModel] = field(default_factory=dict)
    meetings: dict[UUID, MeetingModel] = field(default_factory=dict)
    refusals: dict[tuple[UUID, str], UUID | None] = field(default_factory=dict)
    erased: set[UUID] = field(default_factory=set)
    addresses: dict[UUID, list[UUID]] = field(default_factory=dict)

    def audience(self, meeting: MeetingModel) -> dict[UUID, UUID]:
        """Return who is invited by name, each with the group; in two groups, the later one counts."""
        found: dict[UUID, UUID] = {}
        for group in sorted(self.invited_groups(meeting), key=lambda one: one.id):
            found |= dict.fromkeys(group.members - self.erased, group.id)
        return {who: group for who, group in found.items() if (who, meeting.centre) not in self.refusals}

    def invited_groups(self, meeting: MeetingModel) -> list[GroupModel]:
        own = [group for group in self.groups.values() if group.centre == meeting.centre]
        if meeting.plan.chosen_groups:
            may = (Standing.ACTIVE, Standing.ACCOMPANIED)
            return [group for group in own if group.id in meeting.plan.chosen_groups and group.standing in may]
        return [group for group in own if group.standing is Standing.ACTIVE]

    def sealed_groups(self, meeting: MeetingModel) -> set[UUID]:
        return {
            group.id
            for group in self.invited_groups(meeting)
            if group.memory == "sealed_alias" and group.is_handed_over and group.kept is not None
        }

    def happened(self, group: GroupModel, version: int, kind: str, people: frozenset[UUID], now: datetime) -> None:
        """Take in an event, whenever it comes."""
        group.events[version] = kind, people
        ahead = [meeting for meeting in self.meetings.values() if meeting.is_ahead(now)]
        for meeting in ahead:
            own = {id_ for id_, guest in meeting.guests.items() if guest.group == group.id}
            if group.standing in OVER and kind not in ("left", "forgotten"):
                meeting.remove(own, now)
                meeting.sealed.pop(group.id, None)
            elif kind == "left":
                meeting.remove({id_ for id_ in own if meeting.guests[id_].recipient in people}, now)
        if group.standing in OVER and kind not in ("left", "forgotten"):
            self.refusals = {key: of for key, of in self.refusals.items() if of != group.id}
        if group.kept is not None:
            self.forget(group, lambda who: who not in (group.kept or ()), now)

    def forget(self, group: GroupModel, whom: Callable[[UUID], bool], now: datetime) -> None:
        """Forget whose invitations they are; the answers stay, and sealed addresses stand in for them."""
        for meeting in self.meetings.values():
            own = [guest for guest in meeting.guests.values() if guest.group == group.id and guest.via == "member"]
            if not meeting.is_ahead(now) or not own:
                continue
            for guest in own:
                if guest.recipient is not None and whom(guest.recipient):
                    guest.recipient = None
            nameless = any(guest.recipient is None for guest in own)
            if nameless and group.memory == "sealed_alias" and group.is_handed_over:
                meeting.sealed.setdefault(group.id, meeting.sequence)

    def erase(self, who: UUID, now: datetime, *, asked: bool) -> None:
        self.erased.add(who)
        for meeting in self.meetings.values():
            own = {id_ for id_, guest in meeting.guests.items() if guest.recipient == who}
            if not meeting.is_ahead(now):
                meeting.guests = {id_: guest for id_, guest in meeting.guests.items() if id_ not in own}
                meeting.places.queue = [entry for entry in meeting.places.queue if entry[0] not in own]
            elif asked:
                meeting.remove(own, now)
        if not asked:
            for group in self.groups.values():
                self.forget(group, lambda one: one == who, now)
        self.refusals = {key: of for key, of in self.refusals.items() if key[0] != who}

    def answer(self, meeting: MeetingModel, id_: UUID, people: int, now: datetime, *, for_group: bool) -> bool:
        """Return False if it is full and nothing changes."""
        meeting.close_line(now)
        guest, before = meeting.guests[id_], dict(meeting.places.has)
        mates = [other for other, one in meeting.guests.items() if one.group == guest.group and other != id_]
        mates = mates if for_group else []
        held = sum(meeting.places.has.get(one, 0) for one in (id_, *mates))
        if meeting.places.closed and people > held and people - held > meeting.places.free():
            return False
        meeting.places.answer(id_, people, mates)
        guest.stopped = guest.stopped and people == 0
        guest.declined = people == 0
        for mate in mates:
            meeting.guests[mate] = replace(meeting.guests[mate], declined=False)
        meeting.refresh(before, now, acting=id_)
        return True
