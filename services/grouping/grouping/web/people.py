"""The page of one person, and staff decisions about the person."""

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, StringConstraints
from starlette.responses import Response

from grouping import store
from grouping.queries.moves import move_preview
from grouping.queries.people import person_view
from grouping.usecases import people, waits
from grouping.web.deps import Acting, Check, OwnPerson, WebDeps
from grouping.web.history import REASONS, act_history
from grouping.web.next_step import person_step
from shared.errors import NotFoundError
from shared.kit.web.acts import SURE
from shared.kit.web.forms import read_choice
from shared.kit.web.next_page import Next, TaskOnPage
from shared.kit.web.timeline import timeline
from shared.kit.web.undo import Undo

PERSON: Final = "/stab/omrader/{area_id}/personer/{signup_id}"

router = APIRouter(include_in_schema=False)

ReasonCode = Annotated[str, StringConstraints(pattern=f"^({'|'.join(REASONS)})$")]


class ReasonForm(BaseModel):
    """The reason for a decision."""

    reason: ReasonCode


class MoveForm(ReasonForm):
    """The group to move the person to."""

    group_id: UUID


class ExclusionForm(ReasonForm):
    """The sign-up to keep apart from this person."""

    other_id: UUID


class InclusionForm(BaseModel):
    """The person who need not be kept apart any more."""

    person_id: UUID


class PinForm(BaseModel):
    """Pin the person's seat, or unpin it."""

    pinned: Literal["ja", "nei"]


@router.get(PERSON)
async def show_person(request: Request, deps: WebDeps, person: OwnPerson, task_id: TaskOnPage) -> Response:
    """Show one person."""
    view = await person_view(
        deps.database, deps.context, deps.snapshots, person.area_id, person.signup_id, deps.clock.now()
    )
    if view is None:
        raise NotFoundError("unknown_signup", signup_id=person.signup_id)
    return deps.pages.html(
        request,
        "stab/person.html",
        view=view,
        step=person_step(view),
        moments=timeline(act_history(deps.pages.gettext(request), view.audit_entries)),
        reasons=REASONS,
        task_id=task_id,
        now=deps.clock.now(),
    )


@router.post(f"{PERSON}/vent")
async def exclude(
    request: Request, deps: WebDeps, person: OwnPerson, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Exclude a person from matching."""
    form = await read_choice(request, ReasonForm)
    async with deps.database.transaction() as session:
        await people.exclude_from_matching(
            session, deps.context, person.signup_id, area_id=person.area_id, reason=form.reason, actor=actor
        )
    return deps.pages.redirect(request, next_page.after(person.path))


@router.post(f"{PERSON}/videre")
async def include(
    request: Request, deps: WebDeps, person: OwnPerson, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Include a person in matching again."""
    async with deps.database.transaction() as session:
        signup = await store.signups.get(session, person.signup_id)
        reason = signup.excluded_reason if signup is not None else None
        await people.include_in_matching(session, deps.context, person.signup_id, area_id=person.area_id, actor=actor)
    back = Undo(f"{person.path}/vent", {"reason": reason}) if reason else None
    return deps.pages.redirect(request, next_page.after(person.path), back)


@router.post(f"{PERSON}/sett")
async def put_off_wait(
    request: Request,
    deps: WebDeps,
    person: OwnPerson,
    actor: Acting,
    next_page: Next,
    _check: Check,
    igjen: Annotated[Literal["", "ja"], Form()] = "",
) -> Response:
    """Remind staff of the long wait again later, or, with ``igjen``, at once after all."""
    act = waits.reopen_wait if igjen else waits.put_off_wait
    async with deps.database.transaction() as session:
        await act(session, deps.context, person.signup_id, area_id=person.area_id, actor=actor)
    return deps.pages.redirect(request, next_page.after(person.path))


@router.get(f"{PERSON}/flytt")
async def preview_move(request: Request, deps: WebDeps, person: OwnPerson, gruppe: UUID | None = None) -> Response:
    """Show who gains and who loses by a move, before it is made; back to the person if it is not possible."""
    now = deps.clock.now()
    preview = (
        await move_preview(deps.database, deps.context, deps.snapshots, person.area_id, person.signup_id, gruppe, now)
        if gruppe is not None
        else None
    )
    if preview is None:
        return deps.pages.redirect(request, person.path)
    return deps.pages.html(request, "stab/move.html", preview=preview, view=preview.person, reasons=REASONS)


@router.post(f"{PERSON}/flytt")
async def move(
    request: Request, deps: WebDeps, person: OwnPerson, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Move a person to another group."""
    form = await read_choice(request, MoveForm)
    async with deps.database.transaction() as session:
        await people.move_person(
            session,
            deps.context,
            person.signup_id,
            area_id=person.area_id,
            group_id=form.group_id,
            reason=form.reason,
            actor=actor,
        )
    return deps.pages.redirect(request, next_page.after(person.path))


@router.post(f"{PERSON}/fest")
async def pin(
    request: Request, deps: WebDeps, person: OwnPerson, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Pin or unpin the person's seat in a draft."""
    form = await read_choice(request, PinForm)
    async with deps.database.transaction() as session:
        await people.pin_person(
            session,
            deps.context,
            person.signup_id,
            area_id=person.area_id,
            pinned=form.pinned == "ja",
            actor=actor,
        )
    return deps.pages.redirect(request, next_page.after(person.path))


@router.post(f"{PERSON}/skill")
async def add_exclusion(
    request: Request, deps: WebDeps, person: OwnPerson, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Keep a person apart from another one."""
    form = await read_choice(request, ExclusionForm)
    async with deps.database.transaction() as session:
        await people.add_exclusion(
            session,
            deps.context,
            person.signup_id,
            area_id=person.area_id,
            other_id=form.other_id,
            reason=form.reason,
            actor=actor,
        )
        other = await store.signups.get(session, form.other_id)
    back = Undo(f"{person.path}/samle", {"person_id": str(other.person_id), SURE: "ja"}) if other else None
    return deps.pages.redirect(request, next_page.after(person.path), back)


@router.post(f"{PERSON}/samle")
async def remove_exclusion(
    request: Request, deps: WebDeps, person: OwnPerson, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Let a person be in one group with another one again."""
    form = await read_choice(request, InclusionForm)
    async with deps.database.transaction() as session:
        await people.remove_exclusion(
            session,
            deps.context,
            person.signup_id,
            area_id=person.area_id,
            person_id=form.person_id,
            actor=actor,
        )
    return deps.pages.redirect(request, next_page.after(person.path))
