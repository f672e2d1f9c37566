"""How a centre is reached and its colours, as the fields of a form, and back."""

import re
from collections.abc import Mapping
from typing import Final

from intake.domain.form import FieldError
from shared.reference.branding import DARK_GROUNDS, LIGHT_GROUNDS, contrast, readable
from shared.reference.centre_look import PHONE, CentreLook
from shared.reference.centres import LANGUAGES, Centre

HOURS: Final = tuple(f"hours_{language}" for language in LANGUAGES)
COLORS: Final = ("color", "color_dark")
FIELDS: Final = ("phone", *HOURS, *COLORS)

HOURS_MAX: Final = 100
"""Characters of when somebody answers, in one language."""

_COLOR: Final = re.compile(r"#?[0-9a-fA-F]{6}")


def form_values(centre: Centre) -> dict[str, str]:
    """Return what holds now as the fields of the form."""
    hours = centre.hours or {}
    values = {f"hours_{language}": hours.get(language, "") for language in LANGUAGES}
    look = centre.branding
    return {"phone": centre.phone or "", **values, "color": look.color or "", "color_dark": look.color_dark or ""}


def parse(values: Mapping[str, str]) -> tuple[CentreLook | None, tuple[FieldError, ...]]:
    """
    Return what the form states, or None and what is wrong.

    A colour for dark pages that is left out is the nearest one to the other that can be read there.
    """
    errors: list[FieldError] = []
    phone = values.get("phone", "").strip()
    if phone and not re.fullmatch(PHONE, phone):
        errors.append(FieldError("phone", "phone"))
    hours = {language: " ".join(values.get(f"hours_{language}", "").split()) for language in LANGUAGES}
    if any(hours.values()):
        for language, text in hours.items():
            if not text:
                errors.append(FieldError(f"hours_{language}", "all_languages"))
            elif len(text) > HOURS_MAX or not text.isprintable():
                errors.append(FieldError(f"hours_{language}", "hours"))
    color, color_dark = (_color(name, values, errors) for name in COLORS)
    if color_dark and not color and not errors:
        errors.append(FieldError("color", "color_missing"))
    if errors:
        return None, tuple(errors)
    if color and not color_dark:
        color_dark = readable(color, dark=True)
    told = hours if any(hours.values()) else None
    return CentreLook.model_validate(
        {"phone": phone or None, "hours": told, "color": color or None, "color_dark": color_dark or None}
    ), ()


def worst_contrast(color: str, *, dark: bool) -> float:
    """Return the lowest contrast of a colour to the grounds of our pages, cut off after one decimal."""
    grounds = DARK_GROUNDS if dark else LIGHT_GROUNDS
    return int(min(contrast(color, ground) for ground in grounds) * 10) / 10


def _color(name: str, values: Mapping[str, str], errors: list[FieldError]) -> str:
    """Return the colour of a field as #rrggbb; empty for none, or for one that cannot be read."""
    written = values.get(name, "").strip()
    if not written:
        return ""
    if not _COLOR.fullmatch(written):
        errors.append(FieldError(name, "color_form"))
        return ""
    color = f"#{written.removeprefix('#').lower()}"
    dark = name == "color_dark"
    if readable(color, dark=dark) != color:
        errors.append(FieldError(name, "color_dark_contrast" if dark else "color_contrast"))
        return ""
    return color
