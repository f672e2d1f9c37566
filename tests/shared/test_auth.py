"""The table of access against the routes of a service, and the pages that a role opens."""

from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI
from starlette.routing import BaseRoute, Mount

from shared.kit.staff import StaffMember
from shared.kit.web import auth
from shared.kit.web.access import Access
from tests.shared.support.web_demo.demo import ACCESS, Line

Member = Annotated[StaffMember, Depends(auth.signed_in)]


@auth.object_access
async def own_area(area_id: str, _member: Member) -> str:
    return area_id


async def public_area(area_id: str) -> str:
    return area_id


def routes(*added: tuple[str, str, Callable[..., Any]]) -> list[BaseRoute]:
    router = APIRouter()
    for method, path, endpoint in added:
        router.add_api_route(path, endpoint, methods=[method])
    return [*router.routes, Mount("/static", FastAPI())]


def of_nobody() -> None:
    """Answer a route without any check."""


def of_member(_member: Member) -> None:
    """Answer a route with a check of the role."""


def of_area(_area: Annotated[str, Depends(own_area)]) -> None:
    """Answer a route with both checks."""


def faults(lines: list[Line], *added: tuple[str, str, Callable[..., Any]]) -> list[str]:
    return Access(lines, "demo").faults(routes(*added), auth.signed_in, {own_area, public_area})


STAFF_ONLY = ("koordinator",)


@pytest.mark.parametrize(
    ("lines", "added", "fault"),
    [
        ([], ("GET", "/stab/rom", of_member), "GET /stab/rom: no line in the table of access"),
        ([Line("GET", "/stab/rom", STAFF_ONLY)], ("POST", "/stab/rom", of_member), "POST /stab/rom: no line"),
        (
            [Line("GET", "/stab/rom", STAFF_ONLY)],
            ("GET", "/stab/rom", of_nobody),
            "GET /stab/rom: no check of the role",
        ),
        ([Line("GET", "/rom")], ("GET", "/rom", of_member), "GET /rom: a check of the role, but no role"),
        (
            [Line("GET", "/stab/omrader/{area_id}", STAFF_ONLY)],
            ("GET", "/stab/omrader/{area_id}", of_member),
            "GET /stab/omrader/{area_id}: no check of its object",
        ),
        (
            [Line("GET", "/stab/omrader/{area_id}", STAFF_ONLY, "own_area")],
            ("GET", "/stab/omrader/{area_id}", of_member),
            "GET /stab/omrader/{area_id}: checks [], not own_area",
        ),
        (
            [Line("GET", "/stab/omrader/{area_id}", STAFF_ONLY)],
            ("GET", "/stab/omrader/{area_id}", of_area),
            "GET /stab/omrader/{area_id}: checks ['own_area'], not nothing",
        ),
    ],
)
def test_route_that_differs_from_its_line_is_a_fault(
    lines: list[Line], added: tuple[str, str, Callable[..., Any]], fault: str
) -> None:
    assert faults(lines, added)[0].startswith(fault)


def test_line_without_a_route_is_a_fault() -> None:
    assert faults([Line("GET", "/stab/rom", STAFF_ONLY)]) == ["GET /stab/rom: a line without a route"]


def test_lines_of_all_routes_are_no_fault() -> None:
    lines = [Line("GET", "/"), Line("GET", "/stab/rom", STAFF_ONLY)]
    lines += [Line("POST", "/stab/omrader/{area_id}", STAFF_ONLY, "own_area"), Line("GET", "/other", service="other")]
    added = (("GET", "/", of_nobody), ("GET", "/stab/rom", of_member), ("POST", "/stab/omrader/{area_id}", of_area))
    assert faults(lines, *added) == []


@pytest.mark.parametrize(
    ("roles", "path", "opens"),
    [
        ({"koordinator"}, "/stab/", True),
        ({"leser"}, "/stab/", False),
        (set(), "/stab/", False),
        ({"leser"}, "/pamelding", True),
        ({"koordinator"}, "/ukjent", False),
        ({"koordinator"}, "/feil/x", True),
        ({"koordinator"}, "/feil/x/y", False),
    ],
)
def test_pages_that_a_role_opens_are_those_of_the_table(roles: set[str], path: str, opens: bool) -> None:
    member = StaffMember("kari", frozenset(roles), frozenset(), "session")
    assert Access(ACCESS, "grouping").opens(member, path) is opens


def test_service_with_a_forgotten_route_does_not_start() -> None:
    from tests.shared.support.web_demo import demo

    demo.router.add_api_route("/stab/glemt", of_nobody)
    try:
        with pytest.raises(RuntimeError, match="GET /stab/glemt: no line in the table of access"):
            demo.build()
    finally:
        demo.router.routes.pop()
    demo.build()
