"""One person who waits or sits in a draft, and what staff decide about them."""

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, StringConstraints
from starlette.exceptions import HTTPException
from starlette.responses import Response

from grouping.queries import people
from grouping.usecases import people as commands
from grouping.usecases.context import GroupingContext
from grouping.usecases.people import REASONS
from grouping.web.deps import Check, Coordinator, by, must_cover, sent
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.web.pages import Pages

BASE: Final = "/stab/omrader/{area_id}/personer/{signup_id}"

ReasonWord = Annotated[str, StringConstraints(pattern=f"^({'|'.join(REASONS)})$")]


class Why(BaseModel):
    """Why something is decided."""

    reason: ReasonWord


class Move(Why):
    """Where somebody is moved."""

    group_id: UUID


class Apart(Why):
    """From whom somebody is kept apart."""

    other_id: UUID


class Together(BaseModel):
    """With whom somebody may meet again."""

    person_id: UUID


class Pin(BaseModel):
    """Whether somebody stays where they are."""

    pinned: Literal["ja", "nei"]


def router(pages: Pages, database: Database, office: GroupingContext, clock: Clock) -> APIRouter:
    """``/stab/omrader/{area}/personer/{signup}``; another centre's people are not found."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(BASE)
    async def person(request: Request, member: Coordinator, area_id: str, signup_id: UUID) -> Response:
        must_cover(office, member, area_id)
        async with database.transaction() as session:
            view = await people.person_view(session, office, area_id, signup_id, clock.now())
        if view is None:
            raise HTTPException(404)
        return pages.html(request, "person.html", view=view, reasons=REASONS)

    _decisions(routes, pages, database, office, clock)
    return routes


def _decisions(routes: APIRouter, pages: Pages, database: Database, office: GroupingContext, clock: Clock) -> None:
    async def decide(request: Request, area_id: str, signup_id: UUID, decision: Any, **fields: Any) -> Response:
        async with database.transaction() as session:
            await decision(session, office, signup_id, area_id=area_id, **fields)
        return pages.redirect(request, f"/stab/omrader/{area_id}/personer/{signup_id}")

    @routes.post(BASE + "/vent")
    async def hold(request: Request, member: Coordinator, _check: Check, area_id: str, signup_id: UUID) -> Response:
        must_cover(office, member, area_id)
        why = await sent(request, Why)
        return await decide(
            request, area_id, signup_id, commands.exclude_from_matching, reason=why.reason, **by(member, clock)
        )

    @routes.post(BASE + "/videre")
    async def resume(request: Request, member: Coordinator, _check: Check, area_id: str, signup_id: UUID) -> Response:
        must_cover(office, member, area_id)
        return await decide(request, area_id, signup_id, commands.include_in_matching, **by(member, clock))

    @routes.post(BASE + "/flytt")
    async def move(request: Request, member: Coordinator, _check: Check, area_id: str, signup_id: UUID) -> Response:
        must_cover(office, member, area_id)
        where = await sent(request, Move)
        fields = {"group_id": where.group_id, "reason": where.reason}
        return await decide(request, area_id, signup_id, commands.move_person, **fields, **by(member, clock))

    @routes.post(BASE + "/fest")
    async def pin(request: Request, member: Coordinator, _check: Check, area_id: str, signup_id: UUID) -> Response:
        must_cover(office, member, area_id)
        pinned = (await sent(request, Pin)).pinned == "ja"
        return await decide(request, area_id, signup_id, commands.pin_person, pinned=pinned, **by(member, clock))

    @routes.post(BASE + "/skill")
    async def part(request: Request, member: Coordinator, _check: Check, area_id: str, signup_id: UUID) -> Response:
        must_cover(office, member, area_id)
        pair = await sent(request, Apart)
        fields = {"other_id": pair.other_id, "reason": pair.reason}
        return await decide(request, area_id, signup_id, commands.add_exclusion, **fields, **by(member, clock))

    @routes.post(BASE + "/samle")
    async def let_meet(request: Request, member: Coordinator, _check: Check, area_id: str, signup_id: UUID) -> Response:
        must_cover(office, member, area_id)
        person_id = (await sent(request, Together)).person_id
        return await decide(
            request, area_id, signup_id, commands.remove_exclusion, person_id=person_id, **by(member, clock)
        )
