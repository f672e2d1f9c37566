"""An act of staff on several people of one area: first whom it concerns, then the act."""

import re
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import Response

from grouping.queries.several_people import SeveralPreview, several_preview
from grouping.usecases.several_people import SharedAct, act_on_several, done_at
from grouping.web.deps import Acting, Check, Deps, OwnArea, SignedIn, WebDeps
from grouping.web.history import REASONS
from shared.kit.web.forms import read_choice
from shared.kit.web.undo import Undo

SEVERAL: Final = "/stab/omrader/{area_id}/flere"
LARGE_FORMS: Final = re.compile(r"/stab/omrader/[^/]+/flere(/gjor)?")
"""Paths that take everybody who waits in an area."""

OPPOSITE: Final[dict[SharedAct, SharedAct]] = {"hold": "videre", "videre": "hold"}

router = APIRouter(include_in_schema=False)


class SeveralForm(BaseModel):
    """The chosen sign-ups, and what is to be done."""

    person: list[UUID] = []
    gjor: SharedAct


class SureForm(SeveralForm):
    """
    The same, when it is to be done.

    Attributes:
        reason: The reason for which people are held back; empty for any other act.
        av: The moment of the press that this one takes back, instead of the people.
        forslag: Number of people who left a draft by that press.
    """

    reason: str = ""
    av: AwareDatetime | None = None
    forslag: Annotated[int, Field(ge=0)] = 0


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
    request: Request, deps: Deps, area_id: str, form: SeveralForm, *, lacks_reason: bool = False, done: int = 0
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
        done=done,
        area_id=area_id,
        area=deps.context.part(area_id)[1],
        reasons=REASONS,
    )


@router.post(f"{SEVERAL}/gjor")
async def act(request: Request, deps: WebDeps, area_id: OwnArea, actor: Acting, _check: Check) -> Response:
    """Do the same for several people; then show the rest, if they are more than one press takes."""
    form = await read_choice(request, SureForm)
    if form.gjor == "hold" and form.reason not in REASONS:
        return await _preview(request, deps, area_id, form, lacks_reason=True)
    async with deps.database.transaction() as session:
        chosen = form.person
        if form.av is not None:
            about = {"area_id": deps.context.area(area_id)[1].id, "username": actor.username}
            chosen = [*await done_at(session, form.gjor, **about, moment=form.av)]
        before = await several_preview(session, deps.context, area_id, chosen, form.gjor, actor.now)
        taken = [person.row.signup_id for person in before.people]
        done = await act_on_several(
            session, deps.context, taken, area_id=area_id, act=form.gjor, reason=form.reason, actor=actor
        )
    if before.rest:
        rest = SeveralForm(person=[*before.rest], gjor=form.gjor)
        return await _preview(request, deps, area_id, rest, done=len(done))
    path = f"/stab/omrader/{area_id}"
    if form.av is not None:
        answer = f"{path}?angret={len(done)}&uendret={len(chosen) - len(done)}&forslag={form.forslag}"
        return deps.pages.redirect(request, answer)
    return deps.pages.redirect(
        request, f"{path}?gjort={len(done)}", _back(f"{path}/flere/gjor", form.gjor, len(done), before, actor.now)
    )


def _back(path: str, act: SharedAct, done: int, before: SeveralPreview, moment: datetime) -> Undo | None:
    """Return the opposite act on the same people; None if there is none, or if they were held back for reasons."""
    if not done or act not in OPPOSITE or (act == "videre" and not before.reason):
        return None
    fields = {"gjor": OPPOSITE[act], "av": moment.isoformat(), "forslag": str(before.in_drafts)}
    return Undo(path, fields | ({"reason": before.reason} if act == "videre" else {}))
