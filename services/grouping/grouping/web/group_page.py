"""The page of one group, which several modules show again with a form that was refused."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from grouping.queries.groups import GroupRef, GroupView, group_view
from grouping.web.deps import Deps
from grouping.web.forms import DECISION_LABELS, meeting_form
from grouping.web.history import group_history
from grouping.web.next_step import group_step
from grouping.web.report_forms import report_form
from grouping.web.running_forms import more_form, pledge_form, visit_form
from shared.errors import NotFoundError
from shared.kit.web import forms


async def load_group_view(deps: Deps, group: GroupRef, task_id: UUID | None = None) -> GroupView:
    """
    Read a group, and the task that its page was opened for.

    Raises:
        NotFoundError: ``unknown_group``.
    """
    async with deps.database.transaction() as session:
        view = await group_view(session, deps.context, group.id, deps.clock.now(), task_id)
    if view is None:
        raise NotFoundError("unknown_group", group_id=group.id)
    return view


def group_page(
    request: Request,
    deps: Deps,
    view: GroupView,
    *,
    meeting: forms.Form | None = None,
    report: forms.Form | None = None,
    small_start: forms.Form | None = None,
    pledge: forms.Form | None = None,
    more: forms.Form | None = None,
    visit: forms.Form | None = None,
    status: int | None = None,
) -> Response:
    """Show a group, by default with fresh forms; one that was refused is shown as it was sent."""
    running = view.life
    return deps.pages.html(
        request,
        "stab/group.html",
        status,
        view=view,
        step=group_step(view),
        moments=group_history(deps.pages.gettext(request), view),
        form=meeting or report or small_start or pledge or more or visit,
        small_start=small_start or forms.blank(request, DECISION_LABELS, {}),
        times=meeting
        or meeting_form(request, view.start_meeting, view.proposed_at, address_known="address" not in view.lacks),
        report=report or report_form(request, view.start_meeting),
        pledge=pledge or (pledge_form(request, running) if running else None),
        more=more or more_form(request),
        visiting=visit or (visit_form(request, running, address_known=view.address_known) if running else None),
    )
