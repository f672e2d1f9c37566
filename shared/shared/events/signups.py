"""Events of intake about sign-ups."""

from typing import Annotated, ClassVar, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.events.base import Identifier, MailLanguage, SignupEvent, Slot, SpokenLanguage

GroupWish = Annotated[str, Field(pattern=r"^[a-z]{1,20}$")]
"""A word of the policy for who is in a group, such as "women"; never about what is hard in a person's life."""

Step = Literal["talk", "read"]
"""What a centre asks for between confirmation and the waiting list: a forsamtale, or reading its information."""


class Received(SignupEvent):
    """
    A form was sent in; the address is not confirmed yet.

    Attributes:
        confirmation_id: What the link in the mail answers; it is dead after ``expires_at``.
        by_mail: Whether there is an e-mail address to confirm; without one the centre calls.
    """

    subject: ClassVar[str] = "signups.received.v1"

    centre: Identifier
    language: MailLanguage
    confirmation_id: UUID
    expires_at: AwareDatetime
    by_mail: bool


class Confirmed(SignupEvent):
    """
    The address is the person's own: they pressed the button, or the centre spoke with them.

    Attributes:
        awaits: What is still to be done before the waiting list, in order; empty when ``Ready`` follows at once.
    """

    subject: ClassVar[str] = "signups.confirmed.v1"

    centre: Identifier
    language: MailLanguage
    awaits: tuple[Step, ...]


QUIET_PAIRS_MAX: Final = 100
"""Pairs in one event, so that it stays below what the broker takes, however many name one person."""


class QuietPair(BaseModel):
    """A pair of :class:`shared.events.people.KeptApart`, seen from one of the two."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    pair_id: UUID
    person_id: UUID


class Wishes(SignupEvent):
    """
    All that grouping needs to know about a waiting person, and no more.

    Attributes:
        kommune: The four-digit kommune number (SSB, 2024).
        latitude, longitude: The middle of the postal code area in degrees (WGS 84), to two decimals (a kilometre).
        slots: Times at which a weekly meeting would suit.
        slots_if_needed: Other times that the person could manage if need be; none of them is in ``slots``.
        languages: Languages the person can talk in.
        max_travel_km: How far they can travel, as the crow flies.
        wheelchair: Only a place with step-free access will do.
        language: The language of their mails.
        groups_also: Wishes about who else is in the group that the person could go along with; see the policies.
        groups_only: Those of them that the person will not do without.
        digital: Whether a group that meets on screen is no choice, one choice among others, or the only one.
        signed_up_at: When they first signed up; the order of the waiting list, kept through all later changes.
        quiet_pairs: With whom they are never to be in one group, so that nothing is decided before that is known; at
            most :data:`QUIET_PAIRS_MAX`, and all others come by :class:`shared.events.people.KeptApart`.
    """

    centre: Identifier
    area: Identifier
    kommune: Annotated[str, Field(pattern=r"^\d{4}$")]
    latitude: Annotated[float, Field(ge=57, le=81)]
    longitude: Annotated[float, Field(ge=4, le=32)]
    slots: Annotated[tuple[Slot, ...], Field(max_length=21)]
    slots_if_needed: Annotated[tuple[Slot, ...], Field(max_length=21)] = ()
    languages: Annotated[tuple[SpokenLanguage, ...], Field(min_length=1, max_length=10)]
    max_travel_km: Annotated[int, Field(ge=1, le=500)]
    wheelchair: bool = False
    language: MailLanguage
    groups_also: Annotated[tuple[GroupWish, ...], Field(max_length=5)] = ()
    groups_only: Annotated[tuple[GroupWish, ...], Field(max_length=5)] = ()
    digital: Literal["no", "also", "only"] = "no"
    signed_up_at: AwareDatetime
    quiet_pairs: Annotated[tuple[QuietPair, ...], Field(max_length=QUIET_PAIRS_MAX)] = ()


class Ready(Wishes):
    """The person has done all that the centre asks for, and waits for a group."""

    subject: ClassVar[str] = "signups.ready.v1"


class Changed(Wishes):
    """The person who waits has changed their wishes; these are the new ones, their place in the line is the old one."""

    subject: ClassVar[str] = "signups.changed.v1"


class Paused(SignupEvent):
    """The person has asked for a pause: no offers and no mails, and the place in the queue is kept."""

    subject: ClassVar[str] = "signups.paused.v1"


class Resumed(SignupEvent):
    """The person is back from a pause and has consented again; their wishes are those of the newest ``Wishes``."""

    subject: ClassVar[str] = "signups.resumed.v1"

    language: MailLanguage


class RenewalAsked(SignupEvent):
    """
    The person has waited so long that the centre asks whether they still want a group.

    Attributes:
        deadline: When the sign-up is withdrawn without an answer.
    """

    subject: ClassVar[str] = "signups.renewal_asked.v1"

    language: MailLanguage
    deadline: AwareDatetime


class Renewed(SignupEvent):
    """The person still wants a group: offers go on after two unanswered ones, and the year of waiting begins again."""

    subject: ClassVar[str] = "signups.renewed.v1"


TextKind = Literal["consent", "information"]


class TextsAsked(SignupEvent):
    """
    The content of a text has changed since the waiting person agreed to it or read it, so they are asked again.

    They stay on the waiting list, and no seat is offered to them until ``TextsAccepted``.

    Attributes:
        texts: The changed texts.
    """

    subject: ClassVar[str] = "signups.texts_asked.v1"

    language: MailLanguage
    texts: Annotated[tuple[TextKind, ...], Field(min_length=1, max_length=2)]


class TextsAccepted(SignupEvent):
    """The person has agreed to the texts as they are now, or has read them."""

    subject: ClassVar[str] = "signups.texts_accepted.v1"


class Withdrawn(SignupEvent):
    """
    The person no longer wants a group; nothing more is sent to them than a goodbye.

    Attributes:
        reason: ``left`` if they said so, ``no_answer`` if they did not answer the question of ``RenewalAsked``.
        centre: The centre of the sign-up; a service that has forgotten it can still say goodbye.
        confirmed: True if the address is known to be the person's own.
        replaced: True if a newer sign-up of the person takes its place, so that there is nothing to say goodbye to.
    """

    subject: ClassVar[str] = "signups.withdrawn.v1"

    language: MailLanguage
    reason: Literal["left", "no_answer"] = "left"
    centre: Identifier | None = None
    confirmed: bool = False
    replaced: bool = False
