"""
An act of staff leaves exactly one row in the audit log of its service, under its centre; a refused one leaves none.

The forms are those of the pages of a centre in the middle of its work, filled in as a member of staff would. Every
button is pressed that there is something for.
"""

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import product
from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest

from shared.kit.web.forms import SWITCH
from tests.scenarios.support.acts import SIGNING_IN
from tests.scenarios.support.furnished import CENTRE, Centre, furnished
from tests.scenarios.support.page import Button, Form, Page, read
from tests.scenarios.support.people import Visitor
from tests.scenarios.support.staff_routes import Route, staff_routes
from tests.scenarios.support.town import URL, Town

pytestmark = pytest.mark.system

ACTS: Final = """
    SELECT action, coalesce(details ->> 'centre', scope, object_id) AS centre FROM audit_log WHERE actor = 'berit'
    ORDER BY id
"""

MOST: Final = {"group_id": 8, "person_id": 24, "mail_id": 30, "signup_id": 8, "seat_id": 8, "area_id": 1}

TELLING: Final = {
    "person_id": (
        "intake",
        """
        SELECT person_id AS id FROM (
            SELECT person_id, row_number() OVER (PARTITION BY state, by_mail ORDER BY signed_up_at DESC) AS number
            FROM signups WHERE centre = $1
        ) AS numbered WHERE number <= 3 ORDER BY number
        """,
    ),
    "signup_id": (
        "grouping",
        """
        SELECT signup_id AS id FROM (
            SELECT signup_id, row_number() OVER (PARTITION BY status ORDER BY signup_id) AS number
            FROM waiting WHERE centre = $1
        ) AS numbered WHERE number <= 3 ORDER BY number
        """,
    ),
    "mail_id": (
        "notify",
        """
        SELECT id FROM (
            SELECT id, row_number() OVER (PARTITION BY status ORDER BY created_at DESC) AS number
            FROM mails WHERE centre = $1
        ) AS numbered WHERE number <= 3 ORDER BY number
        """,
    ),
}
"""Objects in every state, where there are many."""

TICK: Final = "tick"
"""Stands for the value of a box that is not ticked on the page: the version of a text."""


def filled_in(centre: Centre) -> Mapping[str, Mapping[str, Any] | Sequence[Mapping[str, Any]]]:
    """Return what a member of staff types into the forms whose page does not fill them in; a list for each page."""
    day = (centre.town.clock.now() + timedelta(days=30)).date().isoformat()
    helper = {"place": "5003", "reach_km": "30", "slots": ["fri-evening"], "languages": ["nb"], "groups_at_once": "1"}
    return {
        "/stab/forsamtaler": {"dag": day, "klokken": "12:00", "antall": "1", "hos": "Berit"},
        "/stab/igangsettere/ny": {"label": "Den grønne", **helper},
        "/stab/kontoer/ny": {"name": "Ivar Ivarsen", "email": "ivar.i@example.org"},
        "/stab/grupper/{group_id}/rapport": {"result": "holdt", "attendance": "4"},
        "/stab/grupper/{group_id}/start-likevel": {"reason": "De kjenner hverandre fra før."},
        "/stab/meldinger/ny": {"to": f"igangsettere:{CENTRE}", "subject_nb": "Hei", "body_nb": "Huset er stengt."},
        "/stab/moter/nytt": {
            "for_whom": "igangsettere", "day": day, "place": "Strandgaten 6", "begins": "18:00", "ends": "20:00",
        },
        "/stab/moter/{kontaktmote_id}/endre": {"place": "Strandgaten 8"},
        "/stab/omrader/{area_id}/personer/{signup_id}/skill": {"reason": "asked"},
        "/stab/omrader/{area_id}/personer/{signup_id}/vent": {"reason": "asked"},
        "/stab/personer/{person_id}/endre": {"max_travel_km": "25"},
        "/stab/brukere/{user_id}/tilgang": {"roles": ["admin"], "centres": [CENTRE]},
        "/stab/regler/{centre_id}/endre": {"seat_deadline_hours": "96"},
        "/stab/regler/{centre_id}/utseende": {"phone": "55 12 34 56"},
        "/stab/regler/{centre_id}/tekster": {"information_nb": "# Hva gruppa er\n\nMennesker som møtes fast."},
        "/stab/pamelding": {
            "place": "5003", "first_name": "Olga", "channel": "mobile", "mobile": "91234599",
            "slots": ["tue-evening"], "languages": ["nb"], "adult": "true", "consent": TICK, "information": TICK,
        },
        "/stab/grupper/{group_id}/igangsettere": {"starters": centre.ids["igangsetter_id"][1:]},
        "/stab/brev/{centre_id}/{mail_kind}": {"subject_nb": "Du er på lista"},
        "/stab/omrader/{area_id}/flere": [{"person": centre.ids["signup_id"][0], "gjor": "hold"}, {"reason": "asked"}],
        "/stab/personer/flere": {"person": centre.ids["signup_id"][0], "gjor": "pause"},
        "/stab/personer/sok": {"tekst": "Ada"},
        "/stab/rom/nytt": {"name": "Sal", "address": "Gaten 1", "place": "5003", "seats": "9", "slots": ["sun-day"]},
        "/stab/rom/frister": {"lender": "Skolen", "what": "lån for våren", "month": "9", "day": "1"},
    }  # fmt: skip


async def acts(town: Town) -> list[tuple[str, str, str]]:
    """Return service, action and centre of each act of the member of staff."""
    return [
        (service, row["action"], row["centre"] or "")
        for service in town.apps
        for row in await town._rows(service, ACTS)
    ]


