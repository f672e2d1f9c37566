"""Renew the register of postal codes from the file that Bring publishes, with the points that we have."""

import csv
import re
from collections.abc import Iterable, Mapping
from typing import Final

from shared.reference import places

COLUMNS: Final = ("postal_code", "poststed", "kommune", "latitude", "longitude")

_SMALL: Final = re.compile(r"\b(I|På|Og|Ved)\b")
_SEPARATORS: Final = "\t;,"

Row = tuple[str, str, str, str, str]


class RegisterInvalid(ValueError):  # noqa: N818 - named by the condition
    """The file is not a register of postal codes that fits ours."""


def read(text: str) -> dict[str, tuple[str, str]]:
    """
    Return name and kommune by postal code, from lines of code, name and kommune number.

    Raises:
        RegisterInvalid: There is no such line.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    separator = next((sign for sign in _SEPARATORS if lines and sign in lines[0]), "\t")
    rows = (row for row in csv.reader(lines, delimiter=separator) if len(row) >= 3)
    found = {row[0].strip(): (row[1].strip(), row[2].strip()) for row in rows if re.fullmatch(r"\d{4}", row[0].strip())}
    if not found:
        msg = "no line has a postal code, a name and a kommune number"
        raise RegisterInvalid(msg)
    return found


def renew(old: Iterable[Row], register: Mapping[str, tuple[str, str]]) -> tuple[Row, ...]:
    """
    Return the rows of the new register, by code. A new code gets the point of the nearest code of its kommune.

    Raises:
        RegisterInvalid: A kommune of the register is unknown.
    """
    known = {row[0]: row for row in old}
    kommuner = places.load().kommuner
    if unknown := sorted({kommune for _, kommune in register.values()} - set(kommuner)):
        msg = f"unknown kommuner: {', '.join(unknown[:5])}"
        raise RegisterInvalid(msg)
    return tuple(_row(code, *register[code], known) for code in sorted(register))


def _row(code: str, name: str, kommune: str, known: Mapping[str, Row]) -> Row:
    if row := known.get(code):
        same = row[1].casefold() == name.casefold()
        return (code, row[1] if same else _title(name), kommune, row[3], row[4])
    near = [row for row in known.values() if row[2] == kommune]
    if near:
        nearest = min(near, key=lambda row: abs(int(row[0]) - int(code)))
        return (code, _title(name), kommune, nearest[3], nearest[4])
    centre = places.load().kommuner[kommune]
    return (code, _title(name), kommune, str(centre.latitude), str(centre.longitude))


def _title(name: str) -> str:
    return _SMALL.sub(lambda word: word[0].lower(), name.title()) if name.isupper() else name
