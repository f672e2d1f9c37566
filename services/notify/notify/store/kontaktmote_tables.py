"""Tables of kontaktmøter: meetings, invitations and replies by opaque ids, and the groups that can be invited."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from notify.domain.kontaktmoter.groups import Fact, GroupFacts
from notify.domain.kontaktmoter.invitations import Invitation, Via
from notify.domain.kontaktmoter.meetings import Audience, Kontaktmote, Plan, State, Topic
from notify.domain.kontaktmoter.replies import Reply
from notify.store.tables import UUIDS, Base
from shared.kit.database.columns import MOMENT, TEXTS, empty_dict, empty_list, one_of


class ContactGroup(Base, table=True):
    """
    A group that has started, without its members, for as long as it can be invited.

    Attributes:
        versions: The highest version of the group in an event that states a fact, by fact.
        memory: What is kept of the members; None until the handover.
        place_text, starts_at: Place and time of its start meeting, by which staff know it.
        ended_at: When it was dissolved, or last counted as silent.
    """

    __tablename__ = "contact_groups"

    id: UUID = Field(primary_key=True)
    centre: str = Field(max_length=63, index=True)
    area: str = Field(max_length=63)
    versions: dict[str, int] = Field(default_factory=empty_dict, sa_type=JSONB)
    memory: str | None = None
    place_text: str = ""
    starts_at: datetime | None = Field(default=None, sa_type=MOMENT)
    ended_at: datetime | None = Field(default=None, sa_type=MOMENT)

    @property
    def facts(self) -> GroupFacts:
        """The group as the rules see it."""
        return GroupFacts({Fact(name): version for name, version in self.versions.items()}, self.memory)


class HelperAccount(Base, table=True):
    """
    The account of an igangsetter, as far as invitations and messages need it; the newest event wins.

    Attributes:
        by_mail: False for somebody without an e-mail address.
    """

    __tablename__ = "helper_accounts"

    account_id: UUID = Field(primary_key=True)
    centre: str = Field(max_length=63, index=True)
    version: int
    active: bool
    language: str
    by_mail: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})


class KontaktmoteRow(Base, table=True):
    """
    One meeting; see :mod:`notify.domain.kontaktmoter.meetings`.

    Attributes:
        version: Grows by one with each event about it.
        series_id: The same for meetings that were planned together; None for one alone.
        chosen_groups: The groups that staff have chosen, until their invitations are made.
        attendance: How many came; None until somebody has counted.
        next_line: The next number in line for a place.
        line_closed: True once nobody is given a place from the line any more.
        invited_groups, invited: Number of groups and of invitations, for the figures after the invitations are deleted.
        coming, declined, waiting: Replies in numbers, written with each reply.
    """

    __tablename__ = "kontaktmoter"
    __table_args__ = (
        sa.CheckConstraint(one_of("state", State), name="kontaktmoter_state"),
        sa.CheckConstraint(one_of("audience", Audience), name="kontaktmoter_audience"),
        sa.CheckConstraint("ends_at > starts_at", name="kontaktmoter_in_order"),
        sa.CheckConstraint("(place_text = '') <> (online_url = '')", name="kontaktmoter_somewhere"),
        sa.CheckConstraint("capacity > 0", name="kontaktmoter_capacity"),
        sa.Index("kontaktmoter_of_centre", "centre", "starts_at"),
    )

    id: UUID = Field(primary_key=True)
    centre: str = Field(max_length=63)
    audience: str
    state: str = State.DRAFT.value
    starts_at: datetime = Field(sa_type=MOMENT)
    ends_at: datetime = Field(sa_type=MOMENT)
    place_text: str = ""
    online_url: str = ""
    capacity: int | None = None
    topics: list[str] = Field(default_factory=empty_list, sa_type=TEXTS)
    texts: dict[str, str] = Field(default_factory=empty_dict, sa_type=JSONB)
    chosen_groups: list[UUID] = Field(default_factory=empty_list, sa_type=UUIDS)
    is_public: bool = False
    version: int = 0
    sequence: int = 0
    series_id: UUID | None = None
    created_at: datetime = Field(sa_type=MOMENT)
    announced_at: datetime | None = Field(default=None, sa_type=MOMENT)
    cancelled_at: datetime | None = Field(default=None, sa_type=MOMENT)
    attendance: int | None = None
    next_line: int = 1
    line_closed: bool = False
    invited_groups: int = 0
    invited: int = 0
    coming: int = 0
    declined: int = 0
    waiting: int = 0

    @property
    def facts(self) -> Kontaktmote:
        """The meeting as the rules see it."""
        return Kontaktmote(
            id=self.id,
            centre=self.centre,
            plan=self.plan,
            state=State(self.state),
            sequence=self.sequence,
        )

    @property
    def plan(self) -> Plan:
        """Its plan."""
        return Plan(
            audience=Audience(self.audience),
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            place_text=self.place_text,
            online_url=self.online_url,
            capacity=self.capacity,
            topics=tuple(Topic(topic) for topic in self.topics),
            texts=self.texts,
            chosen_groups=frozenset(self.chosen_groups),
            is_public=self.is_public,
        )

    def write(self, plan: Plan) -> None:
        """Store another plan."""
        self.audience = plan.audience.value
        self.starts_at, self.ends_at = plan.starts_at, plan.ends_at
        self.place_text, self.online_url = plan.place_text, plan.online_url
        self.capacity, self.is_public = plan.capacity, plan.is_public
        self.topics = [topic.value for topic in plan.topics]
        self.texts = dict(plan.texts)
        self.chosen_groups = sorted(plan.chosen_groups)


class SealedGroup(Base, table=True):
    """
    A group that is invited by its sealed addresses, whose ids are asked for once intake knows the meeting.

    Attributes:
        opened: True once their ids are known.
        told_sequence: Version of the meeting that its members were told while they were known; None if they were not.
    """

    __tablename__ = "kontaktmote_sealed_groups"

    kontaktmote_id: UUID = Field(primary_key=True, foreign_key="kontaktmoter.id", ondelete="CASCADE")
    group_id: UUID = Field(primary_key=True)
    opened: bool = False
    told_sequence: int | None = None


class InvitationRow(Base, table=True):
    """
    One invitation and its reply; see :class:`notify.domain.kontaktmoter.invitations.Invitation`.

    ``recipient_id`` is the id of a person, an account or a sealed address; never an address.
    """

    __tablename__ = "kontaktmote_invitations"
    __table_args__ = (
        sa.UniqueConstraint("kontaktmote_id", "recipient_id", name="kontaktmote_invitations_once"),
        sa.CheckConstraint(one_of("via", Via), name="kontaktmote_invitations_via"),
        sa.CheckConstraint("seats between 0 and wanted", name="kontaktmote_invitations_seats"),
        sa.CheckConstraint("(line is null) = (seats = wanted)", name="kontaktmote_invitations_line"),
        sa.Index("kontaktmote_invitations_recipient", "recipient_id"),
        sa.Index("kontaktmote_invitations_group", "group_id"),
    )

    id: UUID = Field(primary_key=True)
    kontaktmote_id: UUID = Field(foreign_key="kontaktmoter.id", ondelete="CASCADE")
    group_id: UUID | None = None
    recipient_id: UUID | None = None
    via: str
    language: str
    sequence: int = 0
    answered: bool = False
    seats: int = 0
    wanted: int = 0
    line: int | None = None
    place_number: int = 0
    from_line: bool = False
    missed: bool = False
    stopped: bool = False
    told_before: bool = False

    @property
    def reply(self) -> Reply:
        """The reply as the rules see it."""
        return Reply(self.id, self.group_id, self.answered, self.seats, self.wanted, self.line)

    @property
    def facts(self) -> Invitation:
        """The invitation as the rules see it."""
        return Invitation(
            reply=self.reply,
            recipient_id=self.recipient_id,
            language=self.language,
            via=Via(self.via),
            sequence=self.sequence,
            place_number=self.place_number,
            from_line=self.from_line,
            missed=self.missed,
            stopped=self.stopped,
            told_before=self.told_before,
        )


class InvitationRefusal(Base, table=True):
    """
    A refusal of all further invitations to meetings of a centre.

    Attributes:
        group_id: The group of a sealed address, with which the refusal ends; None for a person.
    """

    __tablename__ = "invitation_refusals"

    recipient_id: UUID = Field(primary_key=True)
    centre: str = Field(max_length=63, primary_key=True)
    group_id: UUID | None = Field(default=None, index=True)
