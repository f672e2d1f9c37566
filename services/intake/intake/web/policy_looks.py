"""The page on which a centre decides its telephone, its hours and its colours, with a preview before saving."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.domain import look_forms
from intake.domain.form import FieldError
from intake.queries import policies as queries
from intake.usecases import policies
from intake.web.deps import Acting, Deps, LooseCheck, WebDeps
from intake.web.policies import MEANWHILE, NOTHING_CHANGED, POLICIES, TOO_LONG, OwnCentre
from shared.errors import DomainError
from shared.kit.i18n import N_, format_decimal
from shared.kit.web import csrf, forms
from shared.kit.web.state import locale_of
from shared.reference.branding import LEAST_CONTRAST, readable
from shared.reference.centre_look import CentreLook
from shared.reference.centres import Centre

router = APIRouter(include_in_schema=False)

LABELS: Final = {
    "phone": N_("Telefon"),
    "hours_nb": N_("Når dere svarer, på bokmål"),
    "hours_nn": N_("Når dere svarer, på nynorsk"),
    "hours_en": N_("Når dere svarer, på engelsk"),
    "color": N_("Farge på lyse sider"),
    "color_dark": N_("Farge på mørke sider"),
}
_ERRORS: Final = {
    "phone": N_("Skriv et nummer med bare tall og mellomrom, for eksempel 55 12 34 56."),
    "all_languages": N_("Skriv tiden på alle tre språk, eller la alle tre stå tomme."),
    "hours": N_("Tiden kan ha høyst %(most)s tegn, på én linje."),
    "color_form": N_("Skriv fargen med seks tegn etter #, for eksempel #1f5e4b."),
    "color_missing": N_("Velg også en farge for lyse sider."),
    "color_contrast": N_(
        "Fargen er for lys til å leses: kontrasten er %(found)s, og tekst trenger %(least)s. Velg en mørkere. "
        "Den nærmeste som kan leses, er %(better)s."
    ),
    "color_dark_contrast": N_(
        "Fargen er for mørk til å leses: kontrasten er %(found)s, og tekst trenger %(least)s. Velg en lysere. "
        "Den nærmeste som kan leses, er %(better)s."
    ),
}


@router.get(f"{POLICIES}/{{centre_id}}/utseende")
async def show_form(request: Request, deps: WebDeps, centre: OwnCentre) -> Response:
    """Show the form with what holds now."""
    async with deps.database.transaction() as session:
        number = await queries.newest_number(session, centre)
    return _form_page(request, deps, centre, forms.blank(request, LABELS, look_forms.form_values(centre)), number)


@router.post(f"{POLICIES}/{{centre_id}}/utseende")
async def change_look(  # noqa: PLR0911 - one return for each page that can follow
    request: Request, deps: WebDeps, centre: OwnCentre, actor: Acting, check: LooseCheck
) -> Response:
    """Show a preview, and save the look when the member says so; nothing that was written is lost."""
    sent = await request.form()
    values = forms.texts_of(sent, look_forms.FIELDS)
    form = forms.blank(request, LABELS, dict(values))
    gettext = deps.pages.gettext(request)
    async with deps.database.transaction() as session:
        number = await queries.newest_number(session, centre)
    if not check.fresh:
        return _form_page(request, deps, centre, form.saying(gettext(csrf.STALE)), number)
    if forms.SWITCH in sent or sent.get("steg") == "endre":
        return _form_page(request, deps, centre, form, number)
    look, errors = look_forms.parse(values)
    if look is None:
        return _form_page(request, deps, centre, _refused(request, deps, form, errors), number)
    new = centre.deciding(centre.policy, centre.texts.model_copy(update={"look": look}))
    if look_forms.form_values(new) == look_forms.form_values(centre):
        return _form_page(request, deps, centre, form.saying(gettext(NOTHING_CHANGED)), number)
    if sent.get("steg") != "lagre":
        return _preview_page(request, deps, new, look, form, number)
    if sent.get("based_on") != str(number):
        return _preview_page(request, deps, new, look, form.saying(gettext(MEANWHILE)), number)
    try:
        async with deps.database.transaction() as session:
            await policies.save(session, deps.directory, centre, centre.policy, new.texts, based_on=number, actor=actor)
    except DomainError as error:
        if error.slug == "policy_changed_meanwhile":
            return _preview_page(request, deps, new, look, form.saying(gettext(MEANWHILE)), number)
        if error.slug != "texts_too_long":
            raise
        return _form_page(request, deps, centre, form.saying(gettext(TOO_LONG)), number)
    return deps.pages.redirect(request, f"{POLICIES}/{centre.id}?lagret=ja")


def _form_page(request: Request, deps: Deps, centre: Centre, form: forms.Form, number: int) -> Response:
    return deps.pages.html(request, "stab/look_form.html", form=form, centre=centre, number=number)


def _preview_page(
    request: Request, deps: Deps, new: Centre, look: CentreLook, form: forms.Form, number: int
) -> Response:
    return deps.pages.html(
        request,
        "stab/look_preview.html",
        form=form,
        centre=new,
        look=look,
        number=number,
        names=look_forms.FIELDS,
    )


def _refused(request: Request, deps: Deps, form: forms.Form, errors: tuple[FieldError, ...]) -> forms.Form:
    gettext = deps.pages.gettext(request)
    for error in errors:
        values: dict[str, object] = {"most": look_forms.HOURS_MAX}
        if error.code.endswith("contrast"):
            color = f"#{form.value(error.field).strip().removeprefix('#')}"
            dark = error.field == "color_dark"
            values |= {
                "found": format_decimal(look_forms.worst_contrast(color, dark=dark), locale_of(request)),
                "least": format_decimal(LEAST_CONTRAST, locale_of(request)),
                "better": readable(color, dark=dark),
            }
        form = form.refusing(error.field, gettext(_ERRORS[error.code]) % values)
    return form
