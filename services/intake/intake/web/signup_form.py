"""The sign-up form as a page: what is sent in, what is shown again, and what it comes to."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from fastapi import Request

from intake.domain.form import WISHES, FormInvalid, SignupForm, read
from intake.domain.form import FieldError as Wrong
from intake.usecases.locations import AmbiguousPlace, CentreLookup, Location, NoCentre, NoPlace, UnknownPostcode
from intake.web.deps import tools_of
from intake.web.messages import LABELS, explain
from shared.kit.web import forms
from shared.kit.web.csrf import FIELD
from shared.kit.web.forms import SWITCH, Form, Value
from shared.kit.web.state import locale_of
from shared.reference import texts
from shared.reference.languages import LANGUAGES
from shared.reference.texts import Consent, Information

HONEYPOT: Final = "nettside"
TOO_FAST: Final = timedelta(seconds=3)
TRAVEL_KM: Final = (5, 10, 20, 30, 50, 100, 200)
TRAVEL_USUAL: Final = "20"
NONCE_MAX: Final = 64  # characters

_LISTS: Final = frozenset({"slots", "languages"})
_OWN: Final = frozenset({"centre", "consent", "information", "nonce", "once_more", "place_choice", "mail_language"})
_TYPED: Final = ("first_name", "email", "mobile", "slots", "languages")
_MODEL: Final = frozenset({*_TYPED, "place", "max_travel_km", "wheelchair", "adult"})
_WISH_FIELDS: Final = {wish: f"wish_{wish}" for wish in WISHES}
"""The field of each wish; an empty value, or none, is an ordinary group."""


@dataclass(frozen=True)
class Sent:
    """
    A form as it came in.

    Attributes:
        values: What is filled in, as it is shown again.
        switching: The reader only wants another language.
        place: The place that is meant: the choice among several, or what was written.
        whole: The whole form was sent, and not only the place.
        trapped: A field that no person sees has been filled in.
    """

    values: Mapping[str, Value]
    switching: bool
    place: str
    whole: bool
    trapped: bool

    def value(self, name: str) -> str:
        """One value, or nothing."""
        found = self.values.get(name, "")
        return found if isinstance(found, str) else next(iter(found), "")

    def showing(self, **changes: Value) -> "Sent":
        """The same form with something else filled in."""
        return replace(self, values={**self.values, **changes})


async def read_sent(request: Request) -> Sent:
    """Reads what a browser sent; unknown fields are left out."""
    body = await request.form()
    values: dict[str, Value] = {}
    for name in body:
        texts_ = [value for value in body.getlist(name) if isinstance(value, str)]
        if name in _LISTS:
            values[name] = texts_
        elif name in _MODEL | _OWN or name in _WISH_FIELDS.values():
            values[name] = texts_[-1].strip() if texts_ else ""
    place = str(values.get("place_choice") or values.get("place", ""))
    return Sent(
        values=values,
        switching=SWITCH in body,
        place=place,
        whole="centre" in body,
        trapped=bool(body.get(HONEYPOT)),
    )


def locate(map_: CentreLookup, sent: Sent) -> tuple[Location | NoCentre | None, tuple[str, ...], str]:
    """The site of what was written; the labels to choose among; or what is wrong with it."""
    if not sent.place:
        return None, (), "missing"
    match map_.find(sent.place):
        case Location() | NoCentre() as found:
            return found, (), ""
        case AmbiguousPlace(labels) | UnknownPostcode(labels):
            return None, labels, "several_places"
        case NoPlace():
            return None, (), "unknown_place"


@dataclass(frozen=True)
class Papers:
    """What the centre of a site asks people to read and to agree to, in their language."""

    consent: Consent
    information: Information | None
    reading: bool


def papers_of(site: Location, language: str) -> Papers:
    """The texts in force."""
    policy, name = site.centre.policy, site.centre.name
    return Papers(
        texts.consent(policy.consent_version, language, name),
        texts.information(policy, language, name),
        policy.reading_gate == "required",
    )


def form_of(sent: Sent, site: Location, language: str, *, oral: bool = False) -> SignupForm:
    """
    The sign-up that was sent; on the phone (``oral``) the reading may follow.

    Raises:
        Refused: With everything that is wrong.
    """
    policy = site.centre.policy
    travel = sent.value("max_travel_km")
    wishes = {wish: answer for wish, name in _WISH_FIELDS.items() if (answer := sent.value(name))}
    raw: dict[str, object] = {name: sent.values[name] for name in _TYPED if name in sent.values}
    raw |= {"place": sent.place, "language": language, "adult": sent.value("adult") == "true", "wishes": wishes}
    raw["wheelchair"] = sent.value("wheelchair") == "true"
    if travel.isascii() and travel.isdigit() and len(travel) < 5:
        raw["max_travel_km"] = int(travel)
    missing: tuple[Wrong, ...] = ()
    if sent.value("consent") == policy.consent_version:
        raw["consent_version"] = policy.consent_version
    if policy.information_version is not None and sent.value("information") == policy.information_version:
        raw["information_version"] = policy.information_version
    elif policy.reading_gate == "required" and not oral:
        missing = (Wrong("information_version", "unread"),)
    try:
        form = read(raw)
    except FormInvalid as refused:
        raise FormInvalid(refused.errors + missing) from None
    if missing:
        raise FormInvalid(missing)
    return form


def lost(sent: Sent, site: Location) -> tuple[Wrong, ...]:
    """That a wish on the form is one which the centre of ``site`` does not offer, and the page will not show again."""
    offered = site.centre.policy.wishes
    gone = any(sent.value(name) for wish, name in _WISH_FIELDS.items() if wish not in offered)
    return (Wrong("wishes", "not_offered"),) if gone else ()


def shown(request: Request, sent: Sent, wrong: tuple[Wrong, ...] = (), notice: str = "") -> Form:
    """The form as the page shows it again, with what is to be put right; notice is a msgid."""
    pages, locale = tools_of(request).pages, locale_of(request)
    ordinary = dict.fromkeys(_WISH_FIELDS.values(), "")
    blank = forms.blank(
        request, LABELS, ordinary | {name: value for name, value in sent.values.items() if name != FIELD}
    )
    # A wish that is not offered has no question on the page that the summary could lead to.
    wrong = tuple(Wrong("", error.code) if error.code == "not_offered" else error for error in wrong)
    _ = pages.gettext(request)
    return replace(blank, errors=explain(wrong, pages.texts, locale), notice=_(notice) if notice else "")


def empty(**values: Value) -> Sent:
    """A form that nobody has filled in yet."""
    return Sent(values=values, switching=False, place="", whole=False, trapped=False)


def first_values(sent: Sent) -> Sent:
    """The whole form, the first time it is shown: what suits most is filled in."""
    usual: dict[str, Value] = {"max_travel_km": TRAVEL_USUAL, "languages": ["nb"], "nonce": secrets.token_urlsafe(16)}
    return sent.showing(**{name: value for name, value in usual.items() if not sent.values.get(name)})


def travel_options() -> list[tuple[str, str]]:
    """How far one can travel, as values and words."""
    return [(str(km), f"{km} km") for km in TRAVEL_KM]


def language_options(locale: str) -> list[tuple[str, str]]:
    """The languages a group can be held in, by their names."""
    return [(code, language.label(locale)) for code, language in LANGUAGES.items()]
