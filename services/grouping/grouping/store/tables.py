"""The tables of grouping. Only opaque ids, wishes, and what was decided; who somebody is, is not known here."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship, SQLModel

from grouping.domain.groups import GroupState, ReleaseReason, SeatState
from grouping.domain.signups import SignupStatus
from shared.kit.messaging.dead_letters import DeadLetters
from shared.kit.messaging.inbox import Inbox
from shared.kit.messaging.outbox import Outbox


class Base(SQLModel, registry=registry()):
    """Gives grouping its own MetaData."""


outbox = Outbox(Base.metadata)
inbox = Inbox(Base.metadata)
dead_letters = DeadLetters(Base.metadata)

_MOMENT: Any = sa.DateTime(timezone=True)
_TEXTS: Any = ARRAY(sa.Text)
_JSON: Any = JSONB
_WISHES = (
    "centre, area, kommune, latitude, longitude, slots, languages, max_travel_km, wheelchair, language, signed_up_at"
)
_LIVE = sa.text("state in ('offered', 'taken')")


def _one_of(column: str, words: Any) -> str:
    return f"{column} in ({', '.join(repr(str(word)) for word in words)})"


class Waiting(Base, table=True):
    """
    One sign-up that grouping has heard of.

    Of somebody who has left only the id, the version and that they are gone is kept, so that an event that comes late
    cannot bring them back.

    Attributes:
        version: The highest that has been seen in intake's events of this sign-up.
        refused: Cells (``place|slot|language``) that the person said no to or did not answer.
        gone_at: Since when they are gone.
        groups_also, groups_only: Wishes about who else is in the group: could go along with, will not do without.
        held_reason: Why staff keep this person on the list for now; None for nearly everybody.
    """

    __tablename__ = "waiting"
    __table_args__ = (
        sa.CheckConstraint(_one_of("status", SignupStatus), name="waiting_status"),
        sa.CheckConstraint(
            f"case when status = 'gone' then num_nonnulls({_WISHES}) = 0 else num_nulls({_WISHES}) = 0 end",
            name="waiting_whole_or_gone",
        ),
        sa.Index("waiting_in_area", "area", postgresql_where=sa.text("status = 'waiting'")),
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
    slots: list[str] | None = Field(default=None, sa_type=_TEXTS)
    languages: list[str] | None = Field(default=None, sa_type=_TEXTS)
    max_travel_km: int | None = None
    wheelchair: bool | None = None
    language: str | None = None
    signed_up_at: datetime | None = Field(default=None, sa_type=_MOMENT)
    refused: list[str] = Field(default_factory=list, sa_type=_TEXTS, sa_column_kwargs={"server_default": "{}"})
    gone_at: datetime | None = Field(default=None, sa_type=_MOMENT)
    groups_also: list[str] = Field(default_factory=list, sa_type=_TEXTS, sa_column_kwargs={"server_default": "{}"})
    groups_only: list[str] = Field(default_factory=list, sa_type=_TEXTS, sa_column_kwargs={"server_default": "{}"})
    held_reason: str | None = None


class BoardChange(Base, table=True):
    """
    A sign-up that must be looked at again in an area; written by triggers, in the order of what happened there.

    See :mod:`grouping.usecases.matcher_cache`.
    """

    __tablename__ = "board_changes"
    __table_args__ = (sa.Index("board_changes_in_area", "area", "change"),)

    change: int | None = Field(default=None, primary_key=True, sa_type=sa.BigInteger)
    area: str
    signup_id: UUID
    at: datetime = Field(sa_type=_MOMENT, sa_column_kwargs={"server_default": sa.text("now()")})


class Arrival(Base, table=True):
    """How many signed up in an area on one day; no people, so that it may be kept."""

    __tablename__ = "arrivals"

    area: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    count: int


class Apart(Base, table=True):
    """Two people who must never be in one group; only staff see that such a pair exists."""

    __tablename__ = "apart"
    __table_args__ = (
        sa.CheckConstraint("one < other", name="apart_in_order"),
        sa.Index("apart_in_area", "area"),
    )

    one: UUID = Field(primary_key=True)
    other: UUID = Field(primary_key=True)
    area: str
    at: datetime = Field(sa_type=_MOMENT)


class Forgotten(Base, table=True):
    """Ids of people and sign-ups that were erased: whatever arrives about them later is not taken in."""

    __tablename__ = "forgotten"

    id: UUID = Field(primary_key=True)
    at: datetime = Field(sa_type=_MOMENT)


class Group(Base, table=True):
    """
    A group from proposal to start, with the policy that it keeps all its life.

    Attributes:
        version: That of the newest event about this group.
        capacity: How many chairs it has: the policy's most, or what staff chose.
        live: How many seats are offered or taken; kept by a trigger, so that the check below has the last word.
        sequence: How often time or place of the start meeting has changed.
        size: How many began; None before the start. Unlike ``live`` it stays when the seats are forgotten.
        wishes: Wishes about the other members; see :attr:`grouping.domain.matching.cells.Cell.wishes`.
        tell_at: When its members hear of it by themselves; until then it is a draft that staff can undo.
        extended: Whether its start meeting has been put off once because too few were left.
        room_free_at: Since when somebody else can have its room; None while it has one, or where ``place`` is no room.
    """

    __tablename__ = "groups"
    __table_args__ = (
        sa.CheckConstraint(_one_of("state", GroupState), name="groups_state"),
        sa.CheckConstraint("live between 0 and capacity", name="groups_chairs"),
        sa.CheckConstraint("1 <= size_min and size_min <= capacity", name="groups_sizes"),
        sa.CheckConstraint(
            "state not in ('confirmed', 'started') or num_nulls(meeting_id, meets_at, ends_at, place_text) = 0",
            name="groups_meeting_called",
        ),
        sa.CheckConstraint("state <> 'drafted' or tell_at is not null", name="groups_told_when"),
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
    policy: dict[str, Any] = Field(sa_type=_JSON)
    policy_version: str
    created_at: datetime = Field(sa_type=_MOMENT)
    meeting_id: UUID | None = None
    sequence: int = 0
    meets_at: datetime | None = Field(default=None, sa_type=_MOMENT)
    ends_at: datetime | None = Field(default=None, sa_type=_MOMENT)
    place_text: str | None = None
    postponed: bool = False
    closed_at: datetime | None = Field(default=None, sa_type=_MOMENT)
    cancel_reason: str | None = None
    size: int | None = None
    wishes: str = Field(default="", sa_column_kwargs={"server_default": ""})
    tell_at: datetime | None = Field(default=None, sa_type=_MOMENT)
    extended: bool = Field(default=False, sa_column_kwargs={"server_default": sa.text("false")})
    room_free_at: datetime | None = Field(default=None, sa_type=_MOMENT)


class Seat(Base, table=True):
    """
    One chair for one person; the row stays when it is released, so that staff can see what happened.

    Attributes:
        language: Of the person's mails.
        distance_km, waited_days: Why this person: how far they have, how long they had waited.
        pinned: Staff want this person in this group, so the repair leaves them there.
    """

    __tablename__ = "seats"
    __table_args__ = (
        sa.CheckConstraint(_one_of("state", SeatState), name="seats_state"),
        sa.CheckConstraint("(state = 'released') = (reason is not null)", name="seats_released_why"),
        sa.Index("seats_one_per_signup", "signup_id", unique=True, postgresql_where=_LIVE),
        sa.Index("seats_one_per_person", "person_id", unique=True, postgresql_where=_LIVE),
        sa.Index("seats_of_person", "person_id"),
        sa.Index("seats_offered_until", "deadline", postgresql_where=sa.text("state = 'offered'")),
    )

    id: UUID = Field(primary_key=True)
    group_id: UUID = Field(foreign_key="groups.id", index=True)
    # Never read: it tells the session to write a new group before its seats.
    group: Group | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    signup_id: UUID
    person_id: UUID
    language: str
    state: str
    reason: ReleaseReason | None = Field(default=None, sa_type=sa.String)
    offered_at: datetime = Field(sa_type=_MOMENT)
    deadline: datetime | None = Field(default=None, sa_type=_MOMENT)
    settled_at: datetime | None = Field(default=None, sa_type=_MOMENT)
    distance_km: float
    waited_days: int
    pinned: bool = Field(default=False, sa_column_kwargs={"server_default": sa.text("false")})


class AreaHold(Base, table=True):
    """An area in which the centre decides itself when a group is made."""

    __tablename__ = "area_holds"

    area: str = Field(primary_key=True)
    centre: str
    held_at: datetime = Field(sa_type=_MOMENT)
    username: str


class StaffAction(Base, table=True):
    """
    What a member of staff did, for the centre to look back on.

    Attributes:
        reason: One of a few words, never free text: nothing is written here about anybody's life.
    """

    __tablename__ = "staff_actions"
    __table_args__ = (sa.Index("staff_actions_of_group", "group_id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=sa.BigInteger)
    at: datetime = Field(sa_type=_MOMENT)
    username: str
    centre: str
    area: str
    action: str
    group_id: UUID | None = None
    signup_id: UUID | None = None
    reason: str | None = None
