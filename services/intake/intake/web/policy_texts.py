"""The page on which a centre writes its own texts, with a preview before saving."""

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.domain import text_forms
from intake.domain.form import FieldError
from intake.domain.text_versions import Edition
from intake.queries import policies as queries
from intake.web.deps import Acting, Deps, LooseCheck, WebDeps
from intake.web.policies import OwnCentre
from intake.web.policy_steps import POLICIES, Decided, Steps, follow
from shared.kit.i18n import N_
from shared.kit.web import forms
from shared.reference import texts
from shared.reference.centre_texts import MAX_CHARACTERS, MAX_QUOTES, Quote
from shared.reference.centres import LANGUAGES, Centre
from shared.reference.texts import Consent, Information, Section

router = APIRouter(include_in_schema=False)

SECTIONS: Final = (
    (
        "information",
        N_("Informasjonen"),
        N_(
            "Det folk leser før de melder seg på. Det som følger av reglene, for eksempel om taushetsplikten, kommer "
            "av seg selv etter teksten. Lar dere alt stå tomt, brukes teksten som følger med systemet."
        ),
    ),
    (
        "not_now",
        N_("Kanskje ikke nå"),
        N_("Når en gruppe kanskje ikke passer. Systemet har ingen slik liste; her står bare det dere skriver."),
    ),
    (
        "quotes",
        N_("Sitater"),
        N_(
            "Ord fra folk som har vært med, uten navn. Skriv ett sitat i hvert avsnitt, og hvem det er fra på siste "
            "linje etter en tankestrek, for eksempel «– Mann, 35»."
        ),
    ),
    (
        "consent",
        N_("Samtykket"),
        N_("Hva systemet lagrer og hvor lenge, står der allerede. Her kan dere legge til noe om senteret deres."),
    ),
)
"""Name, heading (msgid) and explanation (msgid) of each text, in the order of the page."""

LABELS: Final = {
    f"{name}_{language}": label
    for name, _, _ in SECTIONS
    for language, label in (("nb", N_("Bokmål")), ("nn", N_("Nynorsk")), ("en", N_("Engelsk")))
}
_ERRORS: Final = {
    "all_languages": N_("Skriv teksten på alle tre språk, eller la alle tre stå tomme."),
    "too_long": N_("Teksten kan ha høyst %(most)s tegn."),
    "unknown_word": N_(
        "Teksten har et ord i krøllparenteser som vi ikke kjenner. Bruk {centre}, {group}, {min}, {max}, {hours} eller "
        "{first_meetings}, eller vanlige parenteser."
    ),
    "quote_form": N_("Hvert sitat må ha en siste linje med tankestrek som sier hvem det er fra."),
    "quote_long": N_("Et sitat kan ha høyst %(quote)s tegn."),
    "quote_many": N_("Det kan være høyst %(quotes)s sitater."),
    "quote_count": N_("Det må være like mange sitater på alle tre språk."),
}
_LIMITS: Final = {"most": MAX_CHARACTERS, "quote": text_forms.SHORT_MAX, "quotes": MAX_QUOTES}


@dataclass(frozen=True)
class Preview:
    """The texts in one language as people would see them."""

    language: str
    information: Information | None
    consent: Consent
    not_now: tuple[Section, ...]
    quotes: tuple[tuple[str, str], ...]


def preview_of(centre: Centre, new: Edition) -> list[Preview]:
    """Return the texts in all languages."""
    return [
        Preview(
            language,
            texts.information(new.policy, language, centre.name, new.texts),
            texts.consent_of(new.policy, new.texts, language, centre.name),
            texts.not_now(new.policy, new.texts, language, centre.name),
            quotes_in(new.texts.quotes, language),
        )
        for language in LANGUAGES
    ]


def quotes_in(quotes: tuple[Quote, ...], language: str) -> tuple[tuple[str, str], ...]:
    """Return the words of each quote and who it is by."""
    return tuple((quote.text[language], quote.by[language]) for quote in quotes)


@router.get(f"{POLICIES}/{{centre_id}}/tekster")
async def show_form(request: Request, deps: WebDeps, centre: OwnCentre) -> Response:
    """Show the form with the texts of now."""
    async with deps.database.transaction() as session:
        number = await queries.newest_number(session, centre)
    form = forms.blank(request, LABELS, dict(text_forms.form_values(centre)))
    return _form_page(request, deps, centre, form, number)


@router.post(f"{POLICIES}/{{centre_id}}/tekster")
async def change_texts(
    request: Request, deps: WebDeps, centre: OwnCentre, actor: Acting, check: LooseCheck
) -> Response:
    """Show a preview, and save the texts when the member says so; nothing that was written is lost."""
    values = forms.texts_of(await request.form(), text_forms.FIELDS)

    async def decided(form: forms.Form) -> Decided | forms.Form | None:
        own, errors = text_forms.parse(values, centre)
        if own is None:
            return _refused(request, deps, form, errors)
        return (centre.policy, own) if text_forms.changed(centre.texts, own) else None

    form = forms.blank(request, LABELS, dict(values))
    steps = Steps(_form_page, _preview_page, decided)
    return await follow(request, deps, centre, form, steps, actor=actor, check=check)


def _form_page(request: Request, deps: Deps, centre: Centre, form: forms.Form, number: int) -> Response:
    return deps.pages.html(
        request,
        "stab/texts_form.html",
        form=form,
        centre=centre,
        number=number,
        sections=SECTIONS,
        languages_of=LANGUAGES,
    )


async def _preview_page(
    request: Request, deps: Deps, centre: Centre, form: forms.Form, new: Edition, number: int
) -> Response:
    headings = {name: heading for name, heading, _ in SECTIONS}
    return deps.pages.html(
        request,
        "stab/texts_preview.html",
        form=form,
        centre=centre,
        number=number,
        changed=[headings[name] for name in text_forms.changed(centre.texts, new.texts)],
        previews=preview_of(centre, new),
        new=new,
        names=text_forms.FIELDS,
    )


def _refused(request: Request, deps: Deps, form: forms.Form, errors: tuple[FieldError, ...]) -> forms.Form:
    gettext = deps.pages.gettext(request)
    for error in errors:
        form = form.refusing(error.field, gettext(_ERRORS[error.code]) % _LIMITS)
    return form
