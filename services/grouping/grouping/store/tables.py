"""
Tables of sign-ups, groups, meetings and seats, and of what is decided about them; other nouns have modules.

They hold opaque ids, wishes and decisions, never names or addresses of participants.

Some tables have kept their first names: ``waiting`` holds sign-ups, ``board_changes`` the changes that matchers
follow, ``apart`` the exclusions, ``forgotten`` the erased ids.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship

from grouping.domain.groups import LEAST_MEMBERS, GroupState, ReleaseReason, SeatState
from grouping.domain.meetings import MeetingKind, MeetingState
from grouping.domain.signups import SignupStatus
from grouping.store.audit_actions import ACTIONS
from shared.events.broker_access import published_by
from shared.kit.audit import AuditLog
from shared.kit.database.columns import JSON, MOMENT, TEXTS, empty_list, one_of
from shared.kit.database.rows import Row
from shared.kit.messaging.dead_letters import DeadLetters
from shared.kit.messaging.inbox import Inbox
from shared.kit.messaging.journal import Journal
from shared.kit.messaging.known_streams import KnownStreams
from shared.kit.messaging.outbox import Outbox
from shared.kit.tasks import TaskBook
from shared.kit.version_book import VersionBook


class Base(Row, registry=registry()):
    """Base class with grouping's own MetaData."""


outbox = Outbox(Base.metadata)
inbox = Inbox(Base.metadata)
dead_letters = DeadLetters(Base.metadata, inbox)
known_streams = KnownStreams(Base.metadata, published_by("grouping"))
journal = Journal(Base.metadata)

task_book = TaskBook(Base.metadata, "grouping", outbox)
"""The open tasks of staff about grouping's own things."""
policy_book = VersionBook(Base.metadata, "centre_policies")
"""The newest policy of each centre, from intake's events."""

audit_log = AuditLog(Base.metadata, ACTIONS)

_WISHES = (
    "centre, area, kommune, latitude, longitude, slots, languages, max_travel_km, wheelchair, language, signed_up_at"
)
_LIVE = sa.text("state in ('offered', 'taken')")


class Signup(Base, table=True):
    """
    One sign-up, with its newest wishes.

    When the person has left, only the ids, the version and the status stay, so that a late event cannot bring them
    back.

    Attributes:
        version: The highest version in intake's events of this sign-up.
        declined_cells: Cells (``place|slot|language``) that were offered and declined, or not answered.
        gone_at: When the person left; for an ``unready`` sign-up, when its pause began or ended.
        groups_also, groups_only: Wishes about the other members: accepted, required.
        slots_if_needed: Slots that suit only if need be.
        digital: Whether a group on screen is no choice, one among others, or the only one: "no", "also" or "only".
        excluded_reason: Why staff have excluded the person from matching; None for nearly all.
        unanswered: Number of offers in a row that lapsed without an answer.
        offers_paused_at: When that number became too high; no offer is made until the person asks for one again.
        paused: True while the person has asked for a pause; the place in the queue stays.
        pause_version: The highest version in intake's events about pauses of this sign-up.
        texts_asked: True while the person is asked about a changed text; they keep a seat that they have.
        texts_version: The highest version in intake's events about changed texts of this sign-up.
        declined_on, declined_slots: The Norwegian day on which the person last declined a seat, and the slots of that
            day's declined seats, which are not offered again on that day. Both are cleared when it is over.
        rests_until: No seat is offered before, since the person has just heard that a group was cancelled. Cleared
            when it is over.
    """

    __tablename__ = "waiting"
    __table_args__ = (
        sa.CheckConstraint(one_of("status", SignupStatus), name="waiting_status"),
        sa.CheckConstraint(
            f"case when status in ('gone', 'unready') then num_nonnulls({_WISHES}) = 0 "
            f"else num_nulls({_WISHES}) = 0 end",
            name="waiting_whole_or_gone",
        ),
        sa.Index("waiting_in_area", "area", postgresql_where=sa.text("status = 'waiting'")),
        sa.Index(
            "waiting_resting",
            "area",
            postgresql_where=sa.text("rests_until is not null or declined_on is not null"),
        ),
    )

    signup_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(index=True)
    status: str
    version: int
    centre: str | None = None
    area: str | None = None
    kommune: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    slots: list[str] | None = Field(default=None, sa_type=TEXTS)
    languages: list[str] | None = Field(default=None, sa_type=TEXTS)
    max_travel_km: int | None = None
    wheelchair: bool | None = None
    language: str | None = None
    signed_up_at: datetime | None = Field(default=None, sa_type=MOMENT)
    declined_cells: list[str] = Field(
        default_factory=empty_list, sa_type=TEXTS, sa_column_kwargs={"server_default": "{}"}
    )
    gone_at: datetime | None = Field(default=None, sa_type=MOMENT)
    groups_also: list[str] = Field(default_factory=empty_list, sa_type=TEXTS, sa_column_kwargs={"server_default": "{}"})
    groups_only: list[str] = Field(default_factory=empty_list, sa_type=TEXTS, sa_column_kwargs={"server_default": "{}"})
    excluded_reason: str | None = None
    slots_if_needed: list[str] = Field(
        default_factory=empty_list, sa_type=TEXTS, sa_column_kwargs={"server_default": "{}"}
    )
    digital: str = Field(default="no", sa_column_kwargs={"server_default": "no"})
    unanswered: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    offers_paused_at: datetime | None = Field(default=None, sa_type=MOMENT)
    paused: bool = Field(default=False, sa_column_kwargs={"server_default": sa.text("false")})
    pause_version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    texts_asked: bool = Field(default=False, sa_column_kwargs={"server_default": sa.text("false")})
    texts_version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    declined_on: date | None = None
    declined_slots: list[str] = Field(
        default_factory=empty_list, sa_type=TEXTS, sa_column_kwargs={"server_default": "{}"}
    )
    rests_until: datetime | None = Field(default=None, sa_type=MOMENT)


