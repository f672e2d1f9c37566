"""Decisions of staff about a group that lacks members; the page of the group shows the choices."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from grouping.usecases import decisions
from grouping.web.deps import Acting, LooseCheck, OwnGroup, StaffPress, WebDeps
from grouping.web.forms import DECISION_LABELS, SmallStartForm, stale
from grouping.web.group_page import group_page, load_group_view
from shared.kit.web import forms
from shared.kit.web.next_page import Next

router = APIRouter(include_in_schema=False)


@router.post("/stab/grupper/{group_id}/behold-dato")
async def keep_date(press: StaffPress) -> Response:
    """Keep the date, and look for members until shortly before the meeting."""
    return await press.do(decisions.keep_date, actor=press.actor)


@router.post("/stab/grupper/{group_id}/let-videre")
async def prolong(press: StaffPress) -> Response:
    """Let a proposal look for members longer."""
    return await press.do(decisions.prolong, actor=press.actor)


@router.post("/stab/grupper/{group_id}/utsett")
async def put_off(press: StaffPress) -> Response:
    """Put the meeting off, so that more people can join."""
    return await press.do(decisions.put_off, actor=press.actor)


@router.post("/stab/grupper/{group_id}/sla-sammen")
async def merge(press: StaffPress, target: Annotated[UUID, Form()]) -> Response:
    """Ask the members about another group, and show that one."""
    await press.run(decisions.merge, target_id=target, actor=press.actor)
    return press.redirect(f"/stab/grupper/{target}")


@router.post("/stab/grupper/{group_id}/start-likevel")
async def allow_small_start(
    request: Request, deps: WebDeps, group: OwnGroup, actor: Acting, check: LooseCheck, next_page: Next
) -> Response:
    """Let the group start with the members it has, for a written reason."""
    submission = await forms.submitted(request, SmallStartForm, DECISION_LABELS)
    form = submission.form
    if not check.fresh:
        form = stale(request, deps.pages, form)
        return group_page(
            request, deps, await load_group_view(deps, group, next_page.task_on_page), small_start=form, status=422
        )
    if submission.model is None:
        return group_page(request, deps, await load_group_view(deps, group, next_page.task_on_page), small_start=form)
    async with deps.database.transaction() as session:
        await decisions.allow_small_start(session, deps.context, group.id, reason=submission.model.reason, actor=actor)
    return deps.pages.redirect(request, next_page.after(group.path))
