"""The guarded routes of all services, read from the apps, so that a new one is in every test about them."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from fastapi.routing import iter_route_contexts

from tests.scenarios.support.town import Town

_SIGNING_IN: Final = "/igangsetter/logg-inn"


class Route(NamedTuple):
    """One method of one path of a service."""

    service: str
    method: str
    path: str

    @property
    def parameters(self) -> list[str]:
        """The names of the parameters in the path."""
        return re.findall(r"{(\w+)}", self.path)


def staff_routes(town: Town, *methods: str) -> Iterator[Route]:
    """Yield the staff routes of all services, as the apps have them."""
    return _routes_under(town, "/stab", methods)


def igangsetter_routes(town: Town, *methods: str) -> Iterator[Route]:
    """Yield the routes of signed-in igangsettere."""
    routes = _routes_under(town, "/igangsetter/", methods)
    return (route for route in routes if not route.path.startswith(_SIGNING_IN) and "token" not in route.parameters)


def link_routes(town: Town, *methods: str) -> Iterator[Route]:
    """Yield the routes that what is in a link opens, whatever the parameter is called."""
    for route in _routes_under(town, "/", methods):
        if not route.path.startswith(("/stab", "/-/")) and route.parameters and route not in _by_session(town, methods):
            yield route


def _by_session(town: Town, methods: tuple[str, ...]) -> frozenset[Route]:
    return frozenset(igangsetter_routes(town, *methods))


def _routes_under(town: Town, prefix: str, methods: tuple[str, ...]) -> Iterator[Route]:
    for service, app in town.apps.items():
        for route in iter_route_contexts(app.routes):
            if (route.path or "").startswith(prefix):
                for method in sorted(set(methods) & set(route.methods or ())):
                    yield Route(service, method, str(route.path))
