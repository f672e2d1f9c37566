"""The page of a waiting person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from grouping import store
from grouping.domain.insight.explanation import WaitExplanation, visible_count
from grouping.domain.insight.forecast import DayRange
from grouping.domain.signups import SignupStatus
from grouping.queries.rooms import place_names
from grouping.queries.snapshot_cache import SnapshotCache
from grouping.usecases.context import GroupingContext
from shared.kit.database.engine import Database
from shared.reference.areas import Area
from shared.reference.centres import Centre

WaitingPage = Literal["waiting", "unanswered", "texts", "paused", "seat", "started"]


@dataclass(frozen=True)
class WaitingView:
    """
    A sign-up as its owner sees it: nothing about other people, and no number small enough to identify one.

    Attributes:
        page: "unanswered" while offers wait for a sign of life, "texts" while they wait for a yes to a changed text,
            "paused" in a pause of the person's own, "seat" from the offer on, "started" after the start meeting; a
            draft is not disclosed.
        names: Names of places and rooms, by id.
        seat_id: The open offer, the seat or the membership, which has a page of its own; None without one.
        explanation: The reason for the wait; None while the person is not in the matcher.
        count: People who could meet in the best cell, this one included; None if too few to be shown.
        forecast: Days until the start meeting; None if no forecast is possible.
    """

    centre: Centre
    area: Area
    names: dict[str, str]
    page: WaitingPage
    seat_id: UUID | None
    waited_days: int
    explanation: WaitExplanation | None
    count: int | None
    forecast: DayRange | None


async def waiting_view(
    database: Database, context: GroupingContext, snapshots: SnapshotCache, signup_id: UUID, now: datetime
) -> WaitingView | None:
    """Read the page of a sign-up; None if it has left."""
    async with database.transaction() as session:
        row = await store.signups.get(session, signup_id)
        if row is None or row.area is None or row.status == SignupStatus.GONE:
            return None
        centre, area = context.area(row.area)
        names = await place_names(session, centre, area)
        _, seat = await store.signups.erased_and_seat(session, row.person_id, signup_id)
    # Only waiting people are in the matcher; no other page needs one to be built.
    page = _page(
        SignupStatus(row.status),
        paused=row.paused,
        texts_asked=row.texts_asked,
        unanswered=row.offers_paused_at is not None,
    )
    wait = await (await snapshots.of(area.id, now)).wait_of(signup_id) if page == "waiting" else None
    explanation = wait.explanation if wait is not None else None
    return WaitingView(
        centre=centre,
        area=area,
        names=names,
        page=page,
        seat_id=seat.seat_id if seat is not None and page in {"seat", "started"} else None,
        waited_days=max(0, (now - row.signed_up_at).days) if row.signed_up_at else 0,
        explanation=explanation,
        count=visible_count(explanation.count) if explanation is not None else None,
        forecast=wait.forecast if wait is not None else None,
    )


def _page(status: SignupStatus, *, paused: bool, texts_asked: bool, unanswered: bool) -> WaitingPage:
    if status in {SignupStatus.OFFERED, SignupStatus.SEATED}:
        return "seat"
    if status == SignupStatus.MEMBER:
        return "started"
    if paused:
        return "paused"
    if texts_asked:
        return "texts"
    return "unanswered" if unanswered else "waiting"
