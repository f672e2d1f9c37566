"""Figures of the member's centres, without anybody who could be recognised."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.domain.figures import SMALLEST_SHOWN, shown
from intake.store import signups
from intake.web.deps import SignedIn, WebDeps
from intake.web.labels import STATES, translated

router = APIRouter(include_in_schema=False)


@router.get("/stab/tall")
async def show_figures(request: Request, deps: WebDeps, member: SignedIn) -> Response:
    """Show how many sign-ups each centre has in each state; a few are not told apart."""
    centres = [centre for centre in deps.centres.all if member.covers(centre.id)]
    async with deps.database.transaction() as session:
        counts = {centre.id: await signups.count_by_state(session, [centre.id]) for centre in centres}
    return deps.pages.html(
        request,
        "stab/figures.html",
        centres=centres,
        states=translated(request, STATES),
        figures={id_: {state.value: shown(count) for state, count in of.items()} for id_, of in counts.items()},
        smallest=SMALLEST_SHOWN,
    )
