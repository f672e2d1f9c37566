"""An act of staff on several people of one area: first whom it concerns, then the act."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from grouping.queries.several_people import several_preview
from grouping.usecases.several_people import MOST_TOGETHER, SharedAct, act_on_several
from grouping.web.deps import Acting, Check, Deps, OwnArea, SignedIn, WebDeps
from grouping.web.forms import read_choice
from grouping.web.history import REASONS
from shared.kit.web.undo import Undo

SEVERAL: Final = "/stab/omrader/{area_id}/flere"
MOST_CHOSEN: Final = 2_000
"""People whom a form may name; an act takes the first of them."""

OPPOSITE: Final[dict[SharedAct, SharedAct]] = {"hold": "videre", "videre": "hold"}

router = APIRouter(include_in_schema=False)


class SeveralForm(BaseModel):
    """The chosen sign-ups, and what is to be done."""

    person: Annotated[list[UUID], Field(max_length=MOST_CHOSEN)] = []
    gjor: SharedAct


class SureForm(SeveralForm):
    """The same, with the reason for which people are held back; empty for any other act."""

    reason: str = ""


@router.get(SEVERAL)
async def to_area(request: Request, deps: WebDeps, area_id: OwnArea) -> Response:
    """Redirect to the page of the area, where the people are chosen."""
    return deps.pages.redirect(request, f"/stab/omrader/{area_id}")


@router.post(SEVERAL)
async def preview(request: Request, deps: WebDeps, area_id: OwnArea, _member: SignedIn, _check: Check) -> Response:
    """Show whom the act concerns, before it is done."""
    form = await read_choice(request, SeveralForm)
    if not form.person:
        return deps.pages.redirect(request, f"/stab/omrader/{area_id}?gjort=0")
    return await _preview(request, deps, area_id, form)


async def _preview(
    request: Request, deps: Deps, area_id: str, form: SeveralForm, *, lacks_reason: bool = False
) -> Response:
    async with deps.database.transaction() as session:
        view = await several_preview(session, deps.context, area_id, form.person, form.gjor, deps.clock.now())
    return deps.pages.html(
        request,
        "stab/several_people.html",
        422 if lacks_reason else None,
        view=view,
        act=form.gjor,
        lacks_reason=lacks_reason,
        area_id=area_id,
        area=deps.context.part(area_id)[1],
        reasons=REASONS,
        most=MOST_TOGETHER,
    )


@router.post(f"{SEVERAL}/gjor")
async def act(request: Request, deps: WebDeps, area_id: OwnArea, actor: Acting, _check: Check) -> Response:
    """Do the same for several people."""
    form = await read_choice(request, SureForm)
    if form.gjor == "hold" and form.reason not in REASONS:
        return await _preview(request, deps, area_id, form, lacks_reason=True)
    async with deps.database.transaction() as session:
        before = await several_preview(session, deps.context, area_id, form.person, form.gjor, actor.now)
        done = await act_on_several(
            session, deps.context, form.person, area_id=area_id, act=form.gjor, reason=form.reason, actor=actor
        )
    path = f"/stab/omrader/{area_id}"
    return deps.pages.redirect(
        request, f"{path}?gjort={len(done)}", _back(f"{path}/flere/gjor", form.gjor, [*map(str, done)], before.reason)
    )


def _back(path: str, act: SharedAct, done: list[str], reason: str) -> Undo | None:
    """Return the opposite act on the same people; None if there is none, or if they were held back for reasons."""
    if not done or act not in OPPOSITE or (act == "videre" and not reason):
        return None
    return Undo(path, {"gjor": OPPOSITE[act], "person": done, "reason": reason if act == "videre" else ""})
