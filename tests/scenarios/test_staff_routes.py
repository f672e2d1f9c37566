"""Every staff route refuses a form from elsewhere, hides what another centre has, and shows each role its fields."""

import re

import httpx
import pytest

from shared.reference.access import LINES
from shared.reference.roles import Role
from tests.scenarios.support.fields import faults_of_fields
from tests.scenarios.support.furnished import Centre, furnished
from tests.scenarios.support.people import Visitor, signed_in
from tests.scenarios.support.staff_routes import Route, staff_routes
from tests.scenarios.support.town import URL, Town
from tests.shared.support.plain import without_tokens

pytestmark = pytest.mark.system

STAFF_ROLES = (Role.KOORDINATOR, Role.ADMIN, Role.LESER)


def filled(route: Route, centre: Centre) -> str:
    """Return the path of a route about an object of the centre; KeyError for a parameter without an object."""
    return re.sub(r"{(\w+)}", lambda match: centre.ids[match[1]][0], route.path)


def token_of(visitor: Visitor) -> str:
    """Return the token of the session, which every form of staff carries."""
    return visitor.page.forms[0].fields["_csrf"][0]


async def send(visitor: Visitor, path: str, data: dict[str, str], **headers: str) -> httpx.Response:
    return await visitor.client.post(path, data=data, headers={"Origin": URL, **headers})


async def state_of(town: Town) -> list[object]:
    """Return what an accepted form would change in any service."""
    return [
        (await town.rows(service, f"SELECT count(*) AS n FROM {table}"))[0]["n"]
        for service in town.apps
        for table in ("audit_log", "outbox")
    ]


@pytest.mark.asvs("8.2.2", "8.4.1")
async def test_every_staff_route_guards_forms_and_centres(town: Town) -> None:
    centre = await furnished(town)
    stranger = await signed_in(town, "ola", "link-oslo", role="koordinator admin")
    before = await state_of(town)

    posts = list(staff_routes(town, "POST"))
    assert len(posts) > 40
    for route in posts:
        path = filled(route, centre)
        own = token_of(centre.staff)
        forged: list[tuple[dict[str, str], dict[str, str]]] = [
            ({}, {}),
            ({"_csrf": ""}, {}),
            ({"_csrf": own[:-1] + ("A" if own[-1] != "A" else "B")}, {}),
            ({"_csrf": token_of(stranger)}, {}),
            ({"_csrf": own}, {"Origin": "https://evil.example"}),
            ({"_csrf": own}, {"Sec-Fetch-Site": "cross-site"}),
        ]
        for data, headers in forged:
            answer = await send(centre.staff, path, data, **headers)
            assert answer.status_code == 403, (route, data, headers, answer.status_code)
    assert await state_of(town) == before

    strangers = {role: await signed_in(town, f"ola-{role}", "link-oslo", role=role) for role in STAFF_ROLES}
    before = await state_of(town)
    for line in LINES:
        route = Route(line.service, line.method, line.path)
        if not route.parameters or not line.path.startswith("/stab"):
            continue
        path = filled(route, centre)
        for role, outsider in strangers.items():
            if route.method == "GET":
                answer = await outsider.client.get(path)
            else:
                answer = await send(outsider, path, {"_csrf": token_of(outsider)})
            assert answer.status_code == (404 if role in line.roles else 403), (route, role, answer.status_code)
            for name in ("Ada", "Kari", "Marit", "Møterom 2", "Den blå", "Igesen"):
                assert name not in without_tokens(answer.text), route
    assert await state_of(town) == before
    assert await faults_of_fields(town, centre) == []
