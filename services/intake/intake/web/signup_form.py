"""The sign-up form as a page: reading the fields that were sent, showing them again, and building the form."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from fastapi import Request
from pydantic import BaseModel

from intake.domain.form import WISHES, FieldError, FormInvalid, SignupForm, parse_form
from intake.domain.requirements import Requirements, requirement_errors
from intake.usecases.locations import AmbiguousPlace, CentreLookup, Location, Nearby, NoCentre, NoPlace, UnknownPostcode
from intake.web.messages import LABELS, explain
from shared.kit.web import forms
from shared.kit.web.forms import Form, Value
from shared.kit.web.pages import pages_of
from shared.kit.web.state import locale_of
from shared.reference.languages import LANGUAGES, NORWEGIAN
from shared.reference.texts import Consent, Information

HONEYPOT: Final = "nettside"
TOO_FAST: Final = timedelta(seconds=3)
TRAVEL_KM: Final = (5, 10, 20, 30, 50, 100, 200)
TRAVEL_DEFAULT: Final = "20"

SPOKEN: Final = frozenset((*LANGUAGES, "nn", "no"))
"""Codes of the languages that a group can be held in."""

PROOF: Final = "_proof"
"""The field in which a script leaves its proof of work."""

BACK: Final = "_back"
"""The name of the button to the step before."""

SAVE: Final = "_save"
"""The field with which a script keeps what was typed, without going on."""

EMAIL_ANSWER: Final = "_email"
"""The name of the two buttons that answer a question about a likely slip."""

_COPIED: Final = ("first_name", "slots", "slots_if_needed", "languages")
WISH_FIELDS: Final = {wish: f"wish_{wish}" for wish in WISHES}
"""The field of each wish; an empty or missing value is an ordinary group."""


class PageFields(BaseModel):
    """
    The fields that the pages of the sign-up send. Everything is text; ``domain.form`` validates it.

    Attributes:
        place_choice: The label chosen when several places match ``place``.
        nearby: The id of the centre chosen among those that accept people from outside.
        centre: The centre whose texts the page showed; sent by the whole form only.
        channel: How the person can be reached: "email", "mobile" or "both"; empty if only the fields tell.
        consent, information: The version of the text that was ticked.
        mail_language: The language of the mails, chosen by staff on the phone.
    """

    first_name: str = ""
    channel: str = ""
    email: str = ""
    mobile: str = ""
    place: str = ""
    place_choice: str = ""
    nearby: str = ""
    slots: list[str] = []
    slots_if_needed: list[str] = []
    digital: str = ""
    languages: list[str] = []
    max_travel_km: str = ""
    wheelchair: str = ""
    wish_women: str = ""
    wish_men: str = ""
    wish_young: str = ""
    adult: str = ""
    centre: str = ""
    consent: str = ""
    information: str = ""
    mail_language: str = ""


@dataclass(frozen=True)
class SentForm:
    """
    A form as it was sent.

    Attributes:
        form: The values, as the page shows them again.
        switching: Only another language was asked for.
        honeypot_filled: A field that is invisible to people was filled in.
        back: The step before was asked for.
        saving: Only kept, by a script.
        proof: What a script computed, or empty.
        email_answer: The answer to a question about a likely slip: "use", "keep", or empty.
    """

    form: Form
    switching: bool = False
    honeypot_filled: bool = False
    back: bool = False
    saving: bool = False
    email_answer: str = ""
    proof: str = ""

    @property
    def onwards(self) -> bool:
        """True if the person wants to go on, so that faults are to be shown."""
        return not (self.switching or self.back or self.saving)

    @property
    def place(self) -> str:
        """The place that is meant: the choice among several, or the text that was written."""
        return self.value("place_choice") or self.value("place")

    @property
    def whole(self) -> bool:
        """True if the whole form was sent, and not only the place."""
        return "centre" in self.form.values

    def value(self, name: str) -> str:
        """Return the one value of a field, or an empty string."""
        return self.form.value(name)

    def without(self, names: Collection[str]) -> "SentForm":
        """Return the same form without some fields."""
        values = {name: value for name, value in self.form.values.items() if name not in names}
        return replace(self, form=replace(self.form, values=values))

    def with_values(self, **values: Value) -> "SentForm":
        """Return the same form with some other values."""
        return replace(self, form=replace(self.form, values={**self.form.values, **values}))


async def read_form(request: Request) -> SentForm:
    """Read the fields that a browser sent; unknown fields are left out."""
    submission = await forms.submitted(request, PageFields, LABELS, cleaned=True)
    extra = submission.extra
    return SentForm(
        submission.form,
        submission.switching,
        bool(extra.get(HONEYPOT)),
        back=BACK in extra,
        saving=SAVE in extra,
        email_answer=extra.get(EMAIL_ANSWER, ""),
        proof=extra.get(PROOF, ""),
    )


def shown_form(request: Request, values: Mapping[str, Value] | None = None) -> SentForm:
    """Return a form without errors, empty or with values."""
    return SentForm(forms.blank(request, LABELS, values))


def default_values(locale: str) -> dict[str, Value]:
    """Return the most common answers: readers of English talk English, others Norwegian."""
    return {"max_travel_km": TRAVEL_DEFAULT, "languages": ["en" if locale == "en" else NORWEGIAN]}


def with_defaults(sent: SentForm, locale: str) -> SentForm:
    """Return the whole form as it is first shown, with the most common answers filled in."""
    missing = {name: value for name, value in default_values(locale).items() if not sent.form.values.get(name)}
    return sent.with_values(**missing)


def with_errors(request: Request, sent: SentForm, errors: tuple[FieldError, ...] = (), notice: str = "") -> Form:
    """Return the form for a page that shows it again, with errors and a notice (msgid)."""
    pages, locale = pages_of(request), locale_of(request)
    # A wish that is not offered has no question on the page that the summary could lead to.
    on_page = (FieldError("", error.code) if error.code == "not_offered" else error for error in errors)
    values = dict.fromkeys(WISH_FIELDS.values(), "") | dict(sent.form.values)
    return replace(
        sent.form,
        values=values,
        errors=explain(on_page, pages.texts, locale),
        notice=pages.gettext(request)(notice) if notice else "",
    )


@dataclass(frozen=True)
class Located:
    """
    The place of a form.

    Attributes:
        location: The location, if the place is known and covered.
        uncovered: The place, if no centre covers it and none accepts people from there.
        nearby: Centres to choose among, if none covers the place and some accept people from there.
        choices: Labels of places to choose among, if several may be meant.
        errors: What to correct, if it is not one place.
    """

    location: Location | None = None
    uncovered: NoCentre | None = None
    nearby: tuple[Nearby, ...] = ()
    choices: tuple[str, ...] = ()
    errors: tuple[FieldError, ...] = ()


def locate(lookup: CentreLookup, sent: SentForm) -> Located:
    """Return the place that was sent, or what may be meant by it."""
    if not sent.place:
        return Located(errors=(FieldError("place", "missing"),))
    match lookup.find(sent.place):
        case Location() as location:
            return Located(location)
        case NoCentre() as place:
            return _outside(place, sent.value("nearby"))
        case AmbiguousPlace(labels):
            return Located(choices=labels, errors=(FieldError("place_choice", "missing"),))
        case UnknownPostcode(labels):
            return Located(choices=labels, errors=(FieldError("place", "unknown_code"),))
        case NoPlace(labels):
            return Located(choices=labels, errors=(FieldError("place", "unknown_place"),))


def _outside(place: NoCentre, centre_id: str) -> Located:
    if not place.nearby:
        return Located(uncovered=place)
    if location := place.at(centre_id):
        return Located(location, nearby=place.nearby)
    return Located(nearby=place.nearby, errors=(FieldError("nearby", "missing"),))


@dataclass(frozen=True)
class ConsentTexts:
    """
    The texts of a centre that a person reads and consents to, in the person's language.

    Attributes:
        reading: True if the information must be read before the waiting list.
    """

    consent: Consent
    information: Information | None
    reading: bool


def consent_texts(location: Location, language: str) -> ConsentTexts:
    """Return the texts in force."""
    centre = location.centre
    return ConsentTexts(
        centre.consent(language), centre.information(language), centre.policy.reading_gate == "required"
    )


def build_form(sent: SentForm, location: Location, language: str, *, oral: bool = False) -> SignupForm:
    """
    Build the sign-up from the fields that were sent; on the phone (``oral``) the information may be read later.

    Raises:
        FormInvalid: With all errors.
    """
    policy = location.centre.policy
    values = sent.form.values
    travel = sent.value("max_travel_km")
    wishes = {wish: sent.value(name) for wish, name in WISH_FIELDS.items() if sent.value(name)}
    raw: dict[str, object] = {name: values[name] for name in _COPIED if name in values}
    raw |= {"place": sent.place, "language": language, "adult": sent.value("adult") == "true", "wishes": wishes}
    raw["wheelchair"] = sent.value("wheelchair") == "true"
    raw["digital"] = sent.value("digital") or "no"
    raw |= contact_of(sent)
    if location.kommune not in location.centre.kommuner:
        raw["nearby"] = location.centre.id
    if travel.isascii() and travel.isdigit() and len(travel) < 5:
        raw["max_travel_km"] = int(travel)
    unread: tuple[FieldError, ...] = ()
    if sent.value("consent") == policy.consent_version:
        raw["consent_version"] = policy.consent_version
    if policy.information_version is not None and sent.value("information") == policy.information_version:
        raw["information_version"] = policy.information_version
    elif policy.reading_gate == "required" and not oral:
        unread = (FieldError("information_version", "unread"),)
    contact = _contact_errors(sent)
    others = contact + wishes_not_offered(sent, location) + unread
    try:
        form = parse_form(raw)
    except FormInvalid as invalid:
        errors = tuple(error for error in invalid.errors if not (contact and error.field in {"email", "mobile"}))
        raise FormInvalid(errors + others) from None
    errors = others + requirement_errors(form, Requirements.of(location.centre), SPOKEN, oral=oral)
    if errors:
        raise FormInvalid(tuple(dict.fromkeys(errors)))
    return form


def contact_of(sent: SentForm) -> dict[str, str]:
    """Return the address and number that count: those that were chosen, or without a choice those that are there."""
    hidden = {"email": "mobile", "mobile": "email"}.get(sent.value("channel"))
    return {name: "" if name == hidden else sent.value(name) for name in ("email", "mobile")}


def _contact_errors(sent: SentForm) -> tuple[FieldError, ...]:
    """Return an error at the field that was chosen and left empty, or at the choice that was not made."""
    contact, channel = contact_of(sent), sent.value("channel")
    if channel in contact:
        return () if contact[channel] else (FieldError(channel, "missing"),)
    if channel == "both":
        return () if contact["email"] else (FieldError("email", "missing"),)
    return () if any(contact.values()) else (FieldError("channel", "contact_missing"),)


def wishes_not_offered(sent: SentForm, location: Location) -> tuple[FieldError, ...]:
    """Return an error if the form has a wish that the centre does not offer: the page will not show it again."""
    policy = location.centre.policy
    lost = any(sent.value(name) for wish, name in WISH_FIELDS.items() if wish not in policy.wishes)
    lost = lost or (sent.value("digital") not in {"", "no"} and not policy.digital_groups)
    return (FieldError("wishes", "not_offered"),) if lost else ()


def nearby_options(nearby: Iterable[Nearby]) -> list[tuple[str, str]]:
    """Return the centres that accept people from outside, as values and labels with the distance."""
    return [(near.location.centre.id, f"{near.location.centre.name}, {max(1, round(near.km))} km") for near in nearby]


def travel_options() -> list[tuple[str, str]]:
    """Return the distances to choose among, as values and labels."""
    return [(str(km), f"{km} km") for km in TRAVEL_KM]


def language_options(locale: str) -> list[tuple[str, str]]:
    """Return the languages that a group can be held in, as values and labels."""
    return [(code, language.label(locale)) for code, language in LANGUAGES.items()]
