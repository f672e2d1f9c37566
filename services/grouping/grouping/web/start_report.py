"""The report of an igangsetter on the first meeting: held, with how many, on another day, or not held."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from grouping.queries.igangsetter_group import StarterGroup
from grouping.usecases import meetings
from grouping.web.deps import Deps, Helper, LooseCheck, StartedByMe, WebDeps
from grouping.web.forms import HELD_MISSING, REPORT_LABELS, ReportForm, report_form, stale
from grouping.web.messages import HELD_IN_THE_FUTURE, SENTENCES
from shared.errors import DomainError
from shared.kit.audit import Actor
from shared.kit.i18n import N_
from shared.kit.messaging.causes import Cause
from shared.kit.web import forms

router = APIRouter(include_in_schema=False)

PAGE: Final = "/igangsetter/grupper/{group_id}/forste-mote"

_OTHERWISE: Final = N_("Det går ikke nå. Noe har endret seg siden du åpnet siden.")


@router.get(PAGE)
async def show_report(request: Request, deps: WebDeps, group: StartedByMe) -> Response:
    """Ask whether the first meeting was held; the number that was reported is not shown."""
    if not group.can_report:
        return _too_late(request, deps, group)
    form = report_form(request, group.start_meeting, with_attendance=False)
    return deps.pages.html(request, "igangsetter/report.html", view=group, form=form)


@router.post(PAGE)
async def report(request: Request, deps: WebDeps, helper: Helper, group: StartedByMe, check: LooseCheck) -> Response:
    """Record the report; an empty number leaves the one before."""
    submission = await forms.submitted(request, ReportForm, REPORT_LABELS)
    form, content = submission.form, submission.model
    translate, now = deps.pages.gettext(request), deps.clock.now()
    if not group.can_report:
        return _too_late(request, deps, group)
    if not check.fresh:
        form, content = stale(request, deps.pages, form), None
    if content is not None:
        for name in content.missing:
            form = form.refusing(name, translate(HELD_MISSING[name]))
        if content.held_at is not None and content.held_at > now:
            form = form.refusing("held_day", translate(HELD_IN_THE_FUTURE))
    if content is not None and not form.errors:
        try:
            await _record(deps, group, content, Actor(helper.username, now, Cause.fresh()))
            done = "utsatt" if content.result == "ikke-holdt" else "forste-mote"
            return deps.pages.redirect(request, f"{group.path}?gjort={done}")
        except DomainError as error:
            form = form.refusing("result", translate(SENTENCES.get(error.slug, _OTHERWISE)))
    return deps.pages.html(request, "igangsetter/report.html", 422, view=group, form=form)


async def _record(deps: Deps, group: StarterGroup, content: ReportForm, actor: Actor) -> None:
    assert group.start_meeting is not None
    async with deps.database.transaction() as session:
        if content.result == "ikke-holdt":
            await meetings.meeting_not_held(session, deps.context, group.group.id, actor=actor)
            return
        attendance = content.attendance or group.start_meeting.attendance
        await meetings.meeting_held(
            session, deps.context, group.group.id, attendance=attendance, held_at=content.held_at, actor=actor
        )


def _too_late(request: Request, deps: Deps, group: StarterGroup) -> Response:
    if group.page == "over":
        return deps.pages.html(request, "igangsetter/over.html", 410, view=group)
    return deps.pages.redirect(request, group.path)
