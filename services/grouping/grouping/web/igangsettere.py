"""Pages of igangsettere."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from grouping.queries.igangsetter_weeks import coming_weeks, weeks_rows
from grouping.queries.igangsettere import IgangsetterRow, igangsetter_rows
from grouping.store import audit_log
from grouping.usecases import igangsettere
from grouping.web.deps import Acting, Check, Deps, LooseCheck, OwnIgangsetter, SignedIn, WebDeps
from grouping.web.forms import IGANGSETTER_LABELS, LABEL_TAKEN, IgangsetterForm, back_to, igangsetter_form, stale
from shared.errors import DomainError, NotFoundError
from shared.kit.audit import Actor
from shared.kit.i18n import N_
from shared.kit.staff import StaffMember
from shared.kit.text import sentence_case
from shared.kit.web import forms
from shared.kit.web.csrf import FormCheck
from shared.kit.web.lists import ChosenList, Column, list_file, listed, ordered
from shared.kit.web.next_page import Next, NextInQuery, NextPage
from shared.kit.web.state import locale_of
from shared.reference import languages, slots

IGANGSETTERE: Final = "/stab/igangsettere"

router = APIRouter(include_in_schema=False)


@router.get(IGANGSETTERE)
async def list_igangsettere(request: Request, deps: WebDeps, member: SignedIn, choice: ChosenList) -> Response:
    """List the igangsettere of the member's centres."""
    async with deps.database.transaction() as session:
        rows = await igangsetter_rows(session, deps.context, member.tenants, deps.clock.now())
    listing = listed(IGANGSETTERE, _columns(request, deps), rows, choice, {})
    required = any(row.required for row in rows)
    return deps.pages.html(request, "stab/igangsettere.html", listing=listing, required=required)


@router.post(IGANGSETTERE)
async def download_igangsettere(
    request: Request,
    deps: WebDeps,
    member: SignedIn,
    actor: Acting,
    _check: Check,
    choice: ChosenList,
    som: Annotated[str, Form()] = "",
) -> Response:
    """Return the list as a file; recorded."""
    columns = _columns(request, deps)
    async with deps.database.transaction() as session:
        rows = await igangsetter_rows(session, deps.context, member.tenants, deps.clock.now())
        rows = tuple(ordered(columns, rows, choice))
        return await list_file(
            session, audit_log, columns, rows, "igangsettere", som, centres=member.tenants, actor=actor
        )


STATES: Final[Mapping[str, str]] = {"free": N_("ledig"), "busy": N_("opptatt"), "paused": N_("pause")}
"""States of an igangsetter (msgids), the most useful first."""


def _columns(request: Request, deps: Deps) -> list[Column[IgangsetterRow]]:
    _, locale = deps.pages.gettext(request), locale_of(request)
    order = list(STATES)

    def spoken(row: IgangsetterRow) -> str:
        return ", ".join(languages.label(code, locale) for code in row.igangsetter.languages)

    def times(row: IgangsetterRow) -> str:
        return ", ".join(slots.label(slot, locale) for slot in row.igangsetter.slots)

    def reach(row: IgangsetterRow) -> str:
        return _("%(km)s km fra %(place)s") % {"km": row.igangsetter.reach_km, "place": row.igangsetter.place}

    return [
        Column(
            "navn", _("Igangsetter"), lambda row: row.igangsetter.label, lambda row: row.igangsetter.label.casefold()
        ),
        Column("senter", _("Senter"), lambda row: row.centre.name, lambda row: row.centre.name),
        Column("grupper", _("Grupper nå"), lambda row: row.groups, lambda row: row.groups),
        Column("tilstand", _("Tilstand"), lambda row: _(STATES[row.status]), lambda row: order.index(row.status)),
        Column("tider", _("Når de kan"), times, lambda row: -len(row.igangsetter.slots)),
        Column("sprak", _("Språk"), spoken, spoken),
        Column("reisevei", _("Reisevei"), reach, lambda row: row.igangsetter.reach_km),
    ]


@router.get(f"{IGANGSETTERE}/ny")
async def show_empty_form(request: Request, deps: WebDeps, member: SignedIn, next_page: NextInQuery) -> Response:
    """Show the form for a new igangsetter."""
    centre = min(member.tenants) if len(member.tenants) == 1 else ""
    return _page(request, deps, member, igangsetter_form(request, None, centre), None, next_page)


@router.post(f"{IGANGSETTERE}/ny")
async def add_igangsetter(
    request: Request, deps: WebDeps, member: SignedIn, actor: Acting, check: LooseCheck, next_page: Next
) -> Response:
    """Add an igangsetter."""
    return await _save(request, deps, member, actor, check, None, next_page)


