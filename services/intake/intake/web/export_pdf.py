"""The export of a person as a PDF that people can read: every field of the JSON, in words."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from intake.web.deps import Deps
from intake.web.labels import STATES, WISHES, area_names, centre_names, kommune_names
from shared.kit.i18n import N_, Texts, format_when
from shared.kit.pdf import Document
from shared.kit.web.pages import pages_of
from shared.reference import languages, slots
from shared.reference.centres import Centres
from shared.reference.places import Places

SECTIONS: Final[Mapping[str, str]] = {
    "person": N_("Om deg"),
    "signups": N_("Påmeldinger"),
    "talks": N_("Forsamtaler"),
    "consents": N_("Samtykker"),
    "contact_read": N_("Hvem som har lest navnet, adressen eller nummeret ditt"),
}
FIELDS: Final[Mapping[str, str]] = {
    "id": N_("Nummer i systemet"),
    "email": N_("E-post"),
    "first_name": N_("Fornavn"),
    "mobile": N_("Mobilnummer"),
    "language": N_("Språk i meldinger"),
    "created_at": N_("Registrert"),
    "confirmed_at": N_("Bekreftet"),
    "signup_id": N_("Nummer på påmeldingen"),
    "state": N_("Tilstand"),
    "centre": N_("Senter"),
    "area": N_("Område"),
    "kommune": N_("Kommune"),
    "latitude": N_("Breddegrad, omtrent"),
    "longitude": N_("Lengdegrad, omtrent"),
    "slots": N_("Tider som passer"),
    "slots_if_needed": N_("Tider som kan gå om det trengs"),
    "digital": N_("Gruppe på skjerm"),
    "languages": N_("Språk i gruppa"),
    "max_travel_km": N_("Lengste reisevei i km"),
    "wheelchair": N_("Trenger et sted uten trapper"),
    "groups_also": N_("Ønsker om gruppa"),
    "groups_only": N_("Ønsker som må oppfylles"),
    "signed_up_at": N_("Meldt på"),
    "read_at": N_("Lest informasjonen"),
    "read_version": N_("Utgave som er lest"),
    "talked_at": N_("Forsamtale holdt"),
    "withdrawn_at": N_("Meldt av"),
    "expires_at": N_("Slettes uten bekreftelse"),
    "group_id": N_("Nummer på gruppa"),
    "placed_at": N_("Siste endring av plassen"),
    "typed_first_name": N_("Fornavn i skjemaet"),
    "typed_mobile": N_("Mobilnummer i skjemaet"),
    "talk_starts_at": N_("Avtalt tid"),
    "call_from": N_("Ringes fra"),
    "unanswered": N_("Ganger uten svar"),
    "outcome": N_("Utfall"),
    "text_version": N_("Utgave av samtykket"),
    "information_version": N_("Utgave av informasjonen"),
    "given_at": N_("Gitt"),
    "how": N_("Gitt på"),
    "recorded_by": N_("Skrevet ned av"),
    "reader": N_("Lest av"),
    "purpose": N_("Formål"),
}
"""Names of the fields in the JSON to their labels (msgid)."""

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "state": STATES,
    "groups_also": WISHES,
    "groups_only": WISHES,
    "digital": {"no": N_("Nei"), "also": N_("Ja, også"), "only": N_("Ja, bare på skjerm")},
    "outcome": {
        "clear": N_("klar for en gruppe"),
        "not_now": N_("ikke nå"),
        "referred": N_("henvist videre"),
    },
    "how": {"web": N_("nettsiden"), "api": N_("senterets eget skjema"), "oral": N_("telefon")},
    "reader": {"owner": N_("deg selv"), "notify": N_("meldingstjenesten")},
    "purpose": {
        "mail": N_("sende en melding"),
        "sms": N_("sende en SMS"),
        "call": N_("ringe"),
        "list": N_("liste over personer"),
        "page": N_("siden om personen"),
        "export": N_("uttrekk av alt"),
    },
}
"""Values of some fields to their words (msgid); other values stand as they are."""

_MAIL_LANGUAGES: Final = {"nb": "bokmål", "nn": "nynorsk", "en": "English"}
_TITLE: Final = N_("Alt vi vet om deg")
_NOTHING: Final = N_("Ingen.")
_EMPTY: Final = N_("ingenting lagret")
_YES_NO: Final = (N_("nei"), N_("ja"))
_MADE: Final = N_("Laget %(when)s.")

Words = Callable[[str], str]


def rows(data: Mapping[str, Any], locale: str, texts: Texts, centres: Centres, places: Places) -> Iterator[list[str]]:
    """Yield the lines of the document: a heading alone, else a label and its value; an empty list begins an entry."""

    def _(msgid: str) -> str:
        return texts.gettext(locale, msgid)

    named: dict[str, Words] = {
        "centre": centre_names(centres),
        "area": area_names(centres),
        "kommune": kommune_names(places),
        "slots": lambda slot: slots.label(slot, locale),
        "slots_if_needed": lambda slot: slots.label(slot, locale),
        "languages": lambda code: languages.label(code, locale) if code in languages.LANGUAGES else code,
        "language": lambda code: _MAIL_LANGUAGES.get(code, code),
    }

    for section, entries in data.items():
        yield [_(SECTIONS[section])]
        if not entries:
            yield ["", _(_NOTHING)]
        for entry in [entries] if isinstance(entries, dict) else entries:
            yield []
            yield from ([_(FIELDS[field]), _word(field, value, _, named, locale)] for field, value in entry.items())


def _word(field: str, value: object, _: Words, named: Mapping[str, Words], locale: str) -> str:
    if isinstance(value, list):
        return ", ".join(_word(field, one, _, named, locale) for one in value) or _(_EMPTY)
    if value is None or value == "":
        return _(_EMPTY)
    if isinstance(value, bool):
        return _(_YES_NO[value])
    text = str(value)
    if field.endswith("_at"):
        return format_when(datetime.fromisoformat(text), locale)
    if text in WORDS.get(field, {}):
        return _(WORDS[field][text])
    return named[field](text) if field in named else text


def document(
    data: Mapping[str, Any], locale: str, texts: Texts, centres: Centres, places: Places, *, now: datetime
) -> bytes:
    """Return the export as a PDF in the person's language, under their newest centre; its properties name nobody."""
    newest = next((centres.get(signup["centre"]) for signup in reversed(data["signups"])), None)
    name, color = (newest.name, newest.branding.color) if newest else ("", None)
    pdf = Document(texts.gettext(locale, _TITLE), locale, now, owner=name, color=color)
    pdf.line(texts.gettext(locale, _MADE) % {"when": format_when(now, locale)})
    for row in rows(data, locale, texts, centres, places):
        match row:
            case [heading]:
                pdf.space(5)
                pdf.line(heading, 14)
            case [label, value]:
                pdf.line(f"{label}: {value}" if label else value)
            case _:
                pdf.space(2)
    return pdf.finish()


def export_file(request: Request, deps: Deps, data: Mapping[str, Any], name: str, *, as_pdf: bool) -> Response:
    """Return the export as a file of this name: a PDF in the person's language, or JSON."""
    if as_pdf:
        locale = data["person"]["language"]
        texts = pages_of(request).texts
        body: str | bytes = document(data, locale, texts, deps.centres, deps.places, now=deps.clock.now())
    else:
        body = json.dumps(data, ensure_ascii=False, indent=2)
    ending = "pdf" if as_pdf else "json"
    headers = {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
    return Response(body, media_type=f"application/{ending}", headers=headers)
