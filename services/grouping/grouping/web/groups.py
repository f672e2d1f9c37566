"""Which groups are on their way, and what staff decide about one."""

from datetime import UTC, date, datetime, time
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, StringConstraints
from starlette.exceptions import HTTPException
from starlette.responses import Response

from grouping.domain.groups import GroupState
from grouping.queries import groups, rooms
from grouping.queries.groups import GroupView
from grouping.usecases import groups as commands
from grouping.usecases.context import GroupingContext
from grouping.web.deps import IN_THE_PAST, Check, Coordinator, LooseCheck, by
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.i18n import N_
from shared.kit.staff import StaffMember
from shared.kit.web import csrf, forms
from shared.kit.web.messages import FieldText, Label
from shared.kit.web.pages import Pages
from shared.timezone import OSLO_TZ

SHOWN: dict[str, tuple[GroupState, ...]] = {
    "pa-vei": (GroupState.DRAFTED, GroupState.PROPOSED, GroupState.CONFIRMED),
    "startet": (GroupState.STARTED,),
    "avlyst": (GroupState.CANCELLED,),
}
"""The lists of groups, by the word in the address."""

MEETING_LABELS: dict[str, Label] = {
    "day": FieldText(N_("Dato"), missing=N_("Velg en dato for oppstartsmøtet.")),
    "clock": FieldText(N_("Klokkeslett"), missing=N_("Skriv når møtet begynner, for eksempel 18:00.")),
    "place_text": FieldText(N_("Sted"), missing=N_("Skriv hvor de skal møtes.")),
}


class Meeting(BaseModel):
    """When and where a group starts."""

    day: date
    clock: time
    place_text: Annotated[str, StringConstraints(min_length=3, max_length=200)]

    @property
    def meets_at(self) -> datetime:
        """The moment, from Norwegian wall clocks."""
        return datetime.combine(self.day, self.clock, tzinfo=OSLO_TZ).astimezone(UTC)


def router(pages: Pages, database: Database, office: GroupingContext, clock: Clock) -> APIRouter:
    """``/stab/grupper``; another centre's groups are not found."""
    routes = APIRouter(include_in_schema=False)

    async def page(request: Request, view: GroupView, form: forms.Form, status: int | None = None) -> Response:
        async with database.transaction() as session:
            means = await rooms.means_of(session, view.centre, view.area, view.group, clock.now())
        return pages.html(request, "group.html", status, view=view, means=means, form=form)

    @routes.get("/stab/grupper")
    async def group_list(
        request: Request, member: Coordinator, vis: Literal["pa-vei", "startet", "avlyst"] = "pa-vei"
    ) -> Response:
        async with database.transaction() as session:
            lines = await groups.group_lines(session, office, member.tenants, SHOWN[vis])
        return pages.html(request, "groups.html", lines=lines, shown=vis)

    @routes.get("/stab/grupper/{group_id}")
    async def group(request: Request, member: Coordinator, group_id: UUID) -> Response:
        view = await own_group(database, office, member, group_id)
        return await page(request, view, _meeting_form(request, view))

    @routes.post("/stab/grupper/{group_id}/mote")
    async def set_meeting(request: Request, member: Coordinator, check: LooseCheck, group_id: UUID) -> Response:
        view = await own_group(database, office, member, group_id)
        sent = await forms.submitted(request, Meeting, MEETING_LABELS)
        if not check.fresh:
            stale = sent.form.saying(pages.gettext(request)(csrf.STALE))
            return await page(request, view, stale, 422)
        if sent.model is None:
            return await page(request, view, sent.form)
        if sent.model.meets_at <= clock.now():
            refused = sent.form.refusing("day", pages.gettext(request)(IN_THE_PAST))
            return await page(request, view, refused)
        async with database.transaction() as session:
            await commands.set_meeting(
                session,
                office,
                group_id,
                meets_at=sent.model.meets_at,
                place_text=sent.model.place_text,
                **by(member, clock),
            )
        return pages.redirect(request, f"/stab/grupper/{group_id}")

    @routes.post("/stab/grupper/{group_id}/ikke-holdt")
    async def not_held(request: Request, member: Coordinator, _check: Check, group_id: UUID) -> Response:
        await own_group(database, office, member, group_id)
        async with database.transaction() as session:
            await commands.meeting_not_held(session, office, group_id, **by(member, clock))
        return pages.redirect(request, f"/stab/grupper/{group_id}")

    @routes.post("/stab/grupper/{group_id}/avlys")
    async def cancel(request: Request, member: Coordinator, _check: Check, group_id: UUID) -> Response:
        await own_group(database, office, member, group_id)
        async with database.transaction() as session:
            await commands.cancel_group(session, office, group_id, **by(member, clock))
        return pages.redirect(request, f"/stab/grupper/{group_id}")

    return routes


async def own_group(database: Database, office: GroupingContext, member: StaffMember, group_id: UUID) -> GroupView:
    """A group of one of this person's centres; others are not found, so that nobody learns that they exist."""
    async with database.transaction() as session:
        view = await groups.group_view(session, office, group_id)
    if view is None or not member.covers(view.group.centre):
        raise HTTPException(404)
    return view


def _meeting_form(request: Request, view: GroupView) -> forms.Form:
    """The form with what is set now."""
    values = {"place_text": view.group.place_text or ""}
    if view.group.meets_at is not None:
        local = view.group.meets_at.astimezone(OSLO_TZ)
        values |= {"day": local.date().isoformat(), "clock": local.strftime("%H:%M")}
    return forms.blank(request, MEETING_LABELS, values)