@router.get(f"{IGANGSETTERE}/uker")
async def show_weeks(request: Request, deps: WebDeps, member: SignedIn) -> Response:
    """Show the coming weeks of the igangsettere: who meets which group when, and who is free."""
    now = deps.clock.now()
    async with deps.database.transaction() as session:
        rows = await weeks_rows(session, deps.context, member.tenants, now)
    return deps.pages.html(request, "stab/igangsetter_weeks.html", rows=rows, weeks=coming_weeks(now), states=STATES)


@router.get(f"{IGANGSETTERE}/{{igangsetter_id}}")
async def show_igangsetter(
    request: Request, deps: WebDeps, member: SignedIn, row: OwnIgangsetter, next_page: NextInQuery
) -> Response:
    """Show one igangsetter."""
    return _page(request, deps, member, igangsetter_form(request, row.igangsetter, row.centre.id), row, next_page)


@router.post(f"{IGANGSETTERE}/{{igangsetter_id}}")
async def change_igangsetter(
    request: Request,
    deps: WebDeps,
    member: SignedIn,
    row: OwnIgangsetter,
    actor: Acting,
    check: LooseCheck,
    next_page: Next,
) -> Response:
    """Change an igangsetter."""
    return await _save(request, deps, member, actor, check, row, next_page)


@router.post(f"{IGANGSETTERE}/{{igangsetter_id}}/pause")
async def pause_igangsetter(
    request: Request, deps: WebDeps, row: OwnIgangsetter, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Pause an igangsetter."""
    async with deps.database.transaction() as session:
        await igangsettere.pause_igangsetter(session, deps.context, row.igangsetter.id, active=False, actor=actor)
    return deps.pages.redirect(request, next_page.after(IGANGSETTERE))


@router.post(f"{IGANGSETTERE}/{{igangsetter_id}}/tilbake")
async def resume_igangsetter(
    request: Request, deps: WebDeps, row: OwnIgangsetter, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Let a paused igangsetter take groups again."""
    async with deps.database.transaction() as session:
        await igangsettere.pause_igangsetter(session, deps.context, row.igangsetter.id, active=True, actor=actor)
    return deps.pages.redirect(request, next_page.after(IGANGSETTERE))


@router.post(f"{IGANGSETTERE}/{{igangsetter_id}}/slett")
async def delete_igangsetter(
    request: Request, deps: WebDeps, row: OwnIgangsetter, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Delete an igangsetter without a group."""
    async with deps.database.transaction() as session:
        await igangsettere.remove_igangsetter(session, deps.context, row.igangsetter.id, actor=actor)
    return deps.pages.redirect(request, next_page.after(IGANGSETTERE))


async def _save(
    request: Request,
    deps: Deps,
    member: StaffMember,
    actor: Actor,
    check: FormCheck,
    row: IgangsetterRow | None,
    next_page: NextPage,
) -> Response:
    submission = await forms.submitted(request, IgangsetterForm, IGANGSETTER_LABELS)
    form, igangsetter = submission.form, submission.model
    if not check.fresh:
        return _page(request, deps, member, stale(request, deps.pages, form), row, next_page)
    if igangsetter is None:
        return _page(request, deps, member, form, row, next_page)
    if not member.covers(igangsetter.centre) or (row is not None and row.centre.id != igangsetter.centre):
        raise NotFoundError("unknown_centre", centre=igangsetter.centre)
    igangsetter_id = row.igangsetter.id if row is not None else None
    try:
        async with deps.database.transaction() as session:
            saved = await igangsettere.save_igangsetter(
                session,
                deps.context,
                igangsetter.centre,
                igangsetter.details,
                igangsetter_id=igangsetter_id,
                actor=actor,
            )
    except DomainError as error:
        if error.slug != "label_taken":
            raise
        form = form.refusing("label", deps.pages.gettext(request)(LABEL_TAKEN))
        return _page(request, deps, member, form, row, next_page)
    earlier = igangsetter_form(request, row.igangsetter, row.centre.id) if row is not None else None
    return deps.pages.redirect(request, next_page.after(IGANGSETTERE), back_to(f"{IGANGSETTERE}/{saved}", earlier))


def _page(
    request: Request, deps: Deps, member: StaffMember, form: forms.Form, row: IgangsetterRow | None, next_page: NextPage
) -> Response:
    centres = [(centre.id, centre.name) for centre in deps.context.centres.all if member.covers(centre.id)]
    spoken = [(code, sentence_case(languages.label(code, locale_of(request)))) for code in languages.LANGUAGES]
    return deps.pages.html(
        request,
        "stab/igangsetter.html",
        form=form,
        row=row,
        next_page=next_page,
        centres=centres,
        spoken_languages=spoken,
    )
