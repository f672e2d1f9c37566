"""The people of one group for its coordinator, and the contact sheet for its igangsetter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from intake.domain.contacts import Purpose
from intake.domain.signups import SignupState
from intake.store import GroupMeeting, Signup, audit_log, group_meetings, policies, signups
from intake.usecases import contacts
from intake.usecases.contacts import ContactCard
from intake.web.deps import Acting, Deps, SignedIn, WebDeps
from intake.web.labels import STATES, translated
from shared.errors import NotFoundError
from shared.kit.audit import Actor
from shared.kit.web.auth import object_access

router = APIRouter(include_in_schema=False)

SHEET_FROM: Final = timedelta(days=7)
"""Time before the start meeting from which the igangsetter may have the contact sheet."""

WITH_SEAT: Final = (SignupState.OFFERED, SignupState.SEATED, SignupState.MEMBER)
ON_SHEET: Final = frozenset({SignupState.SEATED, SignupState.MEMBER})


@dataclass(frozen=True)
class GroupPeople:
    """
    The people with a seat in one group of the member's centres.

    Attributes:
        signups: One sign-up of each; at least one.
        meeting: The start meeting, if it is known here.
    """

    group_id: UUID
    signups: tuple[Signup, ...]
    meeting: GroupMeeting | None

    @property
    def sheet_from(self) -> datetime | None:
        """When the contact sheet opens; None while the meeting has no date."""
        starts_at = self.meeting.starts_at if self.meeting else None
        return starts_at - SHEET_FROM if starts_at else None


@object_access
async def own_group_people(group_id: UUID, member: SignedIn, deps: WebDeps) -> GroupPeople:
    """
    Return the people of a group.

    Raises:
        NotFoundError: ``nobody_in_group``, also for another centre's group, and after its handover.
    """
    async with deps.database.transaction() as session:
        rows = await signups.of_group(session, group_id, sorted(member.tenants), WITH_SEAT)
        meeting = await group_meetings.get(session, group_id)
        handed_over = await policies.is_handed_over(session, group_id)
    if not rows or handed_over:
        raise NotFoundError("nobody_in_group", group_id=group_id)
    return GroupPeople(group_id, tuple(rows), meeting)


OwnGroupPeople = Annotated[GroupPeople, Depends(own_group_people)]


@router.get("/stab/grupper/{group_id}/personer")
async def show_people(request: Request, deps: WebDeps, group: OwnGroupPeople, actor: Acting) -> Response:
    """Show names, numbers and addresses of the people with a seat; recorded."""
    cards = await _read(deps, group, group.signups, "group.people_viewed", actor)
    return deps.pages.html(
        request,
        "stab/group_people.html",
        group=group,
        place=_place(deps, group),
        rows=[row for row in group.signups if row.person_id in cards],
        cards=cards,
        states=translated(request, STATES),
        sheet_open=_is_open(group, actor.now),
    )


@router.get("/stab/grupper/{group_id}/personer/kontaktark")
async def show_sheet(request: Request, deps: WebDeps, group: OwnGroupPeople, actor: Acting) -> Response:
    """Show a sheet to print: first names, each with the one channel that the person chose; recorded."""
    members = tuple(row for row in group.signups if row.state in ON_SHEET) if _is_open(group, actor.now) else ()
    cards = await _read(deps, group, members, "group.sheet_viewed", actor) if members else {}
    return deps.pages.html(
        request,
        "stab/contact_sheet.html",
        group=group,
        place=_place(deps, group),
        rows=[row for row in members if row.person_id in cards],
        cards=cards,
        channel=lambda row: _channel(row, cards[row.person_id]),
        sheet_open=_is_open(group, actor.now),
    )


def _place(deps: Deps, group: GroupPeople) -> str:
    """Return the place of the start meeting as it was written down; empty while it is only the default text."""
    centre, text = deps.centres.get(group.signups[0].centre), group.meeting.place_text if group.meeting else None
    return "" if not text or centre is None or centre.is_default_place("", text) else text


def _is_open(group: GroupPeople, now: datetime) -> bool:
    return group.sheet_from is not None and group.sheet_from <= now


def _channel(row: Signup, card: ContactCard) -> str:
    """Return the address of a person who is told by mail, else the number."""
    first, second = (card.email, card.mobile) if row.by_mail else (card.mobile, card.email)
    return first or second or ""


async def _read(
    deps: Deps, group: GroupPeople, rows: tuple[Signup, ...], action: str, actor: Actor
) -> Mapping[UUID, ContactCard]:
    async with deps.database.transaction() as session:
        cards = await contacts.read_cards(session, deps.vault, rows, Purpose.LIST, actor=actor)
        await audit_log.record(session, actor, action, "group", group.group_id, scope=rows[0].centre)
    return cards
