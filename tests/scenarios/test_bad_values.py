"""Every form of every service answers values that cannot be stored with advice, never with a failure."""

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from urllib.parse import quote_plus

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

from shared.kit.web.csrf import FIELD
from tests.scenarios.support.furnished import Centre, furnished
from tests.scenarios.support.page import Form, read
from tests.scenarios.support.people import signed_in
from tests.scenarios.support.staff_routes import Route, staff_routes
from tests.scenarios.support.town import URL, Town
from tests.scenarios.test_get_changes_nothing import READINGS, content
from tests.scenarios.test_staff_acts import pages_of_staff, route_of
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


UNCHECKED = re.compile(r"/stab/(logg|konto(?!er)|(?:personer|grupper)/sok$)")
"""Forms of one's own access, and searches, which keep nothing and find nobody by such a word."""

UNSTORABLE = ("a\x00b", "b\x1bc", "\x7f")
"""Signs that no field takes, however long or free."""

HOSTILE = {
    "text": ("x" * 5000, "y" * 12000),
    "textarea": ("x" * 12000,),
    "email": ("x" * 400, "a@b", "a@\u202eb.example"),
    "tel": ("1" * 400, "abc", "+47 1"),
    "date": ("0001-01-01", "9999-12-31", "2026-02-30", "x", "20260101T00"),
    "time": ("25:00", "x", "99:99", "-1:00", "18:00:00:00"),
    "number": ("-1", "1e309", "9" * 400, "x", "NaN"),
}
"""Values that a field of a type does not take."""

SENTENCE = re.compile(r"""id="error-summary\"|role="alert\"""")


async def test_every_form_people_write_in_refuses_and_keeps(town: Town) -> None:
    """A value that cannot be stored gets a 4xx with a sentence at its field; no row changes, no other word is lost."""
    centre = await furnished(town)
    forms = await written_forms(centre)
    assert len(forms) > 15, sorted(forms)
    before = await content(town, without=READINGS)
    faults = [fault for path, form in forms.values() for fault in await faults_of_refusals(centre, path, form)]
    after = await content(town, without=READINGS)
    faults += [f"{table} has changed" for table in before if before[table] != after[table]]
    assert faults == [], "\n".join(faults)


async def written_forms(centre: Centre) -> dict[str, tuple[str, Form]]:
    """Return one form with fields that people write in, and its page, of each route of staff that has any."""
    return await forms_of_staff(centre, lambda route, form: bool(form.written) and not UNCHECKED.match(route.path))


async def forms_of_staff(centre: Centre, is_wanted: Callable[[Route, Form], bool]) -> dict[str, tuple[str, Form]]:
    """Return one form, and its page, of each route of staff that has one of those wanted."""
    routes, forms = list(staff_routes(centre.town, "POST")), dict[str, tuple[str, Form]]()
    async for path in pages_of_staff(centre, dict.fromkeys(centre.ids, 2)):
        answer = await centre.staff.client.get(path)
        if answer.status_code != 200 or "html" not in answer.headers["content-type"]:
            continue
        for form in read(200, path, answer.text).forms:
            route = route_of(form.action, routes)
            if form.method == "post" and route and is_wanted(route, form):
                forms.setdefault(route.path, (path, form))
    return forms


async def faults_of_refusals(centre: Centre, path: str, form: Form) -> list[str]:
    """Send a form for each field that people write in and each bad value, with a word in the others."""
    faults = []
    written = sorted(name for name in form.written if form.types[name] != "file")  # no browser keeps a chosen file
    bad = [(name, value) for name in written for value in (*UNSTORABLE, *HOSTILE.get(form.types[name], ()))]
    for name, value in bad:
        words = {other: f"ord{place}" for place, other in enumerate(written) if other != name}
        data = {**form.fields, **words, name: value}
        answer = await centre.staff.client.post(form.action, data=data, headers={"Origin": URL})
        about = f"{form.action} of {path}, {name} = {value[:12]!r}: {answer.status_code}"
        if not answer.is_client_error:
            faults.append(about)
        elif not SENTENCE.search(answer.text):
            faults.append(f"{about} without a sentence")
        else:
            faults += [f"{about} lost {other}" for other, word in words.items() if word not in answer.text]
    return faults


FOREIGN = ("00000000-0000-0000-0000-000000000001", "abc", "-1", "9" * 400, "\ufffd", "[]", "0001-01-01T00:00:00Z")
"""Values that no hidden field and no choice of ours has: of nobody, of another type, out of range."""


async def test_every_choice_of_staff_answers_foreign_values(town: Town) -> None:
    """A value that the page did not offer, as the id of another object, is refused or ignored, never a failure."""
    centre = await furnished(town)
    failures = []
    for path, form in (await forms_with_choices(centre)).values():
        for name in sorted(set(form.fields) - form.written - {FIELD}):
            for value in FOREIGN:
                data = {**form.fields, name: value}
                answer = await centre.staff.client.post(form.action, data=data, headers={"Origin": URL})
                if answer.status_code >= 500:
                    failures.append(f"{form.action} of {path}, {name} = {value[:12]!r}: {answer.status_code}")
    assert failures == []


async def forms_with_choices(centre: Centre) -> dict[str, tuple[str, Form]]:
    """Return one form with hidden fields or choices, and its page, of each route of staff that has any."""
    forms = await forms_of_staff(centre, lambda _, form: bool(set(form.fields) - form.written - {FIELD}))
    return {path: found for path, found in forms.items() if not path.startswith(("/stab/logg", "/stab/konto/"))}


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
