"""Every form of every service answers values that cannot be stored with advice, never with a failure."""

import inspect
import re
import sys
from collections.abc import Iterator
from urllib.parse import quote_plus

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

from shared.kit.web.csrf import FIELD
from tests.scenarios.support.furnished import furnished
from tests.scenarios.support.people import signed_in
from tests.scenarios.support.staff_routes import staff_routes
from tests.scenarios.support.town import URL, Town
from tests.scenarios.test_staff_routes import filled, token_of

pytestmark = pytest.mark.system

BAD = ["a\x00b", "a\r\nBcc: b@example.org", "a\u202eb", "0001-01-01", "9" * 400, "-1e309", "\ufffd\u0085"]
BROKEN = [b"%ed%a0%80", b"%00", b"%ff%fe"]
"""Bytes that are no text."""

VALUES = [*(quote_plus(bad).encode() for bad in BAD), *BROKEN]
TURNS = 2
"""Each form is sent so often, each time with other values in its fields."""


def field_names(town: Town) -> set[str]:
    """Return the names of all fields that a form of any service has."""
    models = {
        model
        for name, module in list(sys.modules.items())
        if name.startswith(("intake.web", "grouping.web", "notify.web"))
        for _, model in inspect.getmembers(module, inspect.isclass)
        if issubclass(model, BaseModel)
    }
    return {name for model in models for name in model.model_fields} | set(_parameters(town))


def _parameters(town: Town) -> Iterator[str]:
    for app in town.apps.values():
        for route in iter_route_contexts(app.routes):
            for field in getattr(getattr(route, "dependant", None), "body_params", ()):
                yield field.alias


async def test_every_form_of_staff_answers_bad_values(town: Town) -> None:
    centre = await furnished(town)
    admin = await signed_in(town, "ada-admin", "link-bergen", role="admin")
    names = sorted(field_names(town) - {FIELD})
    assert len(names) > 80
    failures = []
    for route in staff_routes(town, "POST"):
        if "logg-ut" in route.path:
            continue
        visitor = admin if "/brukere" in route.path else centre.staff
        path, token = filled(route, centre), token_of(visitor)
        for turn in range(TURNS):
            fields = b"&".join(
                name.encode() + b"=" + VALUES[(place + 5 * turn) % len(VALUES)] for place, name in enumerate(names)
            )
            body = f"{FIELD}={quote_plus(token)}&".encode() + fields
            answer = await _post(visitor.client, path, body)
            if answer.status_code >= 500:
                failures.append((route.path, turn, answer.status_code))
    assert failures == []


async def test_every_open_form_answers_bad_values(town: Town) -> None:
    visitor = town.client()
    failures = []
    for service, app in town.apps.items():
        for route in iter_route_contexts(app.routes):
            path = str(route.path)
            if "POST" not in (route.methods or ()) or path.startswith("/stab/") or path == "/stab":
                continue
            for value in [*BROKEN, b"a%0D%0Ab", b"%E2%80%AEb"]:
                concrete = path.replace("{token}", value.decode("ascii")).replace("{step}", "sted")
                body = b"email=" + value + b"&username=" + value + b"&place=" + value + b"&_csrf=" + value
                answer = await _post(visitor, _filled(concrete), body)
                if answer.status_code >= 500:
                    failures.append((service, path, value, answer.status_code))
    assert failures == []


def _filled(path: str) -> str:
    return re.sub(r"{\w+}", "00000000-0000-0000-0000-000000000001", path)


async def _post(client: httpx.AsyncClient, path: str, body: bytes) -> httpx.Response:
    headers = {"Origin": URL, "Content-Type": "application/x-www-form-urlencoded"}
    return await client.post(path, content=body, headers=headers)
