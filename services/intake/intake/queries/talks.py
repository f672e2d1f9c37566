"""Data of the pages about one talk, for its person and for staff."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain import talks as rules
from intake.domain.signups import ACTIVE, SignupState
from intake.domain.talks import BOOKED_BEFORE, SHOWN_AHEAD, Stage, Talk
from intake.store import Signup, TalkTime, people, signups, talks
from intake.store.talks import NOTHING_ARRANGED
from shared.reference.centres import Centre, Centres

SHOWN: Final = 60
"""The most times on a page."""

TalkPage = Literal["unconfirmed", "over", "started", "paused", "none"] | Stage
"""What the page is about: the stage of the talk, or the reason why there is none."""


@dataclass(frozen=True, slots=True)
class TalkView:
    """
    The talk of one sign-up.

    Attributes:
        page: What the page of the person is about.
        time: The booked time.
        free: Times to pick from, the next one first; none if nothing can be arranged.
        can_arrange: True if the person can agree on a time, or ask for a call.
        has_number: True if the centre has a number to call.
        required: True if the person comes to the waiting list only after the talk.
    """

    signup: Signup
    centre: Centre
    talk: Talk
    page: TalkPage
    time: TalkTime | None
    free: Sequence[TalkTime]
    can_arrange: bool
    has_number: bool
    required: bool


async def talk_view(session: AsyncSession, centres: Centres, signup_id: UUID, *, now: datetime) -> TalkView | None:
    """Return the talk of a sign-up; None if it is deleted, or its centre is gone."""
    row = await signups.get(session, signup_id)
    centre = centres.get(row.centre) if row else None
    if row is None or centre is None:
        return None
    arranged = await talks.get(session, signup_id)
    person = await people.get(session, row.person_id)
    can_arrange = _can_arrange(row, centre, arranged.talk)
    free: Sequence[TalkTime] = ()
    if can_arrange:
        after, until = now + BOOKED_BEFORE, now + SHOWN_AHEAD
        free = await talks.free_times(session, centre.id, after=after, until=until, limit=SHOWN)
    return TalkView(
        signup=row,
        centre=centre,
        talk=arranged.talk,
        page=_page(row, centre, arranged.talk),
        time=arranged.time,
        free=free,
        can_arrange=can_arrange,
        has_number=person is not None and person.mobile_sealed is not None,
        required=centre.policy.forsamtale == "required",
    )


async def talk_pages(
    session: AsyncSession, centres: Centres, rows: Sequence[Signup]
) -> Mapping[UUID, tuple[TalkPage, TalkTime | None]]:
    """Return the kind of the page about the talk, and the booked time, of each sign-up."""
    arranged = await talks.of_signups(session, [row.signup_id for row in rows])
    pages: dict[UUID, tuple[TalkPage, TalkTime | None]] = {}
    for row in rows:
        if (centre := centres.get(row.centre)) is not None:
            talk = arranged.get(row.signup_id, NOTHING_ARRANGED)
            pages[row.signup_id] = (_page(row, centre, talk.talk), talk.time)
    return pages


def may_talk(centres: Centres, row: Signup) -> bool:
    """Return True if a talk with the person of a sign-up can be agreed on, or is to come."""
    centre = centres.get(row.centre)
    offers = centre is not None and centre.policy.forsamtale != "off"
    return offers and row.state in ACTIVE and row.talked_at is None and row.paused_at is None


def _can_arrange(row: Signup, centre: Centre, talk: Talk) -> bool:
    return rules.can_arrange(
        row.state,
        paused=row.paused_at is not None,
        held=row.talked_at is not None,
        offers=centre.policy.forsamtale != "off",
        talk=talk,
    )


def _page(row: Signup, centre: Centre, talk: Talk) -> TalkPage:
    arranged = talk.stage in {"booked", "past", "asked"}
    pages: dict[str, TalkPage] = {SignupState.RECEIVED: "unconfirmed", SignupState.WITHDRAWN: "over"}
    if not arranged:
        pages[SignupState.MEMBER] = "started"
    if row.state in pages:
        return pages[row.state]
    if row.paused_at is not None:
        return "paused"
    if row.talked_at is not None and row.state in ACTIVE:
        return "held"
    offers = centre.policy.forsamtale != "off"
    return talk.stage if offers or arranged else "none"
