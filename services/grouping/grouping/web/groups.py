"""Pages of groups, and staff decisions about one."""

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from grouping.domain.groups import GroupState
from grouping.queries.groups import Need, group_rows
from grouping.usecases import groups, igangsettere, rooms
from grouping.web.deps import Acting, Check, OwnGroup, SignedIn, StaffPress, WebDeps
from grouping.web.group_page import group_page, load_group_view
from shared.kit.web.next_page import Next, TaskOnPage
from shared.kit.web.paging import page_number

router = APIRouter(include_in_schema=False)

SHOWN: dict[str, tuple[GroupState, ...]] = {
    "pa-vei": (GroupState.DRAFTED, GroupState.PROPOSED, GroupState.CONFIRMED),
    "startet": (GroupState.STARTED,),
    "ferdig": (GroupState.STARTED,),
    "avlyst": (GroupState.CANCELLED,),
}
"""States of the groups in each list, by the word in its address."""


OVER: Final = {"startet": False, "ferdig": True}
"""True for the list of groups whose life has ended, False for that of running groups, by the word in its address."""

ON_A_PAGE: Final = 100

Lacking = Literal["folk", "dato", "adresse", "igangsetter"]

NEEDS: Final[dict[Lacking, Need]] = {
    "folk": "members",
    "dato": "date",
    "adresse": "address",
    "igangsetter": "igangsetter",
}
"""The need of the groups that each filter shows, by the word in its address."""


@router.get("/stab/grupper")
async def list_groups(
    request: Request,
    deps: WebDeps,
    member: SignedIn,
    vis: Literal["pa-vei", "startet", "ferdig", "avlyst"] = "pa-vei",
    mangler: Lacking | None = None,
    side: str = "1",
) -> Response:
    """List the groups of the member's centres; all that are on their way are looked through for what they lack."""
    page = page_number(side)
    start = (page - 1) * ON_A_PAGE
    part = {} if vis == "pa-vei" else {"limit": ON_A_PAGE + 1, "offset": start}
    async with deps.database.transaction() as session:
        rows = await group_rows(session, deps.context, member.tenants, SHOWN[vis], over=OVER.get(vis), **part)
    counts = {word: sum(need in row.needs for row in rows) for word, need in NEEDS.items()}
    if mangler is not None:
        rows = tuple(row for row in rows if NEEDS[mangler] in row.needs)
    if not part:
        rows = rows[start : start + ON_A_PAGE + 1]
    return deps.pages.html(
        request,
        "stab/groups.html",
        rows=rows[:ON_A_PAGE],
        shown=vis,
        lacking=mangler,
        counts=counts,
        page=page,
        more=len(rows) > ON_A_PAGE,
    )


@router.get("/stab/grupper/{group_id}")
async def show_group(request: Request, deps: WebDeps, group: OwnGroup, task_id: TaskOnPage) -> Response:
    """Show one group."""
    return group_page(request, deps, await load_group_view(deps, group, task_id))


@router.get("/stab/grupper/{group_id}/avlys")
async def ask_to_cancel(request: Request, deps: WebDeps, group: OwnGroup, task_id: TaskOnPage) -> Response:
    """Ask before a group is cancelled."""
    view = await load_group_view(deps, group, task_id)
    if not view.can_cancel:
        return deps.pages.redirect(request, group.path)
    return deps.pages.html(request, "stab/cancel_group.html", view=view)


@router.post("/stab/grupper/{group_id}/avlys")
async def cancel_group(press: StaffPress) -> Response:
    """Cancel a group."""
    return await press.do(groups.cancel_group, actor=press.actor)


@router.post("/stab/grupper/{group_id}/si-fra")
async def publish_draft(press: StaffPress) -> Response:
    """Publish a draft now."""
    return await press.do(groups.publish_draft_now, actor=press.actor)


@router.post("/stab/grupper/{group_id}/angre")
async def undo_draft(press: StaffPress) -> Response:
    """Undo a draft."""
    await press.run(groups.undo_draft, actor=press.actor)
    return press.redirect(f"/stab/omrader/{press.group.area_id}")


@router.post("/stab/grupper/{group_id}/igangsettere")
async def set_starters(
    request: Request,
    deps: WebDeps,
    group: OwnGroup,
    actor: Acting,
    _check: Check,
    next_page: Next,
    starters: Annotated[list[UUID] | None, Form()] = None,
) -> Response:
    """Set the igangsettere of a group; the use case accepts only those of the group's centre."""
    chosen = frozenset(starters or ())
    async with deps.database.transaction() as session:
        await igangsettere.set_starters(session, deps.context, group.id, chosen, actor=actor)
    view = await load_group_view(deps, group)
    after = next_page.unfinished if view.starters.missing else next_page.after
    return deps.pages.redirect(request, after(group.path))


@router.post("/stab/grupper/{group_id}/rom-ledig")
async def release_room(press: StaffPress) -> Response:
    """Release the room of a group that has started."""
    return await press.do(rooms.release_room, actor=press.actor)
