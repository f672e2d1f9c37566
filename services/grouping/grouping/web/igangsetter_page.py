"""The page of an igangsetter: today, and when and where they can."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from grouping.queries.igangsetter_page import own_page
from grouping.usecases import igangsettere
from grouping.web.deps import Check, Deps, Helper, HelperActing, LooseCheck, OwnCentre, WebDeps
from grouping.web.forms import LABEL_TAKEN, OWN_TIMES_LABELS, OwnTimesForm, own_times_form, stale
from shared.errors import DomainError
from shared.kit.audit import Actor
from shared.kit.i18n import N_
from shared.kit.text import sentence_case
from shared.kit.web import forms
from shared.kit.web.state import locale_of
from shared.reference import languages
from shared.reference.centres import Centre
from shared.reference.link_purposes import CALENDAR_LINK

IGANGSETTER: Final = "/igangsetter"

DONE: Final = {
    "tider": N_("Tidene dine er lagret."),
    "ja": N_("Takk! Du starter gruppa. Vi har sendt deg en e-post om det."),
    "nei": N_("Takk for svaret. Vi spør en annen."),
    "for_sent": N_("Svaret kom ikke fram i tide, eller gruppa har endret seg. Her ser du det som gjelder nå."),
    "overlat": N_("Takk! Gruppa fortsetter på egen hånd, og alle får beskjed."),
    "pause": N_("Du får ingen nye spørsmål så lenge du har pause."),
    "tilbake": N_("Du kan få spørsmål om grupper igjen."),
}
"""The sentence on the page after an act, by the value of ``gjort`` in its address."""

router = APIRouter(include_in_schema=False)


@router.get(IGANGSETTER)
async def show_today(
    request: Request, deps: WebDeps, helper: Helper, centre: OwnCentre, gjort: Annotated[str, Query()] = ""
) -> Response:
    """Show what an igangsetter is asked, and their groups."""
    async with deps.database.transaction() as session:
        page = await own_page(session, deps.context, UUID(helper.username), centre, deps.clock.now())
    notice = DONE.get(gjort, "")
    return deps.pages.html(
        request,
        "igangsetter/today.html",
        page=page,
        centre=centre,
        notice=deps.pages.gettext(request)(notice) if notice else "",
        calendar=f"/kalenderlenke/{deps.links.token(CALENDAR_LINK, UUID(helper.username))}",
    )


@router.get(f"{IGANGSETTER}/tider")
async def show_times(request: Request, deps: WebDeps, helper: Helper, centre: OwnCentre) -> Response:
    """Show when and where an igangsetter can."""
    async with deps.database.transaction() as session:
        page = await own_page(session, deps.context, UUID(helper.username), centre, deps.clock.now())
    return _times(request, deps, centre, own_times_form(request, page.registered))


@router.post(f"{IGANGSETTER}/tider")
async def save_times(
    request: Request, deps: WebDeps, actor: HelperActing, centre: OwnCentre, check: LooseCheck
) -> Response:
    """Save when and where an igangsetter can; matching knows it at once."""
    submission = await forms.submitted(request, OwnTimesForm, OWN_TIMES_LABELS)
    form, times = submission.form, submission.model
    if not check.fresh:
        return _times(request, deps, centre, stale(request, deps.pages, form), 422)
    if times is None:
        return _times(request, deps, centre, form, 422)
    try:
        async with deps.database.transaction() as session:
            await igangsettere.save_own_times(
                session, deps.context, centre.id, UUID(actor.username), times.details, actor=actor
            )
    except DomainError as error:
        if error.slug != "label_taken":
            raise
        form = form.refusing("label", deps.pages.gettext(request)(LABEL_TAKEN))
        return _times(request, deps, centre, form, 422)
    return deps.pages.redirect(request, f"{IGANGSETTER}?gjort=tider")


@router.post(f"{IGANGSETTER}/pause")
async def pause(request: Request, deps: WebDeps, actor: HelperActing, _check: Check) -> Response:
    """Ask an igangsetter about no new groups."""
    return await _set_active(request, deps, actor, active=False)


@router.post(f"{IGANGSETTER}/tilbake")
async def resume(request: Request, deps: WebDeps, actor: HelperActing, _check: Check) -> Response:
    """Ask an igangsetter about new groups again."""
    return await _set_active(request, deps, actor, active=True)


async def _set_active(request: Request, deps: Deps, actor: Actor, *, active: bool) -> Response:
    async with deps.database.transaction() as session:
        await igangsettere.pause_igangsetter(session, deps.context, UUID(actor.username), active=active, actor=actor)
    return deps.pages.redirect(request, f"{IGANGSETTER}?gjort={'tilbake' if active else 'pause'}")


def _times(request: Request, deps: Deps, centre: Centre, form: forms.Form, status: int = 200) -> Response:
    spoken = [(code, sentence_case(languages.label(code, locale_of(request)))) for code in languages.LANGUAGES]
    return deps.pages.html(request, "igangsetter/times.html", status, form=form, centre=centre, spoken_languages=spoken)
