"""Who waits where, and what staff decide about an area."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, StringConstraints
from starlette.responses import Response

from grouping.domain.matching.cells import Cell
from grouping.queries import areas
from grouping.usecases import areas as commands
from grouping.usecases.context import GroupingContext
from grouping.web import country_map
from grouping.web.deps import CELL, Check, Coordinator, by, must_cover, sent
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.web.pages import Pages


class HeldChoice(BaseModel):
    """A group that staff want made."""

    cell: Annotated[str, StringConstraints(pattern=CELL)]
    size: Annotated[int, Field(ge=1, le=50)]


class Person(BaseModel):
    """Whom a button is about."""

    signup_id: UUID


def router(pages: Pages, database: Database, office: GroupingContext, clock: Clock) -> APIRouter:
    """``/stab/omrader``; another centre's areas are not found."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/stab/omrader")
    async def country(request: Request, member: Coordinator) -> Response:
        async with database.transaction() as session:
            lines = await areas.area_lines(session, office, member.tenants, clock.now())
            kommuner = await areas.kommune_lines(session, office, member.tenants, clock.now())
            near = await areas.near_lines(session, office, lines, clock.now())
        busy = [line for line in lines if line.waiting or line.forming or line.held]
        quiet = [line for line in lines if line not in busy]
        return pages.html(request, "areas.html", busy=busy, quiet=quiet, kommuner=kommuner, near=near, map=country_map)

    @routes.get("/stab/omrader/{area_id}")
    async def area(request: Request, member: Coordinator, area_id: str) -> Response:
        must_cover(office, member, area_id)
        async with database.transaction() as session:
            view = await areas.area_view(session, office, area_id, clock.now())
        return pages.html(request, "area.html", view=view)

    @routes.post("/stab/omrader/{area_id}/vent")
    async def hold(request: Request, member: Coordinator, _check: Check, area_id: str) -> Response:
        must_cover(office, member, area_id)
        async with database.transaction() as session:
            await commands.hold_area(session, office, area_id, **by(member, clock))
        return pages.redirect(request, f"/stab/omrader/{area_id}")

    @routes.post("/stab/omrader/{area_id}/videre")
    async def resume(request: Request, member: Coordinator, _check: Check, area_id: str) -> Response:
        must_cover(office, member, area_id)
        async with database.transaction() as session:
            await commands.resume_area(session, office, area_id, **by(member, clock))
        return pages.redirect(request, f"/stab/omrader/{area_id}")

    @routes.post("/stab/omrader/{area_id}/grupper")
    async def form_group(request: Request, member: Coordinator, _check: Check, area_id: str) -> Response:
        must_cover(office, member, area_id)
        choice = await sent(request, HeldChoice)
        async with database.transaction() as session:
            group_id = await commands.form_group(
                session, office, area_id, cell=Cell.from_key(choice.cell), size=choice.size, **by(member, clock)
            )
        return pages.redirect(request, f"/stab/grupper/{group_id}")

    @routes.post("/stab/omrader/{area_id}/spor-igjen")
    async def ask_again(request: Request, member: Coordinator, _check: Check, area_id: str) -> Response:
        must_cover(office, member, area_id)
        person = await sent(request, Person)
        async with database.transaction() as session:
            await commands.ask_again(session, office, person.signup_id, area_id=area_id, **by(member, clock))
        return pages.redirect(request, f"/stab/omrader/{area_id}")

    return routes
