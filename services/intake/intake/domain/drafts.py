"""An unfinished sign-up form: what was typed so far, and which of its steps have been tried."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

Value = str | list[str]

STEP_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "sted": ("place", "place_choice", "nearby"),
    "tider": (
        "slots",
        "slots_if_needed",
        "digital",
        "max_travel_km",
        "languages",
        "wheelchair",
        "wish_women",
        "wish_men",
        "wish_young",
    ),
    "om-deg": ("first_name", "channel", "email", "mobile", "adult", "information", "consent"),
}
"""The steps in order, by their word in the address, with the fields of each."""

STEPS: Final = tuple(STEP_FIELDS)

VALUE_MAX: Final = 500  # characters; longer than any field may be, so that its own sentence tells


@dataclass(frozen=True)
class Draft:
    """
    An unfinished form.

    Attributes:
        values: The fields, as typed.
        nonce: The idempotency key of its sending.
        started: When the first step was sent, as a timestamp in wall time.
        centre: The id of the centre whose texts were shown.
        tried: Steps that the person has wanted to leave forwards; only their faults are shown.
        kept_email: The address that the person said is right, though it looks like a slip.
        notice: A code of a sentence above the next page.
        once_more: True after the form came back because it was filled in faster than people can.
        sent: True after it was sent.
        replaces: The nonce of the form that was sent before and that this one corrects; empty without one.
    """

    values: Mapping[str, Value]
    nonce: str
    started: float
    centre: str = ""
    tried: frozenset[str] = field(default_factory=frozenset)
    kept_email: str = ""
    notice: str = ""
    once_more: bool = False
    sent: bool = False
    replaces: str = ""

    def value(self, name: str) -> str:
        """Return the one value of a field, or an empty string."""
        value = self.values.get(name, "")
        return value if isinstance(value, str) else next(iter(value), "")

    def with_step(self, step: str, sent: Mapping[str, Value]) -> "Draft":
        """Return the form with all fields of one step as they were sent; a box without a tick is not sent."""
        fields = {name: _short(sent[name]) for name in STEP_FIELDS[step] if name in sent}
        others = {name: value for name, value in self.values.items() if name not in STEP_FIELDS[step]}
        return replace(self, values={**others, **fields}, notice="")

    def with_values(self, **values: Value) -> "Draft":
        """Return the form with some other values."""
        return replace(self, values={**self.values, **values})

    def trying(self, *steps: str) -> "Draft":
        """Return the form after the person wanted to leave these steps forwards."""
        return replace(self, tried=self.tried.union(steps))


def to_json(draft: Draft) -> str:
    """Return the form as text."""
    return json.dumps({**vars(draft), "values": dict(draft.values), "tried": sorted(draft.tried)})


def from_json(text: str) -> Draft:
    """Return the form that :func:`to_json` wrote."""
    content = json.loads(text)
    return Draft(**{**content, "tried": frozenset(content["tried"])})


def _short(value: Value) -> Value:
    return value[:VALUE_MAX] if isinstance(value, str) else [text[:VALUE_MAX] for text in value[:50]]