class MatcherChange(Base, table=True):
    """
    A changed sign-up that the matcher of an area must read again; written by triggers, in the order of the changes.

    See :mod:`grouping.usecases.matcher_cache`.

    Attributes:
        transaction_id: PostgreSQL's id of the transaction, by which it finds its own changes.
    """

    __tablename__ = "board_changes"
    __table_args__ = (sa.Index("board_changes_in_area", "area", "change"),)

    change: int | None = Field(default=None, primary_key=True, sa_type=sa.BigInteger)
    area: str
    signup_id: UUID
    at: datetime = Field(sa_type=MOMENT, sa_column_kwargs={"server_default": sa.text("now()")})
    transaction_id: int = Field(
        sa_type=sa.BigInteger, sa_column_kwargs={"server_default": sa.text("(pg_current_xact_id()::text)::bigint")}
    )


class Arrival(Base, table=True):
    """The number of sign-ups in an area on one day; it names no person, so it is kept for ever."""

    __tablename__ = "arrivals"

    area: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    count: int


class Exclusion(Base, table=True):
    """
    Two people who are not put in one group.

    Attributes:
        until_placed: True for a pair of a dissolved group, which nobody sees and which ends with the next group of one
            of them; else staff keep them apart, and only staff see it.
    """

    __tablename__ = "apart"
    __table_args__ = (
        sa.CheckConstraint("one < other", name="apart_in_order"),
        sa.Index("apart_in_area", "area"),
    )

    one: UUID = Field(primary_key=True)
    other: UUID = Field(primary_key=True)
    area: str
    at: datetime = Field(sa_type=MOMENT)
    until_placed: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})


class QuietPair(Base, table=True):
    """
    Two people who are never put in one group, by the wish of one of them (decision 54); no page reads this.

    Attributes:
        one, other: In the order of their ids; None once the wish was taken back, so that a late event brings no pair
            back.
    """

    __tablename__ = "quiet_pairs"
    __table_args__ = (
        sa.CheckConstraint(
            "(one is null) = (other is null) and (one is null) = (ended_at is not null)", name="quiet_pairs_whole"
        ),
    )

    pair_id: UUID = Field(primary_key=True)
    one: UUID | None = Field(default=None, index=True)
    other: UUID | None = Field(default=None, index=True)
    ended_at: datetime | None = Field(default=None, sa_type=MOMENT, index=True)


