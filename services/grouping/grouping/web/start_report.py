"""The report of an igangsetter on the first meeting: held, with how many, on another day, or not held."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from grouping.queries.igangsetter_group import StarterGroup
from grouping.web.deps import Deps, HelperActing, LooseCheck, StartedByMe, WebDeps
from grouping.web.forms import stale
from grouping.web.messages import sentence_of
from grouping.web.report_forms import REPORT_LABELS, ReportForm, checked_report, record_report, report_form
from shared.errors import DomainError
from shared.kit.web import forms

router = APIRouter(include_in_schema=False)

PAGE: Final = "/igangsetter/grupper/{group_id}/forste-mote"


@router.get(PAGE)
async def show_report(request: Request, deps: WebDeps, group: StartedByMe) -> Response:
    """Ask whether the first meeting was held; the number that was reported is not shown."""
    if not group.can_report:
        return _too_late(request, deps, group)
    form = report_form(request, group.start_meeting, with_attendance=False)
    return deps.pages.html(request, "igangsetter/report.html", view=group, centre=group.centre, form=form)


@router.post(PAGE)
async def report(
    request: Request, deps: WebDeps, actor: HelperActing, group: StartedByMe, check: LooseCheck
) -> Response:
    """Record the report; an empty number leaves the one before."""
    submission = await forms.submitted(request, ReportForm, REPORT_LABELS)
    form, content = submission.form, submission.model
    translate, meeting = deps.pages.gettext(request), group.start_meeting
    if not group.can_report or meeting is None:
        return _too_late(request, deps, group)
    if not check.fresh:
        form, content = stale(request, deps.pages, form), None
    form = checked_report(form, content, translate, actor.now)
    if content is not None and not form.errors:
        try:
            await record_report(deps, group.group.id, content, content.attendance or meeting.attendance, actor=actor)
            done = "utsatt" if content.result == "ikke-holdt" else "forste-mote"
            return deps.pages.redirect(request, f"{group.path}?gjort={done}")
        except DomainError as error:
            form = form.refusing("result", translate(sentence_of(error)))
    return deps.pages.html(request, "igangsetter/report.html", 422, view=group, centre=group.centre, form=form)


def _too_late(request: Request, deps: Deps, group: StarterGroup) -> Response:
    if group.page == "over":
        return deps.pages.html(request, "igangsetter/over.html", 410, view=group, centre=group.centre)
    return deps.pages.redirect(request, group.path)
