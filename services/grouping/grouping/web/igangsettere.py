"""Who starts groups for a centre."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from grouping.queries import rooms
from grouping.queries.rooms import IgangsetterLine
from grouping.usecases import igangsettere as commands
from grouping.usecases.context import GroupingContext
from grouping.usecases.locking import By
from grouping.web import forms as register_forms
from grouping.web.deps import Check, Coordinator, LooseCheck, by
from grouping.web.forms import IGANGSETTER_LABELS, LABEL_TAKEN, IgangsetterForm
from shared.errors import DomainError
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.staff import StaffMember
from shared.kit.web import csrf, forms
from shared.kit.web.csrf import FormCheck
from shared.kit.web.pages import Pages
from shared.reference.languages import LANGUAGES

LIST = "/stab/igangsettere"


@dataclass(frozen=True)
class _Work:
    """What the pages of igangsettere have in common; another centre's are not found."""

    pages: Pages
    database: Database
    office: GroupingContext
    clock: Clock

    async def own(self, member: StaffMember, igangsetter_id: UUID) -> IgangsetterLine:
        async with self.database.transaction() as session:
            line = await rooms.igangsetter_line(session, self.office, igangsetter_id, member.tenants, self.clock.now())
        if line is None:
            raise HTTPException(404)
        return line

    def page(self, request: Request, member: StaffMember, form: forms.Form, line: IgangsetterLine | None) -> Response:
        centres = [(centre.id, centre.name) for centre in self.office.centres.all if member.covers(centre.id)]
        return self.pages.html(
            request, "igangsetter.html", form=form, line=line, centres=centres, spoken_languages=[*LANGUAGES]
        )

    async def save(
        self, request: Request, member: StaffMember, check: FormCheck, line: IgangsetterLine | None
    ) -> Response:
        _ = self.pages.gettext(request)
        sent = await forms.submitted(request, IgangsetterForm, IGANGSETTER_LABELS)
        if not check.fresh:
            return self.page(request, member, sent.form.saying(_(csrf.STALE)), line)
        if sent.model is None:
            return self.page(request, member, sent.form, line)
        if not member.covers(sent.model.centre) or (line and line.centre.id != sent.model.centre):
            raise HTTPException(404)
        try:
            async with self.database.transaction() as session:
                await commands.save_igangsetter(
                    session,
                    self.office,
                    sent.model.centre,
                    sent.model.about,
                    igangsetter_id=line.busy.igangsetter.id if line else None,
                    by=By(**by(member, self.clock)),
                )
        except DomainError as refusal:
            if refusal.slug != "label_taken":
                raise
            return self.page(request, member, sent.form.refusing("label", _(LABEL_TAKEN)), line)
        return self.pages.redirect(request, LIST)

    async def pause(self, request: Request, member: StaffMember, igangsetter_id: UUID, *, active: bool) -> Response:
        await self.own(member, igangsetter_id)
        async with self.database.transaction() as session:
            await commands.pause_igangsetter(
                session, self.office, igangsetter_id, active=active, by=By(**by(member, self.clock))
            )
        return self.pages.redirect(request, LIST)


def router(pages: Pages, database: Database, office: GroupingContext, clock: Clock) -> APIRouter:
    """``/stab/igangsettere``."""
    routes = APIRouter(include_in_schema=False)
    work = _Work(pages, database, office, clock)

    @routes.get(LIST)
    async def igangsettere(request: Request, member: Coordinator) -> Response:
        async with database.transaction() as session:
            lines = await rooms.igangsetter_lines(session, office, member.tenants, clock.now())
        return pages.html(request, "igangsettere.html", lines=lines)

    @routes.get(f"{LIST}/ny")
    async def new(request: Request, member: Coordinator) -> Response:
        centre = min(member.tenants) if len(member.tenants) == 1 else ""
        return work.page(request, member, register_forms.igangsetter_form(request, None, centre), None)

    @routes.post(f"{LIST}/ny")
    async def add(request: Request, member: Coordinator, check: LooseCheck) -> Response:
        return await work.save(request, member, check, None)

    @routes.get(f"{LIST}/{{igangsetter_id}}")
    async def igangsetter(request: Request, member: Coordinator, igangsetter_id: UUID) -> Response:
        line = await work.own(member, igangsetter_id)
        form = register_forms.igangsetter_form(request, line.busy.igangsetter, line.centre.id)
        return work.page(request, member, form, line)

    @routes.post(f"{LIST}/{{igangsetter_id}}")
    async def change(request: Request, member: Coordinator, check: LooseCheck, igangsetter_id: UUID) -> Response:
        return await work.save(request, member, check, await work.own(member, igangsetter_id))

    @routes.post(f"{LIST}/{{igangsetter_id}}/pause")
    async def pause(request: Request, member: Coordinator, _check: Check, igangsetter_id: UUID) -> Response:
        return await work.pause(request, member, igangsetter_id, active=False)

    @routes.post(f"{LIST}/{{igangsetter_id}}/tilbake")
    async def back(request: Request, member: Coordinator, _check: Check, igangsetter_id: UUID) -> Response:
        return await work.pause(request, member, igangsetter_id, active=True)

    @routes.post(f"{LIST}/{{igangsetter_id}}/slett")
    async def remove(request: Request, member: Coordinator, _check: Check, igangsetter_id: UUID) -> Response:
        await work.own(member, igangsetter_id)
        async with database.transaction() as session:
            await commands.remove_igangsetter(session, office, igangsetter_id, by=By(**by(member, clock)))
        return pages.redirect(request, LIST)

    return routes