class ErasedId(Base, table=True):
    """The id of a person or sign-up that was erased; later events about it are ignored."""

    __tablename__ = "forgotten"

    id: UUID = Field(primary_key=True)
    at: datetime = Field(sa_type=MOMENT)


class Group(Base, table=True):
    """
    A group, with the policy of its proposal, which it keeps.

    Attributes:
        version: The version of the newest event about this group.
        capacity: Maximum number of live seats, from the policy or chosen by staff.
        live: Number of live seats, maintained by a trigger and limited by the check ``groups_chairs``.
        started_at: When the group started and was closed to newcomers; None before.
        ended_at: When the group was cancelled; None while it lives.
        part: The part of a wide area in which it meets, as people know it; None if the area has no parts.
        size: Number of members at the start; None before. Unlike ``live`` it stays when the seats are deleted.
        wishes: Wishes about the other members; see :attr:`grouping.domain.matching.cells.Cell.wishes`.
        publish_at: When a draft is published automatically; until then staff can undo it.
        extended: True once its start meeting was put off because too few members were left.
        self_start: True if it begins without an igangsetter: its members get the sheet that helps them start.
        room_free_at: When its room was released to other groups; None while it has a room, or if ``place`` is no room.
        filling_until, date_kept, waits_for_members, start_reason: See :class:`grouping.domain.groups.Group`.
    """

    __tablename__ = "groups"
    __table_args__ = (
        sa.CheckConstraint(one_of("state", GroupState), name="groups_state"),
        sa.CheckConstraint("live between 0 and capacity", name="groups_chairs"),
        sa.CheckConstraint("1 <= size_min and size_min <= capacity", name="groups_sizes"),
        sa.CheckConstraint("state <> 'drafted' or publish_at is not null", name="groups_told_when"),
        sa.CheckConstraint("state <> 'started' or started_at is not null", name="groups_started_when"),
        sa.CheckConstraint("state <> 'cancelled' or ended_at is not null", name="groups_ended_when"),
        sa.Index(
            "groups_open_in_area",
            "area",
            postgresql_where=sa.text("state in ('drafted', 'proposed', 'confirmed')"),
        ),
        sa.Index("groups_of_centre", "centre", "created_at"),
        sa.Index(
            "groups_one_per_room",
            "place",
            "slot",
            unique=True,
            postgresql_where=sa.text("place like 'rom-%' and state <> 'cancelled' and room_free_at is null"),
        ),
    )

    id: UUID = Field(primary_key=True)
    centre: str
    area: str
    place: str
    slot: str
    spoken_language: str
    state: str
    version: int = 0
    size_min: int
    capacity: int
    live: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    policy: dict[str, Any] = Field(sa_type=JSON)
    policy_version: str
    created_at: datetime = Field(sa_type=MOMENT)
    started_at: datetime | None = Field(default=None, sa_type=MOMENT)
    ended_at: datetime | None = Field(default=None, sa_type=MOMENT)
    cancel_reason: str | None = None
    size: int | None = None
    wishes: str = Field(default="", sa_column_kwargs={"server_default": ""})
    publish_at: datetime | None = Field(default=None, sa_type=MOMENT)
    extended: bool = Field(default=False, sa_column_kwargs={"server_default": sa.text("false")})
    self_start: bool = Field(default=False, sa_column_kwargs={"server_default": sa.text("false")})
    room_free_at: datetime | None = Field(default=None, sa_type=MOMENT)
    filling_until: datetime | None = Field(default=None, sa_type=MOMENT)
    date_kept: bool = Field(default=False, sa_column_kwargs={"server_default": sa.text("false")})
    waits_for_members: bool = Field(default=False, sa_column_kwargs={"server_default": sa.text("false")})
    start_reason: str | None = None
    part: str | None = None

    @property
    def known_area(self) -> str:
        """The id of the area, or of its part, that people and staff know."""
        return self.part or self.area

    @property
    def least(self) -> int:
        """See :attr:`grouping.domain.groups.Group.least`."""
        return self.size_min if self.start_reason is None else LEAST_MEMBERS

    @property
    def closed_at(self) -> datetime | None:
        """When the group was closed to newcomers: at its start, or at its end if it never started."""
        return self.started_at or self.ended_at


