"""The page on which a centre decides its telephone, hours, colours, logo and picture, with a preview before saving."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.domain import look_forms, picture_forms
from intake.domain.form import FieldError
from intake.domain.text_versions import Edition
from intake.queries import policies as queries
from intake.web import look_pictures
from intake.web.deps import Acting, Deps, LooseCheck, WebDeps
from intake.web.policies import OwnCentre
from intake.web.policy_steps import POLICIES, Decided, Steps, follow
from shared.kit.i18n import N_, format_decimal
from shared.kit.web import forms
from shared.kit.web.state import locale_of
from shared.reference.brand_pictures import LIMITS
from shared.reference.branding import LEAST_CONTRAST, readable
from shared.reference.centres import Centre

router = APIRouter(include_in_schema=False)

LABELS: Final = {
    "phone": N_("Telefon"),
    "hours_nb": N_("Når dere svarer, på bokmål"),
    "hours_nn": N_("Når dere svarer, på nynorsk"),
    "hours_en": N_("Når dere svarer, på engelsk"),
    "color": N_("Farge på lyse sider"),
    "color_dark": N_("Farge på mørke sider"),
    **look_pictures.LABELS,
}
FIELDS: Final = (*look_forms.FIELDS, *picture_forms.FIELDS)
_ERRORS: Final = {
    "phone": N_("Skriv et nummer med bare tall og mellomrom, for eksempel 55 12 34 56."),
    "all_languages": N_("Skriv tiden på alle tre språk, eller la alle tre stå tomme."),
    "hours": N_("Tiden kan ha høyst %(most)s tegn, på én linje."),
    "color_form": N_("Skriv fargen med seks tegn etter #, for eksempel #1f5e4b."),
    "color_missing": N_("Velg også en farge for lyse sider."),
    **look_pictures.ERRORS,
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
    return _form_page(request, deps, centre, forms.blank(request, LABELS, _values(centre)), number)


@router.post(f"{POLICIES}/{{centre_id}}/utseende")
async def change_look(request: Request, deps: WebDeps, centre: OwnCentre, actor: Acting, check: LooseCheck) -> Response:
    """Show a preview, and save the look when the member says so; nothing that was written is lost."""
    sent = await request.form()
    values = forms.texts_of(sent, FIELDS)
    faults = await look_pictures.take(deps, centre, sent, values)

    async def decided(form: forms.Form) -> Decided | forms.Form | None:
        look, errors = look_forms.parse(values)
        stored = await look_pictures.named(deps, centre, values)
        pictures, more_errors = picture_forms.parse(values, stored)
        if faults or look is None or pictures is None:
            return _refused(request, deps, form, (*errors, *faults, *more_errors))
        own = centre.texts
        if look_forms.form_values(centre.deciding(centre.policy, own.model_copy(update={"look": look}))) != (
            look_forms.form_values(centre)
        ):
            own = own.model_copy(update={"look": look})
        if any(values[name] != now for name, now in picture_forms.form_values(centre).items()):
            own = own.model_copy(update={"pictures": pictures})
        return (centre.policy, own) if own != centre.texts else None

    form = forms.blank(request, LABELS, dict(values))
    steps = Steps(_form_page, _preview_page, decided)
    return await follow(request, deps, centre, form, steps, actor=actor, check=check)


def _form_page(request: Request, deps: Deps, centre: Centre, form: forms.Form, number: int) -> Response:
    return deps.pages.html(
        request,
        "stab/look_form.html",
        form=form,
        centre=centre,
        number=number,
        limits={name: limit // 1000 for name, limit in LIMITS.items()},
    )


async def _preview_page(
    request: Request, deps: Deps, centre: Centre, form: forms.Form, new: Edition, number: int
) -> Response:
    return deps.pages.html(
        request,
        "stab/look_preview.html",
        form=form,
        centre=centre.deciding(new.policy, new.texts),
        number=number,
        names=FIELDS,
    )


def _values(centre: Centre) -> dict[str, str]:
    return {**look_forms.form_values(centre), **picture_forms.form_values(centre)}


def _refused(request: Request, deps: Deps, form: forms.Form, errors: tuple[FieldError, ...]) -> forms.Form:
    gettext = deps.pages.gettext(request)
    for error in errors:
        values: dict[str, object] = {"most": look_forms.HOURS_MAX, "alt": picture_forms.ALT_MAX}
        if error.code == "large":
            values["kb"] = LIMITS[error.field] // 1000
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
