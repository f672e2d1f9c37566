"""The sign-up form: its fields and their validation. No field asks for a reason."""

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
"""All wishes that a centre can offer, in the order in which they are stored."""

_JOINERS: Final = frozenset("\u200c\u200d")
"""Invisible characters that some names cannot be spelt without."""

_REFUSED_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def _plain(value: object) -> object:
    """Return text in NFC with single spaces; refuse control characters, line breaks and direction marks."""
    if not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFC", value)
    if any(unicodedata.category(char) in _REFUSED_CATEGORIES and char not in _JOINERS for char in text):
        raise PydanticCustomError("control_character", "control characters are not accepted")
    return " ".join(text.split())


def _blank_is_none(value: object) -> object:
    return None if value == "" else value


def _email(value: str) -> str:
    try:
        address = email_validator.validate_email(value, check_deliverability=False, allow_smtputf8=False)
    except email_validator.EmailNotValidError as error:
        raise PydanticCustomError("email_invalid", "not an e-mail address") from error
    return address.normalized


def _mobile(value: str) -> str:
    try:
        number = phonenumbers.parse(value, "NO")
    except phonenumbers.NumberParseException as error:
        raise PydanticCustomError("mobile_invalid", "not a phone number") from error
    if number.extension or not phonenumbers.is_valid_number(number):
        raise PydanticCustomError("mobile_invalid", "not a phone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _without_duplicates(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _consistent(wishes: dict[Wish, "WishAnswer"]) -> dict[Wish, "WishAnswer"]:
    """Return the wishes in stored order; refuse "only" for women or men if the other is accepted too."""
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
    A sign-up as sent by the web page, a centre's own form or a member of staff.

    Attributes:
        place: Postal code or name of a place near home.
        slots: Times at which a weekly meeting would suit.
        languages: Languages that the person speaks (ISO 639).
        max_travel_km: The longest distance to a meeting, in a straight line.
        wheelchair: Needs a venue with step-free access.
        wishes: Groups that the person accepts ("also") or requires ("only"), of those that the centre offers; a wish
            that is left out stands for an ordinary group.
        language: The language of the mails.
        adult: 18 years or older; required.
        consent_version: Version of the consent text that was shown.
        information_version: Version of the information that was read; None if none was.
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
    slots: Annotated[tuple[SlotName, ...], Field(min_length=1, max_length=21), AfterValidator(_without_duplicates)]
    languages: Annotated[
        tuple[SpokenLanguage, ...], Field(min_length=1, max_length=10), AfterValidator(_without_duplicates)
    ]
    max_travel_km: Annotated[int, Field(strict=True, ge=1, le=TRAVEL_MAX_KM)]
    wheelchair: Annotated[bool, Field(strict=True)] = False
    # Left out of the JSON if empty: the blind index of the form is computed from the JSON, and must be the same as for
    # a form from before this field existed.
    wishes: Annotated[dict[Wish, WishAnswer], AfterValidator(_consistent)] = Field(
        default={}, exclude_if=not_, examples=[{"women": "also"}]
    )
    language: Literal["nb", "nn", "en"]
    adult: Annotated[bool, Field(strict=True)]
    consent_version: Version
    information_version: Version | None = None

    @validates("mobile")
    @classmethod
    def _require_contact(cls, mobile: str | None, info: ValidationInfo) -> str | None:
        if mobile is None and "email" in info.data and info.data["email"] is None:
            raise PydanticCustomError("contact_missing", "an e-mail address or a mobile number is needed")
        return mobile

    @validates("adult")
    @classmethod
    def _require_adult(cls, adult: bool) -> bool:
        if not adult:
            raise PydanticCustomError("adult_required", "only adults can be received")
        return adult


@dataclass(frozen=True, slots=True)
class FieldError:
    """A field to correct and the reason as a code, which ``web.messages`` turns into a sentence."""

    field: str
    code: str


class FormInvalid(ValueError):  # noqa: N818 - named by the condition
    """The form cannot be accepted. Holds all errors at once and never the input itself."""

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__(", ".join(f"{error.field}: {error.code}" for error in errors))
        self.errors = errors


def parse_form(raw: Mapping[str, object]) -> SignupForm:
    """
    Validate a form.

    Raises:
        FormInvalid: With all errors.
    """
    try:
        return SignupForm.model_validate(raw)
    except ValidationError as error:
        raise FormInvalid(field_errors(error)) from None


_CODES: Final = {
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


def field_errors(error: ValidationError) -> tuple[FieldError, ...]:
    """Return one error for each field; a missing contact is reported on ``email``."""
    codes: dict[str, str] = {}
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        code = _CODES.get(detail["type"], "wrong_type")
        name = str(detail["loc"][0]) if detail["loc"] else ""
        field = name if name in SignupForm.model_fields else ""
        codes.setdefault("email" if code == "contact_missing" else field, code)
    return tuple(FieldError(field, code) for field, code in codes.items())


def canonical_email(email: str) -> str:
    """
    Return the canonical spelling of an address, by which its owner is recognised: domain in Unicode, in lower case.

    Raises:
        ValueError: It is not an e-mail address.
    """
    address = email_validator.validate_email(email, check_deliverability=False, allow_smtputf8=False)
    return canonical_of_normalized(address.normalized)


def canonical_of_normalized(email: str) -> str:
    """Return the canonical spelling of the address in a :class:`SignupForm`, which is normalized already."""
    return email.lower()
