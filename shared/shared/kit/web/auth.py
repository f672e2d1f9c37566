"""
Access control as dependencies of routes: a role by the table of access, and an object of one's own.

:func:`check_access` compares the table with the routes, before a service starts.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from fastapi import FastAPI, Request

from shared.kit.assertions import HEADER
from shared.kit.staff import StaffMember
from shared.kit.web.access import Access
from shared.kit.web.state import state_of

SIGN_IN_PATH: Final = "/stab/logg-inn"
STAFF_PREFIX: Final = "/stab"
"""Everything below is for staff."""

SIGN_IN_PATHS: Final = {STAFF_PREFIX: SIGN_IN_PATH, "/igangsetter": "/igangsetter/logg-inn"}
"""Prefix of the pages that need a session, to the page on which one signs in there."""

F = TypeVar("F", bound=Callable[..., Any])

_object_checks: Final[set[Callable[..., Any]]] = set()


class SignInNeeded(Exception):  # noqa: N818 - a condition, not a fault of ours
    """The request has no valid session; it is answered with a way to the sign-in page."""


class Forbidden(Exception):  # noqa: N818 - the name of the answer
    """The member lacks the role; answered 403."""


def member_of(request: Request) -> StaffMember | None:
    """Return the signed-in member, None without a valid assertion; verified once per request."""
    if not hasattr(request.state, "staff"):
        state = state_of(request)
        header = request.headers.get(HEADER, "")
        request.state.staff = state.assertions.member(header, state.wall()) if header else None
    member: StaffMember | None = request.state.staff
    return member


def sign_in_path(path: str) -> str:
    """Return the page on which one signs in for a path without a language."""
    return next((page for prefix, page in SIGN_IN_PATHS.items() if is_below(path, prefix)), SIGN_IN_PATH)


def is_below(path: str, prefix: str) -> bool:
    """Return True for the prefix itself and for the pages below it."""
    return f"{path}/".startswith(f"{prefix}/")


async def signed_in(request: Request) -> StaffMember:
    """
    Return the signed-in member, whose role may open the route by the table of access; a FastAPI dependency.

    Raises:
        SignInNeeded: Nobody is signed in.
        Forbidden: The role is missing.
    """
    member = member_of(request)
    if member is None:
        raise SignInNeeded
    if not member.has(*state_of(request).access.roles(request.method, request.scope["route"].path)):
        raise Forbidden
    return member


def object_access(dependency: F) -> F:
    """Mark a dependency that reads an id from the path and refuses objects that are not the reader's own."""
    _object_checks.add(dependency)
    return dependency


def check_access(app: FastAPI) -> None:
    """
    Compare the table of access with the routes of an app.

    Raises:
        RuntimeError: They differ; the message names each difference.
    """
    access: Access = app.state.web.access
    if faults := access.faults(app.routes, signed_in, _object_checks):
        raise RuntimeError("\n".join(faults))
