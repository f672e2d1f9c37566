"""The sign-up form: its fields and their validation. No field asks for a reason."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from operator import not_
from typing import Annotated, Final, Literal, get_args

import phonenumbers
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
)
from pydantic import field_validator as validates
from pydantic_core import PydanticCustomError

from shared.kit import addresses
from shared.kit.addresses import AddressInvalid
from shared.kit.text import shows_something, without_breaks, without_marks
from shared.reference.policy import Wish

FIRST_NAME_MAX = 100  # characters
PLACE_MAX = 100  # characters
VERSION_MAX = 64  # characters
NUMBER_MAX = 64  # characters
TRAVEL_MAX_KM = 500

WISHES: Final[tuple[Wish, ...]] = get_args(Wish)
"""All wishes that a centre can offer, in the order in which they are stored."""

_IN_BRACKETS: Final = re.compile(r"\((?:0|[^()\d]*)\)|\b[^\W\d]+\.?\s*$")
_SECOND_CODE: Final = re.compile(r"^\s*(?:\+|00)\s*47[\s-]*(?=(?:\+|00)\s*47)")

_REFUSED_CATEGORIES: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})


def _plain(value: object) -> object:
    """Return text in NFC with single spaces and no mark that nobody sees; refuse control characters, line breaks."""
    return without_marks(_without_control(value)) if isinstance(value, str) else value


def _line(value: object) -> object:
    """Return text as :func:`_plain`, with blanks for the tabs and line breaks of a table that it was copied from."""
    return _plain(without_breaks(value)) if isinstance(value, str) else value


def _name(value: object) -> object:
    """Return a name as plain text, with the joiners that its spelling needs; one that shows nothing is empty."""
    if not isinstance(value, str):
        return value
    name = without_marks(_without_control(value.strip()), joiners=True)
    return name if shows_something(name) else ""


def _without_control(text: str) -> str:
    if any(unicodedata.category(char) in _REFUSED_CATEGORIES for char in text):
        raise PydanticCustomError("control_character", "control characters are not accepted")
    return text


def _blank_is_none(value: object) -> object:
    return None if value == "" else value


def _email(value: str) -> str:
    try:
        return addresses.normalized(addresses.as_pasted(value))
    except AddressInvalid as error:
        raise PydanticCustomError(error.fault, "not an e-mail address") from error


def _mobile(value: str) -> str:
    """Return a possible number in E.164; whether it is in use is not for us to say."""
    try:
        number = phonenumbers.parse(_bare_number(value), "NO")
    except phonenumbers.NumberParseException as error:
        raise PydanticCustomError("mobile_invalid", "not a phone number") from error
    if number.extension or not phonenumbers.is_possible_number(number):
        raise PydanticCustomError("mobile_invalid", "not a phone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _bare_number(text: str) -> str:
    """Return a number without the words beside it, the zero that is dialled at home, and a second country code."""
    text = _IN_BRACKETS.sub(" ", text)
    return _SECOND_CODE.sub("", text)


def _primary_language(value: object) -> object:
    """Return the language of a tag as other systems write it, without region and script: "nb" of "nb-NO"."""
    return value.replace("_", "-").partition("-")[0].strip().lower() if isinstance(value, str) else value


def _mail_language(value: object) -> object:
    language = _primary_language(value)
    return "nb" if language == "no" else language


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
_Line = BeforeValidator(_line)
_Name = BeforeValidator(_name)
EmailAddress = Annotated[str, Field(max_length=254), _Line, AfterValidator(_email)]
"""An address as people paste it, normalized."""
MobileNumber = Annotated[str, Field(max_length=NUMBER_MAX), _Line, AfterValidator(_mobile)]
"""A possible phone number, in E.164."""
SlotName = Annotated[str, Field(pattern=r"^(mon|tue|wed|thu|fri|sat|sun)-(morning|day|evening)$")]
SpokenLanguage = Annotated[str, Field(pattern=r"^[a-z]{2,3}$"), BeforeValidator(_primary_language)]
WishAnswer = Literal["also", "only"]
Digital = Literal["no", "also", "only"]
Version = Annotated[str, Field(min_length=1, max_length=VERSION_MAX), _Plain]


class SignupForm(BaseModel):
    """
    A sign-up as sent by the web page, a centre's own form or a member of staff.

    Attributes:
        place: Postal code or name of a place near home.
        nearby: The id of the centre that the person chose, if none covers the place and some accept people from there.
        slots: Times at which a weekly meeting would suit.
        slots_if_needed: Other times that the person could manage if need be.
        digital: Whether a group that meets on screen is no choice, one among others, or the only one.
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

    first_name: Annotated[str, Field(min_length=1, max_length=FIRST_NAME_MAX, examples=["Kari"]), _Name]
    email: Annotated[EmailAddress | None, BeforeValidator(_blank_is_none)] = Field(
        default=None, examples=["kari@example.org"]
    )
    mobile: Annotated[MobileNumber | None, BeforeValidator(_blank_is_none)] = Field(
        default=None, validate_default=True, examples=["+4791234567"]
    )
    place: Annotated[str, Field(min_length=1, max_length=PLACE_MAX, examples=["5003"]), _Line]
    nearby: Annotated[str, Field(max_length=63), _Plain] | None = Field(
        default=None, exclude_if=not_, examples=["link-bergen"]
    )
    slots: Annotated[tuple[SlotName, ...], Field(min_length=1, max_length=21), AfterValidator(_without_duplicates)]
    languages: Annotated[
        tuple[SpokenLanguage, ...], Field(min_length=1, max_length=10), AfterValidator(_without_duplicates)
    ]
    # Left out of the JSON if empty, as ``wishes`` below.
    slots_if_needed: Annotated[tuple[SlotName, ...], Field(max_length=21), AfterValidator(_without_duplicates)] = Field(
        default=(), exclude_if=not_, validate_default=True
    )
    digital: Digital = Field(default="no", exclude_if=lambda value: value == "no")
    max_travel_km: Annotated[int, Field(strict=True, ge=1, le=TRAVEL_MAX_KM)]
    wheelchair: Annotated[bool, Field(strict=True)] = False
    # Left out of the JSON if empty: the blind index of the form is computed from the JSON, and must be the same as for
    # a form from before this field existed.
    wishes: Annotated[dict[Wish, WishAnswer], AfterValidator(_consistent)] = Field(
        default={}, exclude_if=not_, examples=[{"women": "also"}]
    )
    language: Annotated[Literal["nb", "nn", "en"], BeforeValidator(_mail_language)]
    adult: Annotated[bool, Field(strict=True)]
    consent_version: Version
    information_version: Version | None = None

    @validates("slots_if_needed")
    @classmethod
    def _without_better_slots(cls, slots: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        """Leave out the times that suit anyhow."""
        return tuple(slot for slot in slots if slot not in info.data.get("slots", ()))

    @validates("mobile", mode="wrap")
    @classmethod
    def _require_contact(cls, value: object, read: ValidatorFunctionWrapHandler, info: ValidationInfo) -> str | None:
        """Require a number where there is no address; beside an address a wrong number stops nobody."""
        try:
            mobile: str | None = read(value)
        except ValidationError:
            if info.data.get("email") is not None and isinstance(value, str):
                return None
            raise
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
    "email_local_too_long": "email_local_too_long",
    "email_local_not_ascii": "email_local_not_ascii",
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


def normalized_email(text: str) -> str:
    """
    Return an address as a :class:`SignupForm` has it.

    Raises:
        FormInvalid: It is not an address.
    """
    try:
        return _email(str(_line(text)))
    except PydanticCustomError as error:
        raise FormInvalid((FieldError("email", error.type),)) from None


def normalized_mobile(text: str) -> str:
    """
    Return a number as a :class:`SignupForm` has it.

    Raises:
        FormInvalid: It is missing, or not a number.
    """
    if not text.strip():
        raise FormInvalid((FieldError("mobile", "missing"),))
    try:
        return _mobile(str(_line(text))[:NUMBER_MAX])
    except PydanticCustomError as error:
        raise FormInvalid((FieldError("mobile", error.type),)) from None


def canonical_email(email: str) -> str:
    """
    Return the canonical spelling of an address, by which its owner is recognised: domain in Unicode, in lower case.

    Raises:
        AddressInvalid: It is not an e-mail address.
    """
    return canonical_of_normalized(addresses.normalized(email))


_SAME_DOMAINS: Final = {"googlemail.com": "gmail.com"}
_DOTLESS: Final = frozenset({"gmail.com"})
"""Providers that deliver an address with any dots before the @ to one mailbox; others tell such addresses apart."""


def mailbox_of_normalized(email: str) -> str:
    """
    Return the address of the mailbox: the canonical spelling without the tag after a plus.

    Dots before the @ are left out for providers that ignore them.
    """
    local, _, domain = email.lower().rpartition("@")
    domain = _SAME_DOMAINS.get(domain, domain)
    name = local.split("+")[0] or local
    return f"{name.replace('.', '') if domain in _DOTLESS else name}@{domain}"


def canonical_of_normalized(email: str) -> str:
    """Return the canonical spelling of the address in a :class:`SignupForm`, which is normalized already."""
    return email.lower()
