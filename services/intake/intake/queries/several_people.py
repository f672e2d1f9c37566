"""The preview of an act on several people: whom it concerns, and who is left out."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.several_people import MOST_TOGETHER, SharedAct, hindrance
from intake.domain.signups import SignupState
from intake.store import Signup, signups
from intake.usecases.several_people import LeftOut, standing_of
from shared.reference.centres import Centres

_WITH_SEAT: Final = frozenset({SignupState.OFFERED, SignupState.SEATED, SignupState.MEMBER})


@dataclass(frozen=True)
class ConcernedPerson:
    """A sign-up that the act concerns, with its state as the form carries it."""

    row: Signup
    word: str


@dataclass(frozen=True)
class SeveralPreview:
    """
    The effect of an act on several people, before it is done.

    Attributes:
        people: Whom it concerns, in the order of the waiting list.
        left_out: Whom it does not concern, and why.
        unknown: Number of ids that are no sign-up with the centres of the member of staff.
        seated: Number of the people who have a seat or an offer of one.
        rest: Whom it concerns too, but who are more than one press takes.
    """

    people: tuple[ConcernedPerson, ...]
    left_out: tuple[LeftOut, ...]
    unknown: int
    seated: int
    rest: tuple[UUID, ...]

    @property
    def chosen(self) -> int:
        """The number of people who were chosen."""
        return len(self.people) + len(self.rest) + len(self.left_out) + self.unknown


async def several_preview(
    session: AsyncSession, centres: Centres, chosen: Collection[UUID], centre_ids: Collection[str], act: SharedAct
) -> SeveralPreview:
    """Read whom an act on some people of these centres concerns."""
    rows = await signups.of_ids(session, chosen, centre_ids)
    concerned: list[ConcernedPerson] = []
    left_out: list[LeftOut] = []
    for row in rows:
        standing = standing_of(row, centres)
        why = hindrance(act, standing)
        if why is None:
            concerned.append(ConcernedPerson(row, standing.word))
        else:
            left_out.append(LeftOut(row, why))
    people = concerned[:MOST_TOGETHER]
    return SeveralPreview(
        tuple(people),
        tuple(left_out),
        len(set(chosen)) - len(rows),
        sum(person.row.state in _WITH_SEAT for person in people),
        tuple(person.row.signup_id for person in concerned[MOST_TOGETHER:]),
    )
