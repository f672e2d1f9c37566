"""
Access control as dependencies of routes: a role, and an object of one's own.

:func:`unguarded_routes` finds the routes that lack one, for a test in each service.
"""

from collections.abc import Awaitable, Callable, Collection, Iterator
from typing import Any, Final, TypeVar

from fastapi import FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from shared.kit.assertions import HEADER
from shared.kit.staff import StaffMember
from shared.kit.web.state import state_of

SIGN_IN_PATH: Final = "/stab/logg-inn"
STAFF_PREFIX: Final = "/stab"
"""Everything below is for staff."""

SIGN_IN_PATHS: Final = {STAFF_PREFIX: SIGN_IN_PATH, "/igangsetter": "/igangsetter/logg-inn"}
"""Prefix of the pages that need a session, to the page on which one signs in there."""

F = TypeVar("F", bound=Callable[..., Any])

_role_checks: Final[set[Callable[..., Any]]] = set()
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


def require(*roles: str) -> Callable[[Request], Awaitable[StaffMember]]:
    """
    Return a FastAPI dependency: a member with one of these roles, or with any role when none is named.

    Raises:
        SignInNeeded: Nobody is signed in.
        Forbidden: The role is missing.
    """

    async def signed_in(request: Request) -> StaffMember:
        member = member_of(request)
        if member is None:
            raise SignInNeeded
        if roles and not member.has(*roles):
            raise Forbidden
        return member

    _role_checks.add(signed_in)
    return signed_in


def object_access(dependency: F) -> F:
    """Mark a dependency that reads an id from the path and refuses objects that are not the reader's own."""
    _object_checks.add(dependency)
    return dependency


def unguarded_routes(app: FastAPI, *, open_paths: Collection[str] = ()) -> list[str]:
    """
    Return one line for each check that a route lacks, as ``GET /stab/rom: no role``.

    A route below a prefix of :data:`SIGN_IN_PATHS` needs a role; a route with a parameter in its path needs a check
    marked by :func:`object_access`.

    Args:
        app: The service.
        open_paths: Paths without access control, as the sign-in page or a text by its version.
    """
    faults = []
    for route in iter_route_contexts(app.routes):
        path, dependant = route.path, getattr(route, "dependant", None)  # a Mount has none
        if path is None or dependant is None or path in open_paths:
            continue
        name = f"{'/'.join(sorted(route.methods or ()))} {path}"
        checks = set(_calls(dependant))
        if any(is_below(path, prefix) for prefix in SIGN_IN_PATHS) and not checks & _role_checks:
            faults.append(f"{name}: no role")
        if "{" in path and not checks & _object_checks:
            faults.append(f"{name}: no object access")
    return faults


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for dependency in dependant.dependencies:
        if dependency.call is not None:
            yield dependency.call
        yield from _calls(dependency)
