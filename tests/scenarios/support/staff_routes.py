"""The staff routes of all services, read from the apps, so that a new one is in every test about them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from fastapi.routing import iter_route_contexts

from tests.scenarios.support.town import Town


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
    for service, app in town.apps.items():
        for route in iter_route_contexts(app.routes):
            if (route.path or "").startswith("/stab"):
                for method in sorted(set(methods) & set(route.methods or ())):
                    yield Route(service, method, str(route.path))
