"""The sign-up form as a page: reading the fields that were sent, showing them again, and building the form."""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from fastapi import Request
from pydantic import BaseModel

from intake.domain.form import WISHES, FieldError, FormInvalid, SignupForm, parse_form
from intake.usecases.locations import AmbiguousPlace, CentreLookup, Location, NoCentre, NoPlace, UnknownPostcode
from intake.web.messages import LABELS, explain
from shared.kit.web import forms
from shared.kit.web.forms import Form, Value
from shared.kit.web.pages import pages_of
from shared.kit.web.state import locale_of
from shared.reference import texts
from shared.reference.languages import LANGUAGES
from shared.reference.texts import Consent, Information

HONEYPOT: Final = "nettside"
TOO_FAST: Final = timedelta(seconds=3)
TRAVEL_KM: Final = (5, 10, 20, 30, 50, 100, 200)
TRAVEL_DEFAULT: Final = "20"
NONCE_MAX: Final = 64  # characters

_COPIED: Final = ("first_name", "email", "mobile", "slots", "languages")
_WISH_FIELDS: Final = {wish: f"wish_{wish}" for wish in WISHES}
"""The field of each wish; an empty or missing value is an ordinary group."""


class PageFields(BaseModel):
    """
    The fields that the pages of the sign-up send. Everything is text; ``domain.form`` validates it.

    Attributes:
        place_choice: The label chosen when several places match ``place``.
        centre: The centre whose texts the page showed; sent by the whole form only.
        consent, information: The version of the text that was ticked.
        nonce: The idempotency key of the page.
        once_more: Set when the page was shown again because it was sent too fast.
        mail_language: The language of the mails, chosen by staff on the phone.
    """

    first_name: str = ""
    email: str = ""
    mobile: str = ""
    place: str = ""
    place_choice: str = ""
    slots: list[str] = []
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
    nonce: str = ""
    once_more: str = ""
    mail_language: str = ""


@dataclass(frozen=True)
class SentForm:
    """
    A form as it was sent.

    Attributes:
        form: The values, as the page shows them again.
        switching: Only another language was asked for.
        honeypot_filled: A field that is invisible to people was filled in.
    """

    form: Form
    switching: bool = False
    honeypot_filled: bool = False

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

    def with_values(self, **values: Value) -> "SentForm":
        """Return the same form with some other values."""
        return replace(self, form=replace(self.form, values={**self.form.values, **values}))


async def read_form(request: Request) -> SentForm:
    """Read the fields that a browser sent; unknown fields are left out."""
    submission = await forms.submitted(request, PageFields, LABELS)
    return SentForm(submission.form, submission.switching, bool(submission.extra.get(HONEYPOT)))


def empty_form(request: Request) -> SentForm:
    """Return a form without any values."""
    return SentForm(forms.blank(request, LABELS))


def with_defaults(sent: SentForm) -> SentForm:
    """Return the whole form as it is first shown, with the most common answers filled in."""
    defaults: dict[str, Value] = {
        "max_travel_km": TRAVEL_DEFAULT,
        "languages": ["nb"],
        "nonce": secrets.token_urlsafe(16),
    }
    return sent.with_values(**{name: value for name, value in defaults.items() if not sent.form.values.get(name)})


def with_errors(request: Request, sent: SentForm, errors: tuple[FieldError, ...] = (), notice: str = "") -> Form:
    """Return the form for a page that shows it again, with errors and a notice (msgid)."""
    pages, locale = pages_of(request), locale_of(request)
    # A wish that is not offered has no question on the page that the summary could lead to.
    on_page = (FieldError("", error.code) if error.code == "not_offered" else error for error in errors)
    values = dict.fromkeys(_WISH_FIELDS.values(), "") | dict(sent.form.values)
    return replace(
        sent.form,
        values=values,
        errors=explain(on_page, pages.texts, locale),
        notice=pages.gettext(request)(notice) if notice else "",
    )


def locate(lookup: CentreLookup, sent: SentForm) -> tuple[Location | NoCentre | None, tuple[str, ...], str]:
    """Return the location of the place that was sent, or labels to choose among, or the code of an error."""
    if not sent.place:
        return None, (), "missing"
    match lookup.find(sent.place):
        case Location() | NoCentre() as result:
            return result, (), ""
        case AmbiguousPlace(labels) | UnknownPostcode(labels):
            return None, labels, "several_places"
        case NoPlace():
            return None, (), "unknown_place"


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
    policy, name = location.centre.policy, location.centre.name
    return ConsentTexts(
        texts.consent(policy.consent_version, language, name),
        texts.information(policy, language, name),
        policy.reading_gate == "required",
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
    wishes = {wish: sent.value(name) for wish, name in _WISH_FIELDS.items() if sent.value(name)}
    raw: dict[str, object] = {name: values[name] for name in _COPIED if name in values}
    raw |= {"place": sent.place, "language": language, "adult": sent.value("adult") == "true", "wishes": wishes}
    raw["wheelchair"] = sent.value("wheelchair") == "true"
    if travel.isascii() and travel.isdigit() and len(travel) < 5:
        raw["max_travel_km"] = int(travel)
    unread: tuple[FieldError, ...] = ()
    if sent.value("consent") == policy.consent_version:
        raw["consent_version"] = policy.consent_version
    if policy.information_version is not None and sent.value("information") == policy.information_version:
        raw["information_version"] = policy.information_version
    elif policy.reading_gate == "required" and not oral:
        unread = (FieldError("information_version", "unread"),)
    try:
        form = parse_form(raw)
    except FormInvalid as invalid:
        raise FormInvalid(invalid.errors + unread) from None
    if unread:
        raise FormInvalid(unread)
    return form


def wishes_not_offered(sent: SentForm, location: Location) -> tuple[FieldError, ...]:
    """Return an error if the form has a wish that the centre does not offer: the page will not show it again."""
    offered = location.centre.policy.wishes
    lost = any(sent.value(name) for wish, name in _WISH_FIELDS.items() if wish not in offered)
    return (FieldError("wishes", "not_offered"),) if lost else ()


def travel_options() -> list[tuple[str, str]]:
    """Return the distances to choose among, as values and labels."""
    return [(str(km), f"{km} km") for km in TRAVEL_KM]


def language_options(locale: str) -> list[tuple[str, str]]:
    """Return the languages that a group can be held in, as values and labels."""
    return [(code, language.label(locale)) for code, language in LANGUAGES.items()]
