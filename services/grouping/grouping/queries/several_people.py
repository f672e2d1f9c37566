"""The preview of an act on several people of an area: whom it concerns."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.store import Signup, views
from grouping.usecases.context import GroupingContext
from grouping.usecases.several_people import MOST_TOGETHER, SharedAct, concerns


@dataclass(frozen=True)
class ConcernedPerson:
    """A person whom the act concerns, by opaque id; the number tells them apart from others of the same minute."""

    row: Signup
    number: int
    waited_days: int


@dataclass(frozen=True)
class SeveralPreview:
    """
    The effect of an act on several people, before it is done.

    Attributes:
        people: Whom it concerns, as the page of the area orders them.
        left_out: Number of chosen people whom it does not concern.
        in_drafts: Number of them who would leave a draft.
        rest: Whom it concerns too, but who are more than one press takes.
        reason: The reason for which all of them are held back now; empty if there are several, or none.
    """

    people: tuple[ConcernedPerson, ...]
    left_out: int
    in_drafts: int
    rest: tuple[UUID, ...]
    reason: str


async def several_preview(
    session: AsyncSession,
    context: GroupingContext,
    area_id: str,
    chosen: Collection[UUID],
    act: SharedAct,
    now: datetime,
) -> SeveralPreview:
    """
    Read whom an act on some people of an area, or of a part of it, concerns.

    Raises:
        NotFoundError: ``unknown_area``.
    """
    _, area = context.area(area_id)
    rows = await views.waiting_in(session, area.id, area.kommuner_near(context.part(area_id)[1]))
    numbers = await views.signup_numbers(session, area.id)
    here = [row for row in rows if row.signup_id in set(chosen)]
    concerned = [row for row in here if concerns(act, row)]
    taken = concerned[:MOST_TOGETHER]
    seats = [await views.seat_of(session, row.person_id) for row in taken] if act == "hold" else []
    reasons = {row.excluded_reason or "" for row in taken}
    return SeveralPreview(
        tuple(
            ConcernedPerson(
                row,
                numbers.get(row.signup_id, 1),
                max(0, (now - row.signed_up_at).days) if row.signed_up_at else 0,
            )
            for row in taken
        ),
        len(set(chosen)) - len(concerned),
        sum(seat is not None for seat in seats),
        tuple(row.signup_id for row in concerned[MOST_TOGETHER:]),
        reasons.pop() if len(reasons) == 1 else "",
    )
