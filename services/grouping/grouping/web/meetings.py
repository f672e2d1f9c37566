"""Time and place of the start meeting, and reports on it."""

from dataclasses import replace
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from grouping.usecases import meetings
from grouping.web.deps import Acting, Deps, LooseCheck, OwnGroup, StaffPress, WebDeps
from grouping.web.forms import MEETING_LABELS, PLACE_MISSING, MeetingForm, stale
from grouping.web.group_page import group_page, load_group_view
from grouping.web.messages import HOLIDAY, IN_THE_PAST, SENTENCES
from grouping.web.report_forms import REPORT_LABELS, ReportForm, checked_report, record_report
from shared.errors import DomainError
from shared.kit.i18n import format_date
from shared.kit.text import sentence_case
from shared.kit.web import forms
from shared.kit.web.next_page import Next
from shared.kit.web.state import locale_of
from shared.reference.holidays import Holiday, holiday_label

router = APIRouter(include_in_schema=False)

LEAST_PLACE_TEXT: Final = 3
"""Characters that a place needs at least."""


@router.post("/stab/grupper/{group_id}/mote")
async def set_meeting(
    request: Request, deps: WebDeps, group: OwnGroup, actor: Acting, check: LooseCheck, next_page: Next
) -> Response:
    """Set time and place of the start meeting."""
    submission = await forms.submitted(request, MeetingForm, MEETING_LABELS)
    form, meeting = submission.form, submission.model
    if not check.fresh:
        form = stale(request, deps.pages, form)
        return group_page(
            request, deps, await load_group_view(deps, group, next_page.task_on_page), meeting=form, status=422
        )
    view = await load_group_view(deps, group, next_page.task_on_page)
    place_text = meeting.place_text if meeting is not None else ""
    if meeting is not None and not place_text and view.start_meeting is not None and "address" in view.lacks:
        place_text = view.start_meeting.place_text
    if meeting is not None and len(place_text) < LEAST_PLACE_TEXT:
        form, meeting = form.refusing("place_text", deps.pages.gettext(request)(PLACE_MISSING)), None
    if meeting is not None and meeting.meets_at <= actor.now:
        form, meeting = form.refusing("day", deps.pages.gettext(request)(IN_THE_PAST)), None
    if meeting is not None and (holiday := meeting.unexpected_holiday):
        form = _warned(request, deps, form, meeting, holiday)
        return group_page(request, deps, view, meeting=form, status=422)
    if meeting is None:
        return group_page(request, deps, view, meeting=form)
    try:
        async with deps.database.transaction() as session:
            await meetings.set_meeting(
                session, deps.context, group.id, meets_at=meeting.meets_at, place_text=place_text, actor=actor
            )
    except DomainError as error:
        if error.slug != "room_taken":
            raise
        form = form.refusing("clock", deps.pages.gettext(request)(SENTENCES[error.slug]))
        return group_page(request, deps, view, meeting=form)
    still_lacking = not meeting.place_text and view.task is not None and view.task.kind == "meeting_lacks_address"
    after = next_page.unfinished if still_lacking else next_page.after
    return deps.pages.redirect(request, after(group.path))


@router.post("/stab/grupper/{group_id}/ikke-holdt")
async def mark_not_held(press: StaffPress) -> Response:
    """Postpone the start meeting, before it or after it."""
    return await press.do(meetings.meeting_not_held, actor=press.actor)


@router.post("/stab/grupper/{group_id}/rapport")
async def report_meeting(
    request: Request, deps: WebDeps, group: OwnGroup, actor: Acting, check: LooseCheck, next_page: Next
) -> Response:
    """Record whether the start meeting was held, when, and how many came."""
    submission = await forms.submitted(request, ReportForm, REPORT_LABELS)
    form, report = submission.form, submission.model
    if not check.fresh:
        form = stale(request, deps.pages, form)
        return group_page(
            request, deps, await load_group_view(deps, group, next_page.task_on_page), report=form, status=422
        )
    form = checked_report(form, report, deps.pages.gettext(request), actor.now)
    if report is None or form.errors:
        return group_page(request, deps, await load_group_view(deps, group, next_page.task_on_page), report=form)
    await record_report(deps, group.id, report, report.attendance, actor=actor)
    return deps.pages.redirect(request, next_page.after(group.path))


def _warned(request: Request, deps: Deps, form: forms.Form, meeting: MeetingForm, holiday: Holiday) -> forms.Form:
    """Return the form with a warning about a holiday; sent again as it is, it is accepted."""
    locale = locale_of(request)
    sentence = deps.pages.gettext(request)(HOLIDAY) % {
        "day": sentence_case(format_date(meeting.day, locale)),
        "holiday": holiday_label(holiday, locale),
    }
    return replace(form, values={**form.values, "anyway": meeting.day.isoformat()}).refusing("day", sentence)
