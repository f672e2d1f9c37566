"""What somebody who wants a group must tell us, and nothing more. No field asks why."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from operator import not_
from typing import Annotated, Final, Literal, get_args

import email_validator
import phonenumbers
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo
from pydantic import field_validator as validates
from pydantic_core import PydanticCustomError

from shared.reference.policy import Wish

FIRST_NAME_MAX = 100  # characters
PLACE_MAX = 100  # characters
VERSION_MAX = 64  # characters
TRAVEL_MAX_KM = 500

WISHES: Final[tuple[Wish, ...]] = get_args(Wish)
"""Every wish that a centre can offer, in the order in which they are kept."""

_JOINERS = frozenset("\u200c\u200d")
"""Invisible, but some names are misspelt without them."""

_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def _plain(value: object) -> object:
    """Text in NFC with single spaces; refuses control characters, line breaks and marks that reverse what is read."""
    if not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFC", value)
    if any(unicodedata.category(sign) in _REFUSED_CATEGORIES and sign not in _JOINERS for sign in text):
        raise PydanticCustomError("control_character", "control characters are not accepted")
    return " ".join(text.split())


def _blank_is_none(value: object) -> object:
    return None if value == "" else value


def _email(value: str) -> str:
    try:
        checked = email_validator.validate_email(value, check_deliverability=False, allow_smtputf8=False)
    except email_validator.EmailNotValidError as error:
        raise PydanticCustomError("email_invalid", "not an e-mail address") from error
    return checked.normalized


def _mobile(value: str) -> str:
    try:
        number = phonenumbers.parse(value, "NO")
    except phonenumbers.NumberParseException as error:
        raise PydanticCustomError("mobile_invalid", "not a phone number") from error
    if number.extension or not phonenumbers.is_valid_number(number):
        raise PydanticCustomError("mobile_invalid", "not a phone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _possible(wishes: dict[Wish, "WishAnswer"]) -> dict[Wish, "WishAnswer"]:
    """The same in one order; refuses to be only among women, or only among men, and with the others as well."""
    if {"women", "men"} <= wishes.keys() and "only" in (wishes["women"], wishes["men"]):
        raise PydanticCustomError(
            "wishes_contradict", "only one of women and men can be a wish that somebody insists on"
        )
    return {wish: wishes[wish] for wish in WISHES if wish in wishes}


_Plain = BeforeValidator(_plain)
SlotName = Annotated[str, Field(pattern=r"^(mon|tue|wed|thu|fri|sat|sun)-(morning|day|evening)$")]
SpokenLanguage = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
WishAnswer = Literal["also", "only"]
Version = Annotated[str, Field(min_length=1, max_length=VERSION_MAX), _Plain]


class SignupForm(BaseModel):
    """
    A sign-up as it is sent in, from the web page, a centre's own form or a member of staff.

    Attributes:
        place: Postal code or name of a place near home.
        slots: When a weekly meeting would suit.
        languages: Languages the person can talk in (ISO 639).
        max_travel_km: How far they can travel, as the crow flies.
        wheelchair: Only a place with step-free access will do.
        wishes: Groups that the person could go along with ("also") or will not do without ("only"), of those that the
            centre offers; one that is left out stands for an ordinary group.
        language: The language of the mails.
        adult: 18 years or older; nobody younger can be received.
        consent_version: The consent text that was shown.
        information_version: The information that was read, where the centre asks for it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    first_name: Annotated[str, Field(min_length=1, max_length=FIRST_NAME_MAX, examples=["Kari"]), _Plain]
    email: Annotated[
        Annotated[str, Field(max_length=254), _Plain, AfterValidator(_email)] | None, BeforeValidator(_blank_is_none)
    ] = Field(default=None, examples=["kari@example.org"])
    mobile: Annotated[
        Annotated[str, Field(max_length=32), _Plain, AfterValidator(_mobile)] | None, BeforeValidator(_blank_is_none)
    ] = Field(default=None, validate_default=True, examples=["+4791234567"])
    place: Annotated[str, Field(min_length=1, max_length=PLACE_MAX, examples=["5003"]), _Plain]
    slots: Annotated[tuple[SlotName, ...], Field(min_length=1, max_length=21), AfterValidator(_each_once)]
    languages: Annotated[tuple[SpokenLanguage, ...], Field(min_length=1, max_length=10), AfterValidator(_each_once)]
    max_travel_km: Annotated[int, Field(strict=True, ge=1, le=TRAVEL_MAX_KM)]
    wheelchair: Annotated[bool, Field(strict=True)] = False
    # Left out of what is written while it is empty, so that a form of yesterday, sent again today, is the same form.
    wishes: Annotated[dict[Wish, WishAnswer], AfterValidator(_possible)] = Field(
        default={}, exclude_if=not_, examples=[{"women": "also"}]
    )
    language: Literal["nb", "nn", "en"]
    adult: Annotated[bool, Field(strict=True)]
    consent_version: Version
    information_version: Version | None = None

    @validates("mobile")
    @classmethod
    def _can_be_reached(cls, mobile: str | None, info: ValidationInfo) -> str | None:
        if mobile is None and "email" in info.data and info.data["email"] is None:
            raise PydanticCustomError("contact_missing", "an e-mail address or a mobile number is needed")
        return mobile

    @validates("adult")
    @classmethod
    def _is_adult(cls, adult: bool) -> bool:
        if not adult:
            raise PydanticCustomError("adult_required", "only adults can be received")
        return adult


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing to put right: where, and a code that the pages turn into a sentence."""

    field: str
    code: str


class FormInvalid(ValueError):  # noqa: N818 - what it is
    """The form cannot be accepted as it is; says all that is wrong at once, and never repeats what was typed."""

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__(", ".join(f"{error.field}: {error.code}" for error in errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Asks:
    """
    What the centre of a sign-up asks for.

    Attributes:
        consent_version: The consent text in force.
        information_version: The information in force, None where there is none to read.
        reading: Whether it must have been read before the waiting list.
        talk: Whether a forsamtale must have been held before the waiting list.
        wishes: What people may wish of who else is in the group.
    """

    consent_version: str
    information_version: str | None
    reading: bool
    talk: bool
    wishes: frozenset[str] = frozenset()


def read(raw: Mapping[str, object]) -> SignupForm:
    """
    Reads a form.

    Raises:
        Refused: with everything that is wrong with it.
    """
    try:
        return SignupForm.model_validate(raw)
    except ValidationError as error:
        raise FormInvalid(errors_of(error)) from None


_CODES = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "string_too_long": "too_long",
    "string_too_short": "missing",
    "too_short": "missing",
    "too_long": "too_many",
    "string_pattern_mismatch": "not_a_choice",
    "literal_error": "not_a_choice",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "control_character": "control_character",
    "email_invalid": "email_invalid",
    "mobile_invalid": "mobile_invalid",
    "contact_missing": "contact_missing",
    "adult_required": "adult_required",
    "wishes_contradict": "contradict",
}


def errors_of(error: ValidationError) -> tuple[FieldError, ...]:
    """What is wrong, one error per field; the field of a missing address is the first of the two that would do."""
    found: dict[str, str] = {}
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        code = _CODES.get(detail["type"], "wrong_type")
        name = str(detail["loc"][0]) if detail["loc"] else ""
        known = name if name in SignupForm.model_fields else ""
        found.setdefault("email" if code == "contact_missing" else known, code)
    return tuple(FieldError(field, code) for field, code in found.items())


def shortcomings(form: SignupForm, asks: Asks, spoken: frozenset[str], *, oral: bool = False) -> tuple[FieldError, ...]:
    """
    What ``form`` lacks of what its centre asks for.

    Args:
        form: What was sent in.
        asks: What the centre asks for.
        spoken: The languages that a group can be held in.
        oral: Signed up by staff on the phone; the reading may follow.
    """
    found = []
    if not spoken.issuperset(form.languages):
        found.append(FieldError("languages", "not_a_choice"))
    if not asks.wishes.issuperset(form.wishes):
        found.append(FieldError("wishes", "not_offered"))
    if form.consent_version != asks.consent_version:
        found.append(FieldError("consent_version", "outdated"))
    if form.information_version is None:
        if asks.reading and not oral:
            found.append(FieldError("information_version", "unread"))
    elif form.information_version != asks.information_version:
        found.append(FieldError("information_version", "outdated"))
    return tuple(found)


def index_form(email: str) -> str:
    """
    The one spelling of ``email`` under which its owner is recognised: domain in Unicode, all in lower case.

    Raises:
        ValueError: It is no e-mail address.
    """
    checked = email_validator.validate_email(email, check_deliverability=False, allow_smtputf8=False)
    return index_form_of_tidy(checked.normalized)


def index_form_of_tidy(email: str) -> str:
    """The same for the address of a :class:`SignupForm`, which need not be taken apart once more."""
    return email.lower()
