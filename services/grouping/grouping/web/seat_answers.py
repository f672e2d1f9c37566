"""The answers about seats that people give to staff on the phone."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from grouping.domain.groups import SeatState
from grouping.usecases import seats
from grouping.usecases.coming import confirm_coming
from grouping.web.deps import Acting, Check, OwnSeat, WebDeps
from shared.kit.web.next_page import Next

router = APIRouter(include_in_schema=False)


@router.post("/stab/plasser/{seat_id}/svar")
async def record_answer(
    request: Request,
    deps: WebDeps,
    seat: OwnSeat,
    actor: Acting,
    _check: Check,
    next_page: Next,
    svar: Annotated[Literal["ja", "nei", "kommer"], Form()],
    vist: Annotated[Literal["offered", "taken"] | None, Form()] = None,
) -> Response:
    """
    Take or decline a seat, or record that its person still comes, for a person who said so to a member of staff.

    ``vist`` is the state of the seat on the page of staff.
    """
    if svar == "kommer":
        async with deps.database.transaction() as session:
            await confirm_coming(session, deps.context, seat.id, now=actor.now, cause=actor.cause, actor=actor)
        return deps.pages.redirect(request, next_page.after(seat.group.path))
    async with deps.database.transaction() as session:
        await seats.answer_seat(
            session,
            deps.context,
            seat.id,
            yes=svar == "ja",
            now=actor.now,
            cause=actor.cause,
            actor=actor,
            shown=SeatState(vist) if vist else None,
        )
    return deps.pages.redirect(request, next_page.after(seat.group.path))
