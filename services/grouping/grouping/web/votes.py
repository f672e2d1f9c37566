"""
The page of a secret vote, behind the link in a mail: GET asks, POST answers once.

Both answers, and a second one, lead to the same page; nothing here tells them apart.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from grouping.queries.votes import vote_view
from grouping.usecases import votes
from grouping.web.deps import BallotLink, Check, WebDeps
from shared.errors import DomainError

router = APIRouter(include_in_schema=False)


@router.get("/avstemning/{token}")
async def show_vote(request: Request, deps: WebDeps, ballot_id: BallotLink, token: str) -> Response:
    """Ask the owner of a ballot, or say that the answer has come."""
    if ballot_id is None:
        return deps.pages.html(request, "link_unknown.html", 404)
    async with deps.database.transaction() as session:
        view = await vote_view(session, deps.context, ballot_id, deps.clock.now())
    if view is None:
        # The link was signed here, so there was a vote.
        return deps.pages.html(request, "vote_over.html", 410)
    template = "vote_received.html" if view.answered else "vote.html"
    return deps.pages.html(request, template, view=view, centre=view.centre, action=f"/avstemning/{token}")


@router.post("/avstemning/{token}")
async def answer_vote(
    request: Request,
    deps: WebDeps,
    ballot_id: BallotLink,
    token: str,
    _check: Check,
    answer: Annotated[Literal["yes", "no"], Form()],
) -> Response:
    """Answer once; the page that follows is the same for every answer."""
    if ballot_id is None:
        raise HTTPException(404)
    try:
        async with deps.database.transaction() as session:
            await votes.answer_vote(session, deps.context, ballot_id, yes=answer == "yes", now=deps.clock.now())
    except DomainError:
        pass  # over, or answered before: the page itself says so
    return deps.pages.redirect(request, f"/avstemning/{token}")
