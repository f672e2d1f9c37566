"""The page of a group on its own, behind the one link that all its members share."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from grouping.domain.life.acts import GroupAct
from grouping.queries.members import return_view
from grouping.usecases import members
from grouping.web.deps import Check, Deps, ReturnLink, WebDeps
from grouping.web.members import DONE, LAST_ACTS
from grouping.web.messages import sentence_of
from shared.errors import DomainError
from shared.kit.messaging.causes import Cause

router = APIRouter(include_in_schema=False)


@router.get("/gruppelenke/{token}")
async def show_return_page(
    request: Request, deps: WebDeps, return_id: ReturnLink, token: str, gjort: Annotated[str, Query()] = ""
) -> Response:
    """Show a group on its own to whoever has its link."""
    return await _page(request, deps, return_id, token, done=gjort)


@router.post("/gruppelenke/{token}")
async def act_for_group(
    request: Request,
    deps: WebDeps,
    return_id: ReturnLink,
    token: str,
    _check: Check,
    act: Annotated[GroupAct | Literal["dissolve"], Form()],
) -> Response:
    """Do one act for the group; who does it is not recorded."""
    if return_id is None:
        raise HTTPException(404)
    now, cause = deps.clock.now(), Cause.fresh()
    try:
        async with deps.database.transaction() as session:
            if act == "dissolve":
                await members.dissolve_by_return_link(session, deps.context, return_id, now=now, cause=cause)
            else:
                await members.act_by_return_link(session, deps.context, return_id, act, now=now, cause=cause)
    except DomainError as error:
        return await _page(request, deps, return_id, token, refused=error)
    return deps.pages.redirect(request, f"/gruppelenke/{token}?gjort={act}")


@router.get("/gruppelenke/{token}/opplos")
async def ask_to_dissolve(request: Request, deps: WebDeps, return_id: ReturnLink, token: str) -> Response:
    """Ask once more before the group ends."""
    return await _page(request, deps, return_id, token, template="group_return_question.html")


async def _page(
    request: Request,
    deps: Deps,
    return_id: UUID | None,
    token: str,
    *,
    template: str = "group_return.html",
    done: str = "",
    refused: DomainError | None = None,
) -> Response:
    if return_id is None:
        return deps.pages.html(request, "link_unknown.html", 404)
    async with deps.database.transaction() as session:
        view = await return_view(session, deps.context, return_id, deps.clock.now())
    if view is None and done in LAST_ACTS:
        return deps.pages.html(request, "group_thanks.html", done=done)
    if view is None:
        # The link was signed here, so there was such a group, and it has ended.
        return deps.pages.html(request, "group_ended.html", 404)
    translate, notice = deps.pages.gettext(request), DONE.get(done, "")
    return deps.pages.html(
        request,
        template,
        409 if refused else 200,
        view=view,
        centre=view.centre,
        action=f"/gruppelenke/{token}",
        notice=translate(notice) if notice else "",
        refusal=translate(sentence_of(refused)) if refused else "",
    )
