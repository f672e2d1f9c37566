"""The rooms where a centre's groups can meet, and who has them when."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from grouping.queries import rooms
from grouping.queries.rooms import RoomLine
from grouping.usecases import rooms as commands
from grouping.usecases.context import GroupingContext
from grouping.usecases.locking import By
from grouping.web import forms as register_forms
from grouping.web.deps import Check, Coordinator, LooseCheck, by
from grouping.web.forms import NAME_TAKEN, ROOM_LABELS, RoomForm
from shared.errors import DomainError
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.staff import StaffMember
from shared.kit.web import csrf, forms
from shared.kit.web.csrf import FormCheck
from shared.kit.web.pages import Pages

LIST = "/stab/rom"


@dataclass(frozen=True)
class _Work:
    """What the pages of rooms have in common; another centre's are not found."""

    pages: Pages
    database: Database
    office: GroupingContext
    clock: Clock

    async def own(self, member: StaffMember, room_id: str) -> RoomLine:
        async with self.database.transaction() as session:
            line = await rooms.room_line(session, self.office, room_id, member.tenants)
        if line is None:
            raise HTTPException(404)
        return line

    def areas(self, member: StaffMember) -> list[tuple[str, str]]:
        """The areas that this person can put a room in, with their names."""
        return [
            (area.id, area.name)
            for centre in self.office.centres.all
            if member.covers(centre.id)
            for area in sorted(centre.areas, key=lambda area: area.name)
        ]

    def page(self, request: Request, member: StaffMember, form: forms.Form, line: RoomLine | None) -> Response:
        return self.pages.html(request, "room.html", form=form, line=line, areas=self.areas(member))

    async def save(self, request: Request, member: StaffMember, check: FormCheck, line: RoomLine | None) -> Response:
        _ = self.pages.gettext(request)
        sent = await forms.submitted(request, RoomForm, ROOM_LABELS)
        if not check.fresh:
            return self.page(request, member, sent.form.saying(_(csrf.STALE)), line)
        if sent.model is None:
            return self.page(request, member, sent.form, line)
        if sent.model.area not in dict(self.areas(member)) or (line and line.area.id != sent.model.area):
            raise HTTPException(404)
        try:
            async with self.database.transaction() as session:
                await commands.save_room(
                    session,
                    self.office,
                    sent.model.area,
                    sent.model.about,
                    room_id=line.room.id if line else None,
                    by=By(**by(member, self.clock)),
                )
        except DomainError as refusal:
            if refusal.slug != "name_taken":
                raise
            return self.page(request, member, sent.form.refusing("name", _(NAME_TAKEN)), line)
        return self.pages.redirect(request, LIST)

    async def pause(self, request: Request, member: StaffMember, room_id: str, *, active: bool) -> Response:
        await self.own(member, room_id)
        async with self.database.transaction() as session:
            await commands.pause_room(session, self.office, room_id, active=active, by=By(**by(member, self.clock)))
        return self.pages.redirect(request, LIST)


def router(pages: Pages, database: Database, office: GroupingContext, clock: Clock) -> APIRouter:
    """``/stab/rom``."""
    routes = APIRouter(include_in_schema=False)
    work = _Work(pages, database, office, clock)

    @routes.get(LIST)
    async def room_list(request: Request, member: Coordinator) -> Response:
        async with database.transaction() as session:
            lines = await rooms.room_lines(session, office, member.tenants)
        return pages.html(request, "rooms.html", lines=lines)

    @routes.get(f"{LIST}/nytt")
    async def new(request: Request, member: Coordinator) -> Response:
        areas = work.areas(member)
        area = areas[0][0] if len(areas) == 1 else ""
        return work.page(request, member, register_forms.room_form(request, None, area), None)

    @routes.post(f"{LIST}/nytt")
    async def add(request: Request, member: Coordinator, check: LooseCheck) -> Response:
        return await work.save(request, member, check, None)

    @routes.get(f"{LIST}/{{room_id}}")
    async def room(request: Request, member: Coordinator, room_id: str) -> Response:
        line = await work.own(member, room_id)
        return work.page(request, member, register_forms.room_form(request, line.room, line.area.id), line)

    @routes.post(f"{LIST}/{{room_id}}")
    async def change(request: Request, member: Coordinator, check: LooseCheck, room_id: str) -> Response:
        return await work.save(request, member, check, await work.own(member, room_id))

    @routes.post(f"{LIST}/{{room_id}}/pause")
    async def pause(request: Request, member: Coordinator, _check: Check, room_id: str) -> Response:
        return await work.pause(request, member, room_id, active=False)

    @routes.post(f"{LIST}/{{room_id}}/tilbake")
    async def back(request: Request, member: Coordinator, _check: Check, room_id: str) -> Response:
        return await work.pause(request, member, room_id, active=True)

    @routes.post(f"{LIST}/{{room_id}}/slett")
    async def remove(request: Request, member: Coordinator, _check: Check, room_id: str) -> Response:
        await work.own(member, room_id)
        async with database.transaction() as session:
            await commands.remove_room(session, office, room_id, by=By(**by(member, clock)))
        return pages.redirect(request, LIST)

    return routes
