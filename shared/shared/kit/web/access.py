"""
The table of access, which decides who opens a route.

Each line names a route, the roles that may open it, and the check that looks up the object in its path. A service does
not start with a route that has no line, with a line that has no route, or with a route whose checks are not those of
its line.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Protocol

from fastapi.dependencies.models import Dependant
from starlette.routing import BaseRoute, Route

from shared.kit.staff import StaffMember


class AccessLine(Protocol):
    """
    One line.

    Attributes:
        service, method, path: The route, by its template.
        roles: The roles that may open it; none for a page without a session.
        object: The name of the check of its object; empty for none.
    """

    @property
    def service(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def roles(self) -> Collection[str]: ...
    @property
    def object(self) -> str: ...


class Access:
    """
    The table as one service reads it.

    Args:
        lines: Those of all services, since a menu leads to pages of others.
        service: The service.
    """

    def __init__(self, lines: Iterable[AccessLine], service: str) -> None:
        all_lines = tuple(lines)
        self._lines = {(line.method, line.path): line for line in all_lines if line.service == service}
        self._pages = [(_pattern(line.path), line) for line in sorted(all_lines, key=_specific_first)]

    def roles(self, method: str, path: str) -> Collection[str]:
        """
        Return the roles that may open a route.

        Raises:
            KeyError: It has no line; a service with such a route does not start.
        """
        return self._lines[method, path].roles

    def opens(self, member: StaffMember | None, path: str, method: str = "GET") -> bool:
        """Return True if a member may open a path of any service, without a language or query; False for no path."""
        line = next((line for pattern, line in self._pages if line.method == method and pattern.match(path)), None)
        return line is not None and (not line.roles or (member is not None and member.has(*line.roles)))

    def faults(self, routes: Iterable[BaseRoute], role_check: object, object_checks: Collection[object]) -> list[str]:
        """
        Return one line for each difference between the table and the routes of the service.

        Args:
            routes: The routes.
            role_check: The dependency that reads this table.
            object_checks: The dependencies that look up objects.
        """
        faults = []
        met = set()
        for method, route in _methods(routes):
            line = self._lines.get((method, route.path))
            name = f"{method} {route.path}"
            met.add((method, route.path))
            if line is None:
                faults.append(f"{name}: no line in the table of access")
                continue
            calls = set(_calls(getattr(route, "dependant", None)))
            if bool(line.roles) != (role_check in calls):
                faults.append(f"{name}: {'no check of the role' if line.roles else 'a check of the role, but no role'}")
            checks = {call.__name__ for call in calls & set(object_checks)}
            if (line.object not in checks) if line.object else bool(checks):
                faults.append(f"{name}: checks {sorted(checks)}, not {line.object or 'nothing'}")
            if line.roles and "{" in route.path and not line.object:
                faults.append(f"{name}: no check of its object")
        return faults + [f"{method} {path}: a line without a route" for method, path in self._lines.keys() - met]


def _methods(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, Route]]:
    for route in routes:
        if isinstance(route, Route):  # not a folder of files
            yield from ((method, route) for method in sorted(route.methods or ()))


def _calls(dependant: Dependant | None) -> Iterator[Any]:
    for dependency in dependant.dependencies if dependant else ():
        if dependency.call is not None:
            yield dependency.call
        yield from _calls(dependency)


def _pattern(path: str) -> "re.Pattern[str]":
    parts = re.split(r"{\w+}", path)
    return re.compile("[^/]+".join(map(re.escape, parts)) + r"\Z")


def _specific_first(line: AccessLine) -> tuple[int, str]:
    return line.path.count("{"), line.path