class Meeting(Base, table=True):
    """
    A meeting of a group; see :mod:`grouping.domain.meetings`.

    Every confirmed or started group has a start meeting; the trigger ``groups_have_start_meeting`` checks it at commit.

    Attributes:
        place_text: The place as members read it; never the address of a participant.
        sequence: Number of changes of time or place, and of postponements (RFC 5545 SEQUENCE).
        attendance: How many came, if staff have counted; a number only.
    """

    __tablename__ = "meetings"
    __table_args__ = (
        sa.CheckConstraint(one_of("kind", MeetingKind), name="meetings_kind"),
        sa.CheckConstraint(one_of("state", MeetingState), name="meetings_state"),
        sa.CheckConstraint("starts_at < ends_at", name="meetings_last"),
        sa.CheckConstraint("attendance between 1 and 50", name="meetings_attendance"),
        sa.Index("meetings_one_start", "group_id", unique=True, postgresql_where=sa.text("kind = 'start'")),
        sa.Index("meetings_scheduled", "ends_at", postgresql_where=sa.text("state in ('called', 'moved')")),
    )

    id: UUID = Field(primary_key=True)
    group_id: UUID = Field(foreign_key="groups.id", index=True)
    # Never read: it makes the session write a new group before its meetings.
    group: Group | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    kind: str
    starts_at: datetime = Field(sa_type=MOMENT)
    ends_at: datetime = Field(sa_type=MOMENT)
    place_text: str
    state: str
    sequence: int = 0
    attendance: int | None = None

    @property
    def is_postponed(self) -> bool:
        """True while the meeting waits for a new time."""
        return self.state == MeetingState.POSTPONED


class Seat(Base, table=True):
    """
    One seat for one person; a released seat keeps its row, so that staff can see its history.

    Attributes:
        language: Language of the person's mails.
        reason: The reason of a release.
        taken_at: When its person said yes; it stays when the seat is released.
        decided_at: When it was taken or released.
        distance_km, waited_days: The distance and the wait of the person when the seat was offered.
        pinned: True if draft repair must leave the person in this group.
        instead_of: The seat that the person lost in the transaction of this offer, because its group was cancelled.
        comes_to: Start of the meeting to which its person has said that they still come; None if they have not.
    """

    __tablename__ = "seats"
    __table_args__ = (
        sa.CheckConstraint(one_of("state", SeatState), name="seats_state"),
        sa.CheckConstraint("(state = 'released') = (reason is not null)", name="seats_released_why"),
        sa.Index("seats_one_per_signup", "signup_id", unique=True, postgresql_where=_LIVE),
        sa.Index("seats_one_per_person", "person_id", unique=True, postgresql_where=_LIVE),
        sa.Index("seats_of_person", "person_id"),
        sa.Index("seats_offered_until", "deadline", postgresql_where=sa.text("state = 'offered'")),
    )

    id: UUID = Field(primary_key=True)
    group_id: UUID = Field(foreign_key="groups.id", index=True)
    # Never read: it makes the session write a new group before its seats.
    group: Group | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    signup_id: UUID
    person_id: UUID
    language: str
    state: str
    reason: ReleaseReason | None = Field(default=None, sa_type=sa.String)
    offered_at: datetime = Field(sa_type=MOMENT)
    deadline: datetime | None = Field(default=None, sa_type=MOMENT)
    decided_at: datetime | None = Field(default=None, sa_type=MOMENT)
    taken_at: datetime | None = Field(default=None, sa_type=MOMENT)
    distance_km: float
    waited_days: int
    pinned: bool = Field(default=False, sa_column_kwargs={"server_default": sa.text("false")})
    instead_of: UUID | None = None
    comes_to: datetime | None = Field(default=None, sa_type=MOMENT)


class AreaHold(Base, table=True):
    """An area on hold: only staff form groups there."""

    __tablename__ = "area_holds"

    area: str = Field(primary_key=True)
    centre: str
    held_at: datetime = Field(sa_type=MOMENT)
    username: str


class WaitReview(Base, table=True):
    """
    A long wait that staff have looked at.

    Attributes:
        until: When they are reminded of it again.
    """

    __tablename__ = "wait_reviews"

    signup_id: UUID = Field(primary_key=True, foreign_key="waiting.signup_id", ondelete="CASCADE")
    until: datetime = Field(sa_type=MOMENT)
