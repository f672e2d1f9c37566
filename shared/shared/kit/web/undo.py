"""
Undo an act of staff for twenty seconds.

The redirect after the act sets a cookie with the form that takes it back. The pages of the next twenty seconds show
that form, of whatever service they are; the service of the act refuses it later. It is an act like any other: of the
same person, with the same rights, and recorded.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from shared.kit.staff import StaffMember
from shared.kit.web.acts import Fields
from shared.kit.web.form_keys import FormKeys
from shared.kit.web.next_page import staff_path

TIME_TO_UNDO: Final = timedelta(seconds=20)
FIELD: Final = "_undo"
_COOKIE: Final = "selvhjelp-angre"
_COOKIE_MOST: Final = 3_800  # bytes; browsers keep 4096 with name and attributes


class TooLateToUndo(Exception):  # noqa: N818 - a condition, not a fault of ours
    """The twenty seconds are over; answered 409."""


@dataclass(frozen=True, slots=True)
class Undo:
    """The act that takes another one back: a path without language, and its fields."""

    path: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class Offer:
    """
    A form that undoes an act, as a page shows it.

    Attributes:
        path: The address that it posts to; empty once something has been undone.
        fields: Its hidden fields, with both tokens.
    """

    path: str = ""
    fields: Sequence[tuple[str, str]] = ()


def token(keys: FormKeys, path: str, member: StaffMember | None, now: datetime) -> str:
    """Return the hidden value by which a path undoes something until the time is up."""
    return keys.stamp(path, _binding(path, member), now + TIME_TO_UNDO)


def check(keys: FormKeys, value: object, path: str, member: StaffMember | None, now: datetime) -> None:
    """
    Let a form pass that undoes nothing, or something in time.

    Raises:
        TooLateToUndo: The time is up, or the value is not ours.
    """
    if value is None:
        return
    until = keys.stamped_at(str(value), path, _binding(path, member))
    if until is None or now.timestamp() > until:
        raise TooLateToUndo


def offer(response: Response, path: str, fields: Iterable[tuple[str, str]], *, secure: bool) -> None:
    """Offer the reader of the next pages to undo; without a path, tell them that it has been done."""
    text = json.dumps({"path": path, "fields": list(fields)}, ensure_ascii=False, separators=(",", ":"))
    value = base64.urlsafe_b64encode(text.encode()).decode()
    if len(value) > _COOKIE_MOST:
        forget(response, secure=secure)
        return
    response.set_cookie(
        _name(secure=secure),
        value,
        max_age=int(TIME_TO_UNDO.total_seconds()),
        path="/",
        httponly=True,
        samesite="strict",
        secure=secure,
    )


def forget(response: Response, *, secure: bool) -> None:
    """Take an earlier offer back, as another act has followed."""
    response.delete_cookie(_name(secure=secure), path="/", httponly=True, samesite="strict", secure=secure)


def is_offered(request: Request, *, secure: bool) -> bool:
    """Return True if the browser has an offer."""
    return _name(secure=secure) in request.cookies


def offered(request: Request, *, secure: bool) -> Offer | None:
    """Return the offer of the browser, None without one; a value that is not ours is left out."""
    value = request.cookies.get(_name(secure=secure), "")
    if not value:
        return None
    try:
        content = json.loads(base64.urlsafe_b64decode(value.encode()))
        path = content["path"]
        fields = [(str(name), str(text)) for name, text in content["fields"]]
    except (ValueError, TypeError, KeyError, binascii.Error):
        return None
    if not isinstance(path, str) or (path and staff_path(path) != path):
        return None
    return Offer(path, fields)


def pairs(fields: Fields) -> list[tuple[str, str]]:
    """Return name and value of each hidden field."""
    return [
        (name, text) for name, value in fields.items() for text in ([value] if isinstance(value, str) else list(value))
    ]


def _name(*, secure: bool) -> str:
    """Return the name of the cookie; over HTTPS one that no other page of the host can set."""
    return f"__Host-{_COOKIE}" if secure else _COOKIE


def _binding(path: str, member: StaffMember | None) -> str:
    return f"undo\0{path}\0{member.session_id if member else ''}"