async def pages_of_staff(centre: Centre, most: Mapping[str, int] = MOST) -> AsyncIterator[str]:
    """Yield the address of each page: every route with each object that the centre has for it, up to a number."""
    for route in staff_routes(centre.town, "GET"):
        names = re.findall(r"{(\w+)}", route.path)
        ids = [centre.ids.get(name, ())[: most.get(name, 2)] for name in names]
        for values in product(*ids):
            of_name = dict(zip(names, map(quote, values), strict=True))
            yield re.sub(r"{(\w+)}", lambda match: of_name[match[1]], route.path)  # noqa: B023 - used at once


def route_of(action: str, routes: list[Route]) -> Route | None:
    path = action.partition("?")[0].removeprefix(URL)
    for route in sorted(routes, key=lambda route: route.path.count("{")):
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", route.path), path):
            return route
    return None


def presses(page: Page) -> list[tuple[Form, Button]]:
    return [(form, button) for form, button in page.buttons() if form.method == "post" and button.name != SWITCH]


async def submit(staff: Visitor, form: Form, button: Button, typed: Mapping[str, Any]) -> httpx.Response:
    data = {**form.fields, **({button.name: button.value} if button.name else {}), **typed}
    return await staff.client.post(button.action or form.action, data=data, headers={"Origin": URL})


PRESSED_AT_LEAST: Final = 70
"""Routes of which a form is accepted; some acts are alternatives to one another, about the same object."""

LAST: Final = re.compile(r"/(slett|avlys|avslutt|angre|avmeld|steng|trekk-tilbake|sla-sammen|stopp)$")
"""Acts after which less can be done; they come last."""


async def test_every_staff_post_leaves_one_audit_row(town: Town) -> None:
    centre = await furnished(town)
    ids = {name: tuple(str(row["id"]) for row in await town.rows(*query, CENTRE)) for name, query in TELLING.items()}
    centre = replace(centre, ids={**centre.ids, **ids})
    routes = [route for route in staff_routes(town, "POST") if not SIGNING_IN.match(route.path)]
    desk = Desk(centre.staff, routes, filled_in(centre))
    async for path in pages_of_staff(centre):
        await desk.look_at(path)
    for last in (False, True):
        while await desk.press_all(last=last):
            pass
    assert desk.faults == []
    assert not [route.path for route in desk.left if route.path.endswith("/flere")]  # the preview, and the act after it
    assert len(routes) - len(desk.left) >= PRESSED_AT_LEAST, [route.path for route in desk.left]


@dataclass
class Desk:
    """
    A member of staff who presses every button once.

    Attributes:
        left: Routes of which no form was accepted yet, with the pages that have one.
        faults: Acts that did not leave exactly one row of their centre.
    """

    staff: Visitor
    left: Sequence[Route]
    typed: Mapping[str, Mapping[str, Any] | Sequence[Mapping[str, Any]]]
    places: dict[Route, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    faults: list[str] = field(default_factory=list)

    async def look_at(self, path: str) -> Page | None:
        """Note the forms of a page."""
        answer = await self.staff.client.get(path)
        if answer.status_code != 200 or "html" not in answer.headers["content-type"]:
            return None
        page = read(200, path, answer.text)
        for form, button in presses(page):
            action = button.action or form.action
            if (route := route_of(action, list(self.left))) and (path, action) not in self.places[route]:
                self.places[route].append((path, action))
        return page

    async def press_all(self, *, last: bool) -> bool:
        """Press each button that is left, of those that come last or of the others; return True if one was accepted."""
        before = len(self.left)
        for route in [route for route in self.left if bool(LAST.search(route.path)) == last]:
            for path, action in self.places[route][:6]:
                if await self.press(route, path, action):
                    self.left = [other for other in self.left if other != route]
                    break
        return len(self.left) < before

    async def press(self, route: Route, path: str, action: str) -> bool:
        """Press the buttons of a form, or of the preview that it leads to, until one acts; return True if one does."""
        page = await self.look_at(path)
        actions = {action, f"{action}/gjor"}
        given = self.typed.get(route.path, {})
        words = [given, {}, {}] if isinstance(given, Mapping) else [*given, {}, {}]
        for typed in words[:3]:  # a form, the difference that it makes, and its saving
            if page is None:
                return False
            answer = None
            for form, button in presses(page):
                if (button.action or form.action) not in actions:
                    continue
                before = await acts(self.staff.town)
                self.staff.town.restless = False  # what follows from an act elsewhere is not waited for
                answer = await submit(self.staff, form, button, _ticked(page, typed))
                new = _added(before, await acts(self.staff.town))
                if new and answer.is_client_error:
                    self.faults.append(f"{action}: {button.label!r} was refused and left {new}")
                if len(new) > 1 or any(place != CENTRE for _, _, place in new):
                    self.faults.append(f"{action}: {button.label!r} left {new}")
                if new:
                    await self.look_at(path)
                    if answer.status_code == 303:
                        await self.look_at(answer.headers["location"].removeprefix(URL))
                    return True
            if answer is None or answer.status_code != 200:
                return False
            page = read(200, path, answer.text)
        return False


def _ticked(page: Page, typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is typed, with the versions of the texts on the page for the boxes."""
    return {name: page.version(name) if value == TICK else value for name, value in typed.items()}


def _added(before: list[tuple[str, str, str]], after: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    left = list(after)
    for row in before:
        left.remove(row)
    return left
