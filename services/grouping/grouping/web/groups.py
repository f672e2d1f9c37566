"""Pages of groups, and staff decisions about one."""

from typing import Annotated, Final, Literal, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from grouping.domain.groups import GroupState
from grouping.queries.groups import GroupRow, Need, group_rows
from grouping.store import audit_log
from grouping.usecases import groups, igangsettere, rooms
from grouping.web.deps import Acting, Check, Deps, OwnGroup, SignedIn, StaffPress, WebDeps
from grouping.web.group_list import group_columns
from grouping.web.group_page import group_page, load_group_view
from shared.kit.staff import StaffMember
from shared.kit.web.lists import ChosenList, list_file, listed, ordered
from shared.kit.web.next_page import Next, TaskOnPage

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

GROUPS: Final = "/stab/grupper"
MOST_LISTED: Final = 2_000
"""The newest groups that have begun or were cancelled; one that is older is reached from its area."""

Lacking = Literal["folk", "dato", "adresse", "igangsetter"]

NEEDS: Final[dict[Lacking, Need]] = {
    "folk": "members",
    "dato": "date",
    "adresse": "address",
    "igangsetter": "igangsetter",
}
"""The need of the groups that each filter shows, by the word in its address."""


class Chosen(NamedTuple):
    """The groups that an address names: one of the lists, and only those that lack something."""

    vis: Literal["pa-vei", "startet", "ferdig", "avlyst"] = "pa-vei"
    mangler: Lacking | None = None

    @property
    def words(self) -> dict[str, str]:
        """The same as the address has it."""
        return {"vis": "" if self.vis == "pa-vei" else self.vis, "mangler": self.mangler or ""}

    def keeps(self, row: GroupRow) -> bool:
        """Return True for a group that lacks what is chosen."""
        return self.mangler is None or NEEDS[self.mangler] in row.needs


async def _chosen(
    vis: Literal["pa-vei", "startet", "ferdig", "avlyst"] = "pa-vei", mangler: Lacking | None = None
) -> Chosen:
    return Chosen(vis, mangler)


ChosenGroups = Annotated[Chosen, Depends(_chosen)]


@router.get(GROUPS)
async def list_groups(
    request: Request, deps: WebDeps, member: SignedIn, chosen: ChosenGroups, choice: ChosenList
) -> Response:
    """List the groups of the member's centres."""
    found, most = await _rows(deps, member, chosen), _most(chosen)
    rows = found[:most]
    kept = tuple(filter(chosen.keeps, rows))
    return deps.pages.html(
        request,
        "stab/groups.html",
        listing=listed(GROUPS, group_columns(request, deps.pages, chosen.vis), kept, choice, chosen.words),
        shown=chosen.vis,
        cut=most if len(found) > len(rows) else None,
        lacking=chosen.mangler,
        counts={word: sum(need in row.needs for row in rows) for word, need in NEEDS.items()},
    )


@router.post(GROUPS)
async def download_groups(
    request: Request,
    deps: WebDeps,
    member: SignedIn,
    actor: Acting,
    _check: Check,
    chosen: ChosenGroups,
    choice: ChosenList,
    som: Annotated[str, Form()] = "",
) -> Response:
    """Return the list as a file; recorded."""
    columns = group_columns(request, deps.pages, chosen.vis)
    shown = (await _rows(deps, member, chosen))[: _most(chosen)]
    rows = ordered(columns, tuple(filter(chosen.keeps, shown)), choice)
    async with deps.database.transaction() as session:
        return await list_file(session, audit_log, columns, rows, "grupper", som, centres=member.tenants, actor=actor)


def _most(chosen: Chosen) -> int | None:
    return None if chosen.vis == "pa-vei" else MOST_LISTED  # all that are on their way count for what they lack


async def _rows(deps: Deps, member: StaffMember, chosen: Chosen) -> tuple[GroupRow, ...]:
    """Return the groups of a list, one more than it shows, which tells whether there are older ones."""
    most = _most(chosen)
    limit = None if most is None else most + 1
    async with deps.database.transaction() as session:
        return await group_rows(
            session, deps.context, member.tenants, SHOWN[chosen.vis], over=OVER.get(chosen.vis), limit=limit
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
