"""The choice of a room for a group."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from grouping.queries.room_choice import room_choice_view
from grouping.usecases import rooms
from grouping.web.deps import OwnGroup, StaffPress, WebDeps
from shared.events.base import Identifier
from shared.kit.web.next_page import TaskOnPage
from shared.kit.web.state import locale_of
from shared.reference.holidays import holiday_label

router = APIRouter(include_in_schema=False)


@router.get("/stab/grupper/{group_id}/rom")
async def show_rooms(request: Request, deps: WebDeps, group: OwnGroup, task_id: TaskOnPage) -> Response:
    """Show the rooms that a group can have, the best first; the group itself once there is no choice any more."""
    async with deps.database.transaction() as session:
        view = await room_choice_view(session, deps.context, group.id, deps.clock.now(), task_id)
    if view is None:
        return deps.pages.redirect(request, group.path)
    holiday = holiday_label(view.holiday, locale_of(request)) if view.holiday else ""
    return deps.pages.html(request, "stab/room_choice.html", choice=view, view=view.group, holiday=holiday)


@router.post("/stab/grupper/{group_id}/rom")
async def choose_room(press: StaffPress, rom: Annotated[Identifier, Form()]) -> Response:
    """Give a group a room."""
    return await press.do(rooms.choose_room, rom, actor=press.actor)
