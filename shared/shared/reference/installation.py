"""The installation's own YAML file, which changes the shipped data; its faults are reported in plain words."""

import functools
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from shared.errors import SettingError

KEYS: Final = ("centres", "helplines", "ways_on", "keep")
"""The keys at the top of the file, each with a list."""


class InstallationError(SettingError):
    """The installation's file cannot be used; the message has one line in plain words for each fault."""

    def __init__(self, message: str) -> None:
        super().__init__(message, setting="centres_file")


@functools.cache
def shipped(name: str) -> dict[str, Any]:
    """Return the content of one of the package's own data files."""
    data: dict[str, Any] = _parse(
        resources.files("shared.reference").joinpath("data", name).read_text(encoding="utf-8")
    )
    return data


def read(path: Path) -> dict[str, list[Any]]:
    """Return the lists in the installation's file; InstallationError if it is missing or malformed."""
    file = path.name
    try:
        data = _parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{file}: cannot be read as text ({type(error).__name__})"
        raise InstallationError(msg) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" near line {mark.line + 1}" if mark else ""
        msg = f"{file}: is not valid YAML{where}"
        raise InstallationError(msg) from None
    if not isinstance(data, dict):
        msg = f"{file}: must have one or more of {', '.join(KEYS)} at the top"
        raise InstallationError(msg)
    faults = [f"{file}: {key} is not known here; write {', '.join(KEYS)}" for key in data if key not in KEYS]
    faults += [f"{file}: {key} must be a list" for key in data if key in KEYS and not isinstance(data[key], list)]
    faults += [
        f"{file}: {key}, number {number}: must be a set of keys and values"
        for key in ("centres", "helplines", "ways_on")
        for number, entry in enumerate(data.get(key) or () if isinstance(data.get(key), list) else (), 1)
        if not isinstance(entry, dict)
    ]
    if faults:
        raise InstallationError("\n".join(faults))
    return data


def _parse(text: str) -> Any:
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders


_PLAIN: Final = {
    "missing": "is missing",
    "extra_forbidden": "is not a key that is known here",
    "string_type": "must be text (put it in quotation marks)",
    "string_pattern_mismatch": "is not written in the right form",
    "string_too_short": "must not be empty",
    "string_too_long": "is too long",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "tuple_type": "must be a list",
    "dict_type": "must be a set of keys and values",
    "model_type": "must be a set of keys and values",
    "too_short": "must not be empty",
}


def plain(error: ValidationError) -> Iterator[str]:
    """Yield one line for each fault: its place, counted from one, and the fault."""
    for fault in error.errors(include_url=False):
        place = ", ".join(f"number {step + 1}" if isinstance(step, int) else step for step in fault["loc"])
        context = fault.get("ctx", {})
        if fault["type"] in ("literal_error", "greater_than_equal", "less_than_equal"):
            templates = {"literal_error": "must be {expected}", "greater_than_equal": "must be {ge} or more"}
            description = templates.get(fault["type"], "must be {le} or less").format(**context)
        elif fault["type"] == "value_error":
            description = str(context["error"])
        else:
            description = _PLAIN.get(fault["type"], fault["msg"])
        yield f"{place}: {description}" if place else description
