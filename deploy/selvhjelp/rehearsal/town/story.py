"""The story of the town as data: the people, the days of their sign-ups, their answers, and deeds in their groups."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

Answer = Literal["yes", "no", "silent"]
"""To the first offer of a seat; a person who is silent says yes on the phone."""

Way = Literal["new_group", "pause", "goodbye", "none"]
Act = Literal["give_up_seat", "leave", "conflict", "visit", "dissolve", "alive"]
After = Literal["meeting", "started", "alone"]
"""The start meeting, which may lie ahead; the start; the handover, after which the group is on its own."""


@dataclass(frozen=True)
class Role:
    """
    One person of the story.

    Attributes:
        has: The way to reach the person; an address at which nothing is received is ``dead``.
        way: Chosen when the person's group is dissolved.
    """

    name: str
    offer: Answer = "yes"
    has: Literal["email", "phone", "dead"] = "email"
    way: Way = "none"


@dataclass(frozen=True)
class Deed:
    """
    An act of people in their group.

    Attributes:
        after, days: When: days after a moment of the group's life, negative before a meeting.
        names: Those who do it.
    """

    after: After
    days: float
    act: Act
    names: tuple[str, ...]

    @property
    def delay(self) -> timedelta:
        """The time between the moment and the deed."""
        return timedelta(days=self.days)


@dataclass(frozen=True)
class Circle:
    """
    People who want the same time, and mostly find each other.

    Attributes:
        day: The day of the story on which they sign up.
        silent_later: True if nobody answers whether the group still meets.
    """

    day: int
    slot: str
    roles: tuple[Role, ...]
    deeds: tuple[Deed, ...] = ()
    silent_later: bool = False


@dataclass(frozen=True)
class Helper:
    """An igangsetter with an account: the slots that suit, and the number of the first questions that get a no."""

    name: str
    slots: tuple[str, ...]
    declines: int = 0


PATIENCE_DAYS: Final = 120
"""A person who has waited so long signs off."""

HELPERS: Final = (
    Helper("Solveig", ("tue-evening", "thu-evening"), declines=1),
    Helper("Tariq", ("tue-evening", "wed-evening", "thu-evening")),
)

STORY: Final = (
    Circle(
        0,
        "tue-evening",
        (Role("Kari"), Role("Lars"), Role("Amina"), Role("Ingrid"), Role("Ola"), Role("Jonas", offer="no")),
        (
            Deed("alone", 9, "conflict", ("Ingrid",)),
            Deed("alone", 45, "visit", ("Kari",)),
            Deed("alone", 400, "alive", ("Kari",)),
        ),
    ),
    Circle(
        3,
        "wed-evening",
        (Role("Marit", has="phone"), Role("Geir"), Role("Fatima"), Role("Nina"), Role("Per")),
        (Deed("meeting", -2.4, "give_up_seat", ("Per",)),),
        silent_later=True,
    ),
    Circle(6, "sun-morning", (Role("Astrid"),)),
    Circle(30, "sat-day", (Role("Arne", has="dead"),)),
    Circle(
        75,
        "thu-evening",
        (
            Role("Hilde", way="new_group"),
            Role("Magnus", way="new_group"),
            Role("Emma", way="pause"),
            Role("Jan", way="goodbye"),
            Role("Elena", way="none"),
        ),
        (Deed("alone", 20, "dissolve", ("Hilde", "Magnus", "Emma", "Jan", "Elena")),),
    ),
    Circle(
        150,
        "mon-evening",
        (Role("Liv", offer="silent"), Role("Svein"), Role("Sara"), Role("Tor"), Role("Joanna"), Role("Luis")),
        (Deed("started", 12, "leave", ("Tor", "Joanna", "Luis")),),
    ),
    Circle(170, "thu-evening", (Role("Nora"), Role("Henrik"), Role("Ahmed"), Role("Vilde"))),
    Circle(
        400,
        "wed-evening",
        (Role("Silje"), Role("Mateusz"), Role("Anne"), Role("Ida"), Role("Jon"), Role("Maria")),
        (Deed("alone", 12, "conflict", ("Anne",)),),
    ),
    Circle(540, "mon-evening", (Role("Emil"), Role("Berit"), Role("Morten"), Role("Eva"), Role("Kjell"))),
)
"""Two years; each circle shows something that a coordinator meets."""
