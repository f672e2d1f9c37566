"""Pages of areas, and staff decisions about one."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, StringConstraints
from starlette.responses import Response

from grouping.domain.matching.cells import Cell
from grouping.queries.areas import area_view, country_view
from grouping.usecases import areas
from grouping.web import country_map
from grouping.web.deps import Acting, Check, OwnArea, SignedIn, WebDeps
from grouping.web.forms import CELL
from grouping.web.history import area_history
from grouping.web.next_step import area_step
from shared.kit.web.forms import read_choice
from shared.kit.web.next_page import Next, TaskOnPage
from shared.kit.web.paging import count_in
from shared.kit.web.state import locale_of

router = APIRouter(include_in_schema=False)


class GroupChoice(BaseModel):
    """A group for staff to form."""

    cell: Annotated[str, StringConstraints(pattern=CELL)]
    size: Annotated[int, Field(ge=1, le=50)]


class PersonChoice(BaseModel):
    """The person that a button is about."""

    signup_id: UUID


@router.get("/stab/omrader")
async def show_country(request: Request, deps: WebDeps, member: SignedIn) -> Response:
    """Show the areas of the member's centres."""
    view = await country_view(deps.database, deps.context, deps.snapshots, member.tenants, deps.clock.now())
    return deps.pages.html(request, "stab/areas.html", view=view, map=country_map)


@router.get("/stab/omrader/{area_id}")
async def show_area(
    request: Request,
    deps: WebDeps,
    area_id: OwnArea,
    task_id: TaskOnPage,
    gjort: str = "",
    angret: str = "",
    uendret: str = "",
    forslag: str = "",
) -> Response:
    """Show one area, and for how many people something was done or taken back just now."""
    view = await area_view(deps.database, deps.context, deps.snapshots, area_id, deps.clock.now())
    return deps.pages.html(
        request,
        "stab/area.html",
        view=view,
        step=area_step(view),
        moments=area_history(deps.pages.gettext(request), view, locale_of(request)),
        task_id=task_id,
        done=count_in(gjort),
        undone=count_in(angret),
        unchanged=count_in(uendret),
        left_drafts=count_in(forslag),
        now=deps.clock.now(),
    )


@router.post("/stab/omrader/{area_id}/vent")
async def hold_area(
    request: Request, deps: WebDeps, area_id: OwnArea, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Put an area on hold."""
    async with deps.database.transaction() as session:
        await areas.hold_area(session, deps.context, area_id, actor=actor)
    return deps.pages.redirect(request, next_page.after(f"/stab/omrader/{area_id}"))


@router.post("/stab/omrader/{area_id}/videre")
async def resume_area(
    request: Request, deps: WebDeps, area_id: OwnArea, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Take an area off hold."""
    async with deps.database.transaction() as session:
        await areas.resume_area(session, deps.context, area_id, actor=actor)
    return deps.pages.redirect(request, next_page.after(f"/stab/omrader/{area_id}"))


@router.post("/stab/omrader/{area_id}/grupper")
async def form_group(
    request: Request, deps: WebDeps, area_id: OwnArea, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Form a group in an area on hold."""
    choice = await read_choice(request, GroupChoice)
    async with deps.database.transaction() as session:
        group_id = await areas.form_group(
            session, deps.context, area_id, cell=Cell.from_key(choice.cell), size=choice.size, actor=actor
        )
    return deps.pages.redirect(request, next_page.after(f"/stab/grupper/{group_id}"))


@router.post("/stab/omrader/{area_id}/spor-igjen")
async def ask_again(
    request: Request, deps: WebDeps, area_id: OwnArea, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Let a person be offered declined times and places again."""
    choice = await read_choice(request, PersonChoice)
    async with deps.database.transaction() as session:
        await areas.ask_again(session, deps.context, choice.signup_id, area_id=area_id, actor=actor)
    return deps.pages.redirect(request, next_page.after(f"/stab/omrader/{area_id}"))
