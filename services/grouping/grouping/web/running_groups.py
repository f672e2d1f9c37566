"""Acts of staff on a group after its start; its page is that of the group, with a part for this."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final, Literal, TypeVar
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from grouping.queries.groups import GroupRef, GroupView
from grouping.usecases import departures, lives
from grouping.web.deps import Acting, Deps, LooseCheck, OwnGroup, StaffPress, WebDeps
from grouping.web.forms import stale
from grouping.web.group_page import group_page, load_group_view
from grouping.web.messages import sentence_of
from grouping.web.running_forms import (
    MORE_LABELS,
    MOVE_LABELS,
    PLEDGE_LABELS,
    RHYTHM_LABELS,
    VISIT_LABELS,
    MoreForm,
    MoveForm,
    PledgeForm,
    RhythmForm,
    VisitForm,
    move_form,
    new_rhythm,
    rhythm_form,
    visit_ends_at,
)
from shared.errors import DomainError
from shared.kit.i18n import N_
from shared.kit.web import forms
from shared.kit.web.forms import Day
from shared.kit.web.next_page import Next, NextPage, TaskOnPage

router = APIRouter(include_in_schema=False)

GROUP: Final = "/stab/grupper/{group_id}"

M = TypeVar("M", bound=BaseModel)

MeetingAct = Literal["hopp-over", "holdt", "ikke-holdt"]
GroupAct = Literal["spor", "overlat", "som-for"]

_SENTENCES: Final = {
    "too_early": N_("Det er for tidlig. Gruppa må møtes noen ganger til med igangsetteren først."),
    "not_in_rhythm": N_("Gruppa møtes ikke på den dagen."),
    "no_open_visit": N_("Det er ikke noe besøk å avtale nå."),
}
"""Sentences about the same slugs for staff, where that of members says "dere"."""


@router.post(f"{GROUP}/moter")
async def act_on_meeting(
    press: StaffPress, act: Annotated[MeetingAct, Form()], meeting: Annotated[UUID, Form()]
) -> Response:
    """Skip a meeting ahead, or record whether one was held."""
    if act == "hopp-over":
        return await press.do(lives.skip_meeting, meeting, actor=press.actor)
    return await press.do(lives.report_meeting, meeting, held=act == "holdt", actor=press.actor)


@router.post(f"{GROUP}/motes-likevel")
async def meet_anyway(press: StaffPress, day: Annotated[Day, Form()]) -> Response:
    """Meet on a day that was left out."""
    return await press.do(lives.meet_anyway, day, actor=press.actor)


@router.post(f"{GROUP}/videre")
async def decide_with_group(press: StaffPress, act: Annotated[GroupAct, Form()]) -> Response:
    """Ask whether the group is ready, record that it is, or that a small group goes on as it is."""
    commands = {"spor": lives.ask_handover, "overlat": lives.record_agreement, "som-for": lives.go_on_as_is}
    return await press.do(commands[act], actor=press.actor)


@router.post(f"{GROUP}/besok-nei")
async def decline_visit(press: StaffPress, visit: Annotated[UUID, Form()]) -> Response:
    """Decline a visit, or call off one that was agreed."""
    return await press.do(lives.decline_visit, visit, actor=press.actor)


@router.post(f"{GROUP}/ny-deltaker")
async def admit(press: StaffPress, signup: Annotated[UUID, Form()]) -> Response:
    """Give a person who waits, and has said yes to staff, the place that the group has decided to give."""
    return await press.do(departures.admit_member, signup, actor=press.actor)


@router.get(f"{GROUP}/avslutt")
async def ask_to_dissolve(request: Request, deps: WebDeps, group: OwnGroup, task_id: TaskOnPage) -> Response:
    """Ask before a group ends."""
    view = await load_group_view(deps, group, task_id)
    if view.life is None or not view.life.life.is_ongoing:
        return deps.pages.redirect(request, group.path)
    return deps.pages.html(request, "stab/dissolve_group.html", view=view)


@router.post(f"{GROUP}/avslutt")
async def dissolve(press: StaffPress) -> Response:
    """End a group that has told the centre so."""
    return await press.do(lives.dissolve_group, actor=press.actor)


# Forms with fields, on the page of the group


@router.post(f"{GROUP}/taushet")
async def record_pledge(
    request: Request, deps: WebDeps, group: OwnGroup, actor: Acting, check: LooseCheck, next_page: Next
) -> Response:
    """Record the day on which the group spoke about confidentiality."""
    submission = await forms.submitted(request, PledgeForm, PLEDGE_LABELS)
    form, content = submission.form, submission.model if check.fresh else None
    if content is not None:
        try:
            async with deps.database.transaction() as session:
                await lives.record_pledge(session, deps.context, group.id, content.pledge_on, actor=actor)
            return deps.pages.redirect(request, next_page.after(group.path))
        except DomainError as error:
            form = _refused(request, deps, form, "pledge_on", error)
    view = await load_group_view(deps, group, next_page.task_on_page)
    return group_page(request, deps, view, pledge=_checked(request, deps, form, fresh=check.fresh), status=422)


@router.post(f"{GROUP}/en-gang-til")
async def continue_with_igangsetter(
    request: Request, deps: WebDeps, group: OwnGroup, actor: Acting, check: LooseCheck, next_page: Next
) -> Response:
    """Add one meeting with the igangsetter, for a written reason."""
    submission = await forms.submitted(request, MoreForm, MORE_LABELS)
    form, content = submission.form, submission.model if check.fresh else None
    if content is not None:
        try:
            async with deps.database.transaction() as session:
                await lives.continue_with_igangsetter(session, deps.context, group.id, content.more_reason, actor=actor)
            return deps.pages.redirect(request, next_page.after(group.path))
        except DomainError as error:
            form = _refused(request, deps, form, "more_reason", error)
    view = await load_group_view(deps, group, next_page.task_on_page)
    return group_page(request, deps, view, more=_checked(request, deps, form, fresh=check.fresh), status=422)


@router.post(f"{GROUP}/besok")
async def agree_visit(
    request: Request, deps: WebDeps, group: OwnGroup, actor: Acting, check: LooseCheck, next_page: Next
) -> Response:
    """Agree on the time of a visit, or move it; everybody is told."""
    view = await load_group_view(deps, group, next_page.task_on_page)
    submission = await forms.submitted(request, VisitForm, VISIT_LABELS)
    form, content = submission.form, submission.model if check.fresh else None
    if content is not None and view.life is not None:
        try:
            async with deps.database.transaction() as session:
                await lives.agree_visit(
                    session,
                    deps.context,
                    group.id,
                    content.visit_id,
                    starts_at=content.starts_at,
                    ends_at=visit_ends_at(content, view.life),
                    place_text=content.visit_place,
                    actor=actor,
                )
            return deps.pages.redirect(request, next_page.after(group.path))
        except DomainError as error:
            form = _refused(request, deps, form, "visit_day", error)
    return group_page(request, deps, view, visit=_checked(request, deps, form, fresh=check.fresh), status=422)


# Forms with fields, on pages of their own


@router.get(f"{GROUP}/moter/flytt")
async def ask_where_to(
    request: Request,
    deps: WebDeps,
    group: OwnGroup,
    task_id: TaskOnPage,
    mote: Annotated[UUID | None, Query()] = None,
) -> Response:
    """Show the form for another time or place of a meeting."""
    view = await load_group_view(deps, group, task_id)
    form = move_form(request, view.life, mote) if view.life is not None else None
    return _form_page(request, deps, view, "flytt", form)


@router.post(f"{GROUP}/moter/flytt")
async def move_meeting(
    request: Request, deps: WebDeps, group: OwnGroup, actor: Acting, check: LooseCheck, next_page: Next
) -> Response:
    """Move a meeting, or it and all that follow; everybody is told."""
    submission = await forms.submitted(request, MoveForm, MOVE_LABELS)

    async def move(session: AsyncSession, content: MoveForm) -> None:
        await lives.move_meeting(
            session,
            deps.context,
            group.id,
            content.meeting,
            starts_at=content.starts_at,
            place_text=content.place_text,
            following=content.following == "ja",
            actor=actor,
        )

    return await _written(request, deps, group, "flytt", submission, move, next_page, fresh=check.fresh)


@router.get(f"{GROUP}/tider")
async def ask_when(request: Request, deps: WebDeps, group: OwnGroup, task_id: TaskOnPage) -> Response:
    """Show the form for another rhythm."""
    view = await load_group_view(deps, group, task_id)
    form = rhythm_form(request, view.life) if view.life is not None else None
    return _form_page(request, deps, view, "tider", form)


@router.post(f"{GROUP}/tider")
async def set_rhythm(
    request: Request, deps: WebDeps, group: OwnGroup, actor: Acting, check: LooseCheck, next_page: Next
) -> Response:
    """Change the rhythm of the group; everybody is told."""
    view = await load_group_view(deps, group)
    submission = await forms.submitted(request, RhythmForm, RHYTHM_LABELS)
    running = view.life

    async def write(session: AsyncSession, content: RhythmForm) -> None:
        if running is None:
            raise DomainError("not_started", group_id=group.id)
        await lives.set_rhythm(session, deps.context, group.id, new_rhythm(content, running), actor=actor)

    return await _written(request, deps, group, "tider", submission, write, next_page, fresh=check.fresh)


async def _written(
    request: Request,
    deps: Deps,
    group: GroupRef,
    kind: str,
    submission: forms.Submission[M],
    write: Callable[[AsyncSession, M], Awaitable[None]],
    next_page: NextPage,
    *,
    fresh: bool,
) -> Response:
    """Do what a form on a page of its own says, or show it again with what cannot be."""
    form = submission.form
    if submission.model is not None and fresh:
        try:
            async with deps.database.transaction() as session:
                await write(session, submission.model)
            return deps.pages.redirect(request, next_page.after(group.path))
        except DomainError as error:
            form = _refused(request, deps, form, "day", error)
    view = await load_group_view(deps, group, next_page.task_on_page)
    return _form_page(request, deps, view, kind, _checked(request, deps, form, fresh=fresh), status=422)


def _form_page(
    request: Request, deps: Deps, view: GroupView, kind: str, form: forms.Form | None, status: int | None = None
) -> Response:
    """Show a form on a page of its own; without one there is nothing to fill it in for."""
    if form is None:
        return deps.pages.redirect(request, f"/stab/grupper/{view.group.id}")
    return deps.pages.html(request, "stab/running_form.html", status, view=view, kind=kind, form=form)


def _refused(request: Request, deps: Deps, form: forms.Form, field: str, error: DomainError) -> forms.Form:
    sentence = _SENTENCES.get(error.slug) or sentence_of(error)
    return form.refusing(field, deps.pages.gettext(request)(sentence))


def _checked(request: Request, deps: Deps, form: forms.Form, *, fresh: bool) -> forms.Form:
    return form if fresh else stale(request, deps.pages, form)
