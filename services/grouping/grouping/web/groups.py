"""Pages of groups, and staff decisions about one."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from grouping.domain.groups import GroupState
from grouping.queries.groups import GroupRef, GroupView, group_rows, group_view
from grouping.usecases import groups, igangsettere, meetings, rooms
from grouping.web.deps import Acting, Check, CoordinatorOrAdmin, Deps, LooseCheck, OwnGroup, WebDeps
from grouping.web.forms import MEETING_LABELS, MeetingForm, meeting_form, stale
from grouping.web.messages import IN_THE_PAST
from shared.errors import NotFoundError
from shared.kit.web import forms

router = APIRouter(include_in_schema=False)

SHOWN: dict[str, tuple[GroupState, ...]] = {
    "pa-vei": (GroupState.DRAFTED, GroupState.PROPOSED, GroupState.CONFIRMED),
    "startet": (GroupState.STARTED,),
    "avlyst": (GroupState.CANCELLED,),
}
"""States of the groups in each list, by the word in its address."""


@router.get("/stab/grupper")
async def list_groups(
    request: Request,
    deps: WebDeps,
    member: CoordinatorOrAdmin,
    vis: Literal["pa-vei", "startet", "avlyst"] = "pa-vei",
) -> Response:
    """List the groups of the member's centres."""
    async with deps.database.transaction() as session:
        rows = await group_rows(session, deps.context, member.tenants, SHOWN[vis])
    return deps.pages.html(request, "stab/groups.html", rows=rows, shown=vis)


@router.get("/stab/grupper/{group_id}")
async def show_group(request: Request, deps: WebDeps, group: OwnGroup) -> Response:
    """Show one group."""
    view = await _view(deps, group)
    return _page(request, deps, view, meeting_form(request, view.start_meeting))


@router.post("/stab/grupper/{group_id}/mote")
async def set_meeting(request: Request, deps: WebDeps, group: OwnGroup, actor: Acting, check: LooseCheck) -> Response:
    """Set time and place of the start meeting."""
    submission = await forms.submitted(request, MeetingForm, MEETING_LABELS)
    form = submission.form
    if not check.fresh:
        return _page(request, deps, await _view(deps, group), stale(request, deps.pages, form), 422)
    if submission.model is None:
        return _page(request, deps, await _view(deps, group), form)
    meeting = submission.model
    if meeting.meets_at <= actor.now:
        form = form.refusing("day", deps.pages.gettext(request)(IN_THE_PAST))
        return _page(request, deps, await _view(deps, group), form)
    async with deps.database.transaction() as session:
        await meetings.set_meeting(
            session, deps.context, group.id, meets_at=meeting.meets_at, place_text=meeting.place_text, actor=actor
        )
    return deps.pages.redirect(request, group.path)


@router.post("/stab/grupper/{group_id}/ikke-holdt")
async def mark_not_held(request: Request, deps: WebDeps, group: OwnGroup, actor: Acting, _check: Check) -> Response:
    """Mark the start meeting as not held."""
    async with deps.database.transaction() as session:
        await meetings.meeting_not_held(session, deps.context, group.id, actor=actor)
    return deps.pages.redirect(request, group.path)


@router.post("/stab/grupper/{group_id}/avlys")
async def cancel_group(request: Request, deps: WebDeps, group: OwnGroup, actor: Acting, _check: Check) -> Response:
    """Cancel a group."""
    async with deps.database.transaction() as session:
        await groups.cancel_group(session, deps.context, group.id, actor=actor)
    return deps.pages.redirect(request, group.path)


@router.post("/stab/grupper/{group_id}/si-fra")
async def publish_draft(request: Request, deps: WebDeps, group: OwnGroup, actor: Acting, _check: Check) -> Response:
    """Publish a draft now."""
    async with deps.database.transaction() as session:
        await groups.publish_draft_now(session, deps.context, group.id, actor=actor)
    return deps.pages.redirect(request, group.path)


@router.post("/stab/grupper/{group_id}/angre")
async def undo_draft(request: Request, deps: WebDeps, group: OwnGroup, actor: Acting, _check: Check) -> Response:
    """Undo a draft."""
    async with deps.database.transaction() as session:
        await groups.undo_draft(session, deps.context, group.id, actor=actor)
    return deps.pages.redirect(request, f"/stab/omrader/{group.area_id}")


@router.post("/stab/grupper/{group_id}/igangsettere")
async def set_starters(
    request: Request,
    deps: WebDeps,
    group: OwnGroup,
    actor: Acting,
    _check: Check,
    starters: Annotated[list[UUID] | None, Form()] = None,
) -> Response:
    """Set the igangsettere of a group; the use case accepts only those of the group's centre."""
    chosen = frozenset(starters or ())
    async with deps.database.transaction() as session:
        await igangsettere.set_starters(session, deps.context, group.id, chosen, actor=actor)
    return deps.pages.redirect(request, group.path)


@router.post("/stab/grupper/{group_id}/rom-ledig")
async def release_room(request: Request, deps: WebDeps, group: OwnGroup, actor: Acting, _check: Check) -> Response:
    """Release the room of a group that has started."""
    async with deps.database.transaction() as session:
        await rooms.release_room(session, deps.context, group.id, actor=actor)
    return deps.pages.redirect(request, group.path)


async def _view(deps: Deps, group: GroupRef) -> GroupView:
    async with deps.database.transaction() as session:
        view = await group_view(session, deps.context, group.id, deps.clock.now())
    if view is None:
        raise NotFoundError("unknown_group", group_id=group.id)
    return view


def _page(request: Request, deps: Deps, view: GroupView, form: forms.Form, status: int | None = None) -> Response:
    return deps.pages.html(request, "stab/group.html", status, view=view, form=form)
