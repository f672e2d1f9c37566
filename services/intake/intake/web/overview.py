"""The staff overview."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.queries import overview
from intake.web.deps import SignedIn, WebDeps
from intake.web.labels import STATES, area_names, translated
from shared.reference.roles import Role

router = APIRouter(include_in_schema=False)


@router.get("/stab/")
async def show_overview(request: Request, deps: WebDeps, member: SignedIn) -> Response:
    """Show the tasks of today. It shows no names, so no contact details are read."""
    may_open = member.has(Role.KOORDINATOR)
    centres = deps.centres
    async with deps.database.transaction() as session:
        tasks = await overview.overview(session, centres, sorted(member.tenants) if may_open else [])
        counts = await overview.counts(session, sorted(member.tenants))
    return deps.pages.html(
        request,
        "stab/overview.html",
        tasks=tasks,
        counts=counts,
        states=translated(request, STATES),
        may_open=may_open,
        area_name=area_names(centres),
    )
