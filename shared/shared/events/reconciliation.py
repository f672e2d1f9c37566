"""Lists of intake's sign-ups, and the differences that another service answers with: by ids only."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Final, Literal, Unpack
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.events.base import Event, SignupEvent, Stamp, Stream

LISTED_AT_ONCE: Final = 250
"""Sign-ups of one event, which holds 16 KiB."""

UNKNOWN_AT_ONCE: Final = 100
"""Unknown sign-ups of one answer; the others follow when these are settled."""

LIST_HOLDS: Final = timedelta(minutes=10)
"""An older list has been replaced by a newer one."""

State = Literal["ready", "offered", "seated", "member"]
Service = Literal["grouping", "notify"]
Ids = Annotated[tuple[UUID, ...], Field(max_length=LISTED_AT_ONCE)]


class Slice(Event):
    """
    Something about the sign-ups whose ids lie between two others.

    Attributes:
        after: The id before the first one; None from the beginning.
        up_to: The last id; None to the end.
    """

    transient: ClassVar[bool] = True

    after: UUID | None
    up_to: UUID | None


class Listed(Slice):
    """
    All sign-ups of the slice that the other services should know.

    Attributes:
        by_state: Their ids by their state in intake.
        occurred_at: When they were read, in wall time also in a rehearsal at high speed.
    """

    subject: ClassVar[str] = "signups.listed.v1"
    stream: ClassVar[Stream] = Stream.SIGNUPS

    by_state: dict[State, Ids]

    @property
    def states(self) -> Mapping[UUID, str]:
        """The state of each sign-up."""
        return {id_: state for state, ids in self.by_state.items() for id_ in ids}

    def holds(self, wall: datetime) -> bool:
        """Return False if a newer list has replaced it by now."""
        return self.occurred_at >= wall - LIST_HOLDS

    def answer(
        self,
        service: Service,
        missing: tuple[UUID, ...],
        contradicted: Mapping[str, tuple[UUID, ...]],
        unknown: tuple[UUID, ...] = (),
        **stamp: Unpack[Stamp],
    ) -> "Differed":
        """Return what a service knows otherwise, as an event with this stamp."""
        return Differed(
            **stamp,
            after=self.after,
            up_to=self.up_to,
            service=service,
            listed_at=self.occurred_at,
            missing=missing,
            contradicted=dict(contradicted),
            unknown=unknown[:UNKNOWN_AT_ONCE],
        )


class SeatKnown(SignupEvent):
    """
    The answer to an offer, told back to grouping after it was restored to an earlier moment and has lost it.

    Attributes:
        group_id, group_version: The newest change of the seat that intake has heard of.
        seat_id: The seat that was taken; None if the person has none.
    """

    subject: ClassVar[str] = "signups.seat_known.v1"
    transient: ClassVar[bool] = True

    group_id: UUID
    group_version: Annotated[int, Field(ge=1)]
    seat_id: UUID | None


class Differed(Slice):
    """
    The answer of a service to a list; one without differences tells intake that it has compared.

    Attributes:
        listed_at: When the sign-ups of the list were read.
        missing: Waiting in intake, and unknown to the service.
        contradicted: In another state, by the service's own word for it.
        unknown: Waiting or with a seat in the service, and not in the list.
    """

    subject: ClassVar[str] = "reconciliation.differed.v1"
    stream: ClassVar[Stream] = Stream.RECONCILIATION

    service: Service
    listed_at: AwareDatetime
    missing: Ids = ()
    contradicted: dict[Annotated[str, Field(max_length=16)], Ids] = Field(default_factory=dict)
    unknown: Annotated[tuple[UUID, ...], Field(max_length=UNKNOWN_AT_ONCE)] = ()
