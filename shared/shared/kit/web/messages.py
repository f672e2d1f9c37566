"""Pydantic's types of error as sentences that help the reader."""

from dataclasses import dataclass
from typing import Any

from pydantic_core import ErrorDetails

from shared.kit.i18n import N_, Texts

_MISSING = {"missing", "none_required"}
_CHOICES = {"enum", "literal_error", "union_tag_invalid"}
_NUMBERS = {"int_parsing", "int_type", "int_from_float", "float_parsing", "float_type", "decimal_parsing"}
_DATES = {"date_parsing", "date_type", "date_from_datetime_parsing", "date_from_datetime_inexact"}
_TIMES = {"time_parsing", "time_type", "datetime_parsing", "datetime_type", "datetime_from_date_parsing"}

_FIELD_MISSING = N_("Fyll ut «%(label)s».")
_CHOOSE = N_("Velg minst ett alternativ under «%(label)s».")
_TOO_LONG = N_("«%(label)s» kan ha høyst %(limit)s tegn.")
_TOO_SHORT = N_("«%(label)s» må ha minst %(limit)s tegn.")
_TOO_MANY = N_("Velg høyst %(limit)s alternativer under «%(label)s».")
_UNKNOWN_CHOICE = N_("Velg et av alternativene under «%(label)s».")
_NUMBER = N_("Skriv «%(label)s» som et helt tall.")
_AT_LEAST = N_("«%(label)s» må være minst %(limit)s.")
_AT_MOST = N_("«%(label)s» kan være høyst %(limit)s.")
_DATE = N_("Skriv «%(label)s» som en dato.")
_TIME = N_("Skriv «%(label)s» som et tidspunkt.")
_EMAIL = N_("Skriv e-postadressen slik: navn@eksempel.no.")
_TICK = N_("Kryss av for «%(label)s».")
_EXTRA = N_("Feltet «%(label)s» er ikke kjent.")
_JSON = N_("Innholdet er ikke gyldig JSON.")
_WRONG = N_("Se over «%(label)s».")
_CONTROL = N_("Ett av feltene inneholder tegn som ikke kan lagres. Skriv det på nytt.")

_NOT_ONE_LINE = N_("«%(label)s» skal stå på én linje, uten usynlige tegn. Skriv det på nytt.")


@dataclass(frozen=True, slots=True)
class FieldText:
    """
    A label with sentences of its own; all of them msgids.

    Attributes:
        label: The label of the field.
        missing: Shown for an empty field.
        invalid: Shown for every other error of the field.
    """

    label: str
    missing: str = ""
    invalid: str = ""


Label = str | FieldText


def sentence(error: ErrorDetails, label: Label, locale: str, texts: Texts) -> str:
    """
    Return the sentence for one error.

    The text of a ``ValueError`` or ``PydanticCustomError`` of a validator is itself the sentence (msgid).
    """
    own = label if isinstance(label, FieldText) else FieldText(label)
    context: dict[str, Any] = error.get("ctx", {})
    msgid = _own_sentence(error, own, context) or _common_sentence(error, context)
    limit = next((context[key] for key in ("max_length", "min_length", "ge", "le", "gt", "lt") if key in context), "")
    return texts.gettext(locale, msgid) % {"label": texts.gettext(locale, own.label), "limit": limit}


def control_characters(locale: str, texts: Texts) -> str:
    """Return the sentence for a text with control characters."""
    return texts.gettext(locale, _CONTROL)


def not_one_line(label: Label, locale: str, texts: Texts) -> str:
    """Return the sentence for a field of one line with line breaks or marks that nobody sees."""
    name = label.label if isinstance(label, FieldText) else label
    return texts.gettext(locale, _NOT_ONE_LINE) % {"label": texts.gettext(locale, name)}


def _own_sentence(error: ErrorDetails, own: FieldText, context: dict[str, Any]) -> str:
    if _is_missing(error, context):
        return own.missing
    return own.invalid


def _is_missing(error: ErrorDetails, context: dict[str, Any]) -> bool:
    kind = error["type"]
    return kind in _MISSING or (kind in {"string_too_short", "too_short"} and context.get("min_length") == 1)


def _common_sentence(error: ErrorDetails, context: dict[str, Any]) -> str:  # noqa: PLR0911 - a table
    kind = error["type"]
    if kind == "too_short":
        return _CHOOSE
    if _is_missing(error, context):
        return _FIELD_MISSING
    if kind == "value_error":
        reason = str(context.get("error", ""))
        return _EMAIL if "reason" in context or "email" in reason else _escaped(reason) or _WRONG
    if kind in _CHOICES:
        expected = str(context.get("expected", ""))
        return _TICK if expected in {"True", "'on'", "'yes'"} else _UNKNOWN_CHOICE
    if kind in _NUMBERS:
        return _NUMBER
    if kind in _DATES:
        return _DATE
    if kind in _TIMES:
        return _TIME
    table = {
        "string_too_long": _TOO_LONG,
        "string_too_short": _TOO_SHORT,
        "too_long": _TOO_MANY,
        "greater_than_equal": _AT_LEAST,
        "less_than_equal": _AT_MOST,
        "extra_forbidden": _EXTRA,
        "json_invalid": _JSON,
    }
    if kind in table:
        return table[kind]
    # A kind that Pydantic does not know is a PydanticCustomError of ours, and its text a msgid.
    from_validator = (
        "url" not in error and not kind.endswith(("_type", "_parsing", "_mismatch")) and "." in error["msg"]
    )
    return _escaped(error["msg"]) if from_validator else _WRONG


def _escaped(text: str) -> str:
    return text.replace("%", "%%") if "%(" not in text else text
