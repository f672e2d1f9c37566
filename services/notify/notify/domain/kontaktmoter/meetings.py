"""A meeting to which a centre invites: its plan, its audience and its states."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

from shared.errors import DomainError

LINE_CLOSES_BEFORE: Final = timedelta(hours=24)
"""Time before a meeting at which its waiting list closes: a place given later would come too late."""


class Audience(StrEnum):
    """
    Audience of a meeting; it also names the kind of meeting.

    Attributes:
        ACTIVE_GROUPS: A kontaktmøte for all groups that are active when the invitations are sent.
        CHOSEN_GROUPS: A kontaktmøte for groups that staff have chosen.
        IGANGSETTERE: A meeting of everybody who starts groups for the centre.
        WAITING: An orienteringsmøte: information for people who wait for a group.
    """

    ACTIVE_GROUPS = "all_active_groups"
    CHOSEN_GROUPS = "chosen_groups"
    IGANGSETTERE = "igangsettere"
    WAITING = "waiting"

    @property
    def of_groups(self) -> bool:
        """True for a kontaktmøte."""
        return self in {Audience.ACTIVE_GROUPS, Audience.CHOSEN_GROUPS}

    def allowed_by(self, kontaktmote: Literal["off", "all_active_groups"]) -> bool:
        """Return True unless it is a kontaktmøte, and the policy of the centre has none."""
        return not self.of_groups or kontaktmote != "off"


class State(StrEnum):
    """State of a meeting: ``draft -> announced -> held``, or ``cancelled``."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    CANCELLED = "cancelled"
    HELD = "held"


class Topic(StrEnum):
    """A common topic of groups; each centre may add words of its own."""

    ABSENCE = "absence"
    EVERYBODY_SPEAKS = "everybody_speaks"
    WITHOUT_LEADER = "without_leader"
    ENDING = "ending"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """
    The decisions of staff about a meeting.

    Attributes:
        place_text: Where it is held; empty if it is on the net.
        online_url: Where it is held on the net; empty if it is in a room. One of the two is set.
        capacity: Most people who can come; None for no limit.
        texts: The centre's own words by language; empty, or in all three.
        is_public: True if time and place also stand on the centre's public page.
    """

    audience: Audience
    starts_at: datetime
    ends_at: datetime
    place_text: str = ""
    online_url: str = ""
    capacity: int | None = None
    topics: tuple[Topic, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    chosen_groups: frozenset[UUID] = frozenset()
    is_public: bool = False

    @property
    def open_to_all(self) -> bool:
        """True if anybody can sign up on the public page."""
        return self.is_public and self.audience is Audience.WAITING

    @property
    def line_closes_at(self) -> datetime:
        """When the waiting list closes."""
        return self.starts_at - LINE_CLOSES_BEFORE

    def tells_other_than(self, old: "Plan") -> bool:
        """Return True if everybody who knows the old plan must hear of this one: another time or place."""
        return _whereabouts(self) != _whereabouts(old)


def _whereabouts(plan: Plan) -> tuple[object, ...]:
    return plan.starts_at, plan.ends_at, plan.place_text, plan.online_url


@dataclass(frozen=True, kw_only=True)
class Kontaktmote:
    """
    A meeting with its plan.

    Attributes:
        sequence: Grows by one with each change that people must hear of (RFC 5545 SEQUENCE).
    """

    id: UUID
    centre: str
    plan: Plan
    state: State = State.DRAFT
    sequence: int = 0

    @property
    def announced(self) -> bool:
        """True from the invitations until it is cancelled or held."""
        return self.state is State.ANNOUNCED

    def require_future(self, now: datetime) -> None:
        """
        Check that it has not begun.

        Raises:
            DomainError: ``meeting_has_begun``.
        """
        if self.plan.starts_at <= now:
            raise DomainError("meeting_has_begun", kontaktmote_id=self.id)

    def require(self, *states: State) -> None:
        """
        Check its state.

        Raises:
            DomainError: ``kontaktmote_is_<state>``.
        """
        if self.state not in states:
            raise DomainError(f"kontaktmote_is_{self.state}", kontaktmote_id=self.id)
