"""A policy as the fields of a form, and back; and what differs between two policies."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from intake.domain.form import FieldError
from shared.reference.policy import DECISIONS, Policy, Span

UNDECIDED: Final = "undecided"
"""The choice of a centre that has not decided something."""

NUMBERS: Final = (
    "size_min",
    "size_max",
    "seat_deadline_hours",
    "fill_days",
    "draft_minutes",
    "starters_min",
    "meeting_minutes",
    "start_notice_days",
    "extension_days",
)
SWITCHES: Final = (
    "runs_groups",
    "digital_groups",
    "seat_confirmation",
    "meeting_break",
    "short_messages",
    "visit_on_request",
)
CHOICES: Final = (
    "group_term",
    "mix_of_problems",
    "reading_gate",
    "forsamtale",
    "room",
    "confidentiality",
    "coming_question",
    "reopen_rule",
    "conflict_visit",
    "kontaktmote",
    "leave_notice",
    "post_handover_memory",
)
SPANS: Final = ("starter_meetings", "followup_after_solo")
"""A number of meetings, from and to; the other value is "agreed_with_group" or none."""

WISHES: Final = "wishes"

OF_TEXTS: Final = ("version", "consent_version", "information_version", "undecided")
"""Fields of a policy that no field of the form stands for."""

KEYS: Final = (*NUMBERS, *SWITCHES, *CHOICES, *SPANS, WISHES)

NO_SPAN: Final[Mapping[str, object]] = {"starter_meetings": "agreed_with_group", "followup_after_solo": None}

Value = str | list[str]


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the most of a number, and what it must be a multiple of."""

    least: int
    most: int
    step: int = 1

    def allow(self, number: int) -> bool:
        """Return True for a number that the policy may have."""
        return self.least <= number <= self.most and number % self.step == 0


def bounds(key: str) -> Bounds:
    """Return what a number of the policy may be."""
    if key in SPANS:
        return Bounds(0, 50)
    limits = {
        name: getattr(part, name)
        for part in Policy.model_fields[key].metadata
        for name in ("ge", "le", "multiple_of")
        if getattr(part, name, None) is not None
    }
    return Bounds(limits["ge"], limits["le"], limits.get("multiple_of", 1))


def default_of(key: str) -> Any:
    """Return the system's own value, for a centre that has not decided."""
    return Policy.model_fields[key].default


def form_values(policy: Policy) -> dict[str, Value]:
    """Return the policy as the fields of the form."""
    values: dict[str, Value] = {WISHES: list(policy.wishes)}
    for key in (*NUMBERS, *SWITCHES, *CHOICES):
        value = getattr(policy, key)
        undecided = key in policy.undecided
        if key in NUMBERS:
            values[key] = "" if undecided else str(value)
        else:
            values[key] = UNDECIDED if undecided else _text(value)
    for key in SPANS:
        value = getattr(policy, key)
        values[key] = UNDECIDED if key in policy.undecided else "times" if isinstance(value, Span) else "none"
        values[f"{key}_from"] = str(value.min) if isinstance(value, Span) else ""
        values[f"{key}_to"] = str(value.max) if isinstance(value, Span) else ""
    return values


def field_names() -> tuple[str, ...]:
    """Return the names of all fields of the form."""
    return tuple(name for key in KEYS for name in ((key, f"{key}_from", f"{key}_to") if key in SPANS else (key,)))


def parse(values: Mapping[str, Value], base: Policy) -> tuple[Policy | None, tuple[FieldError, ...]]:
    """
    Return the policy that the form states, or None and what is wrong.

    Args:
        values: The fields that were sent.
        base: Has the values that no field stands for.
    """
    data: dict[str, Any] = {key: getattr(base, key) for key in OF_TEXTS if key != "undecided"}
    errors: list[FieldError] = []
    data[WISHES] = [value for value in _list(values.get(WISHES, [])) if value]
    for key in NUMBERS:
        _read_number(key, key, _one(values, key), data, errors)
    for key in (*SWITCHES, *CHOICES):
        value = _one(values, key)
        if value == UNDECIDED and key in DECISIONS:
            continue
        if not value:
            errors.append(FieldError(key, "choose"))
        else:
            data[key] = {"true": True, "false": False}.get(value, value) if key in SWITCHES else value
    for key in SPANS:
        _read_span(key, values, data, errors)
    if not errors:
        errors += _contradictions(data)
    if errors:
        return None, tuple(errors)
    undecided = {key for key in DECISIONS if key not in data}
    try:
        return Policy.model_validate({**data, "undecided": undecided}), ()
    except ValidationError as invalid:
        wrong = [str(error["loc"][0]) for error in invalid.errors(include_url=False) if error["loc"]]
        return None, tuple(FieldError(key, "choose") for key in dict.fromkeys(wrong))


def changed_keys(old: Policy, new: Policy) -> tuple[str, ...]:
    """Return the keys whose value or decision differs, in the order of the form."""
    return tuple(
        key
        for key in KEYS
        if getattr(old, key) != getattr(new, key) or (key in old.undecided) != (key in new.undecided)
    )


def _read_number(
    name: str, key: str, value: str, data: dict[str, Any], errors: list[FieldError], *, required: bool = False
) -> None:
    if not value:
        if required or key not in DECISIONS:
            errors.append(FieldError(name, "number"))
        return
    number = int(value) if value.isascii() and value.isdigit() and len(value) < 7 else -1
    if bounds(key).allow(number):
        data[name] = number
    else:
        errors.append(FieldError(name, "number"))


def _read_span(key: str, values: Mapping[str, Value], data: dict[str, Any], errors: list[FieldError]) -> None:
    choice = _one(values, key)
    if choice == UNDECIDED:
        return
    if choice == "none":
        data[key] = NO_SPAN[key]
        return
    if choice != "times":
        errors.append(FieldError(key, "choose"))
        return
    ends: dict[str, Any] = {}
    for end in ("from", "to"):
        _read_number(f"{key}_{end}", key, _one(values, f"{key}_{end}"), ends, errors, required=True)
    least, most = ends.get(f"{key}_from"), ends.get(f"{key}_to")
    if least is None or most is None:
        return
    if least > most:
        errors.append(FieldError(f"{key}_to", "order"))
    else:
        data[key] = Span(min=least, max=most)


def _contradictions(data: Mapping[str, Any]) -> list[FieldError]:
    least, most = (data.get(key, default_of(key)) for key in ("size_min", "size_max"))
    return [FieldError("size_max", "order")] if least > most else []


def _one(values: Mapping[str, Value], name: str) -> str:
    value = values.get(name, "")
    return (value if isinstance(value, str) else next(iter(value), "")).strip()


def _list(value: Value) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
