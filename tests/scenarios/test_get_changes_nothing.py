"""A GET of any route of any service, with and without a session, leaves every table as it was."""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import cycle
from uuid import UUID, uuid4

import pytest
from fastapi.routing import iter_route_contexts

from tests.scenarios.support.people import Participant, Visitor, confirmed_group, signed_in, waiting
from tests.scenarios.support.town import URL, Town

pytestmark = pytest.mark.system

REFUSALS = frozenset({"intake.security_events", "grouping.security_events", "notify.security_events"})
"""Tables in which it is noted that a page was refused or a link was forged, whoever asks."""

READINGS = REFUSALS | {
    "intake.audit_log",
    "intake.contact_readings",
    "intake.staff_sessions",
    "grouping.audit_log",
    "notify.audit_log",
}
"""Tables that tell which member of staff read what about whom, was refused what, and when they were here last."""

BY_THE_CLOCK = frozenset({"known_streams", "signup_comparisons", "waiting_counts"})
"""Tables in which a job notes what it has seen or counted, whoever reads what."""

QUERIES = ("", "?vis=ring", "?sted=5003", "?side=2", "?ferdig=x&neste=%2Fstab%2F", "?tekst=kari", "?steg=tider")


async def content(town: Town, *, without: frozenset[str] = frozenset()) -> dict[str, list[str]]:
    """Return every row of every table of the three services."""
    rows = {}
    for service in town.databases:
        for table in await town._tables(service):
            if table not in BY_THE_CLOCK and f"{service}.{table}" not in without:
                found = await town.rows(service, f'SELECT t::text AS row FROM "{table}" t')
                rows[f"{service}.{table}"] = sorted(row["row"] for row in found)
    return rows


def get_routes(town: Town) -> list[str]:
    """Return the pattern of each route that answers a GET, of all services."""
    paths = {
        route.path
        for app in town.apps.values()
        for route in iter_route_contexts(app.routes)
        if route.path and "GET" in (getattr(route, "methods", None) or ())
    }
    return sorted(
        path for path in paths if not path.startswith(("/-/", "/livez", "/healthz", "/readyz", "/status", "/metrics"))
    )


async def values(town: Town, people: list[Participant], draft: str) -> dict[str, list[str]]:
    """Return values for the names in the patterns of the routes."""
    known: dict[str, list[str]] = defaultdict(list)
    for name, service, query in (
        ("group_id", "grouping", "SELECT id FROM groups"),
        ("igangsetter_id", "grouping", "SELECT id FROM igangsettere"),
        ("room_id", "grouping", "SELECT id FROM rooms"),
        ("signup_id", "intake", "SELECT signup_id AS id FROM signups"),
        ("person_id", "intake", "SELECT DISTINCT person_id AS id FROM signups"),
        ("mail_id", "notify", "SELECT id FROM mails"),
        ("area_id", "intake", "SELECT DISTINCT area AS id FROM signups"),
        ("centre_id", "intake", "SELECT DISTINCT centre AS id FROM signups"),
    ):
        known[name] = [str(row["id"]) for row in await town.rows(service, query)]
    known["question"] = ["slutte", "opplos", "taushet", "pause", "flytt", "tider"]
    known["step"] = ["sted", "tider", "om-deg", "slett"]
    for person in people:
        for mail in town.mails(person.email or ""):
            for path, token in re.findall(rf"{re.escape(URL)}/(?:\w\w/)?([\w-]+)/([\w-]{{20,}})", mail.text):
                known[f"/{path}/"].append(token)
    known["/pamelding/"] = known["/takk/"] = [draft]
    return known


def filled(pattern: str, known: dict[str, list[str]]) -> Iterator[str]:
    """Yield the pattern with each of the known values, and with values that nobody has."""
    names = re.findall(r"\{(\w+)\}", pattern)
    if not names:
        yield pattern
        return
    start = pattern.partition("{")[0]
    choices = [known.get(name) or known.get(start) or [str(uuid4())] for name in names]
    for number in range(max(map(len, choices))):
        path = pattern
        for name, choice in zip(names, choices, strict=True):
            path = path.replace(f"{{{name}}}", choice[number % len(choice)])
        yield path
    yield re.sub(r"\{\w+\}", str(UUID(int=0)), pattern)
    yield re.sub(r"\{\w+\}", "%00", pattern)


async def busy_town(town: Town) -> tuple[list[Participant], str]:
    """A confirmed group, an offer, somebody who waits, somebody on the phone, and a form that somebody has begun."""
    people = await confirmed_group(town, "Kari", "Ola", "Amina", "Nils", "Ida")
    people += await waiting(town, "Per", "Eva", place="0150", centre="link-oslo", languages=["en"])
    people.append(await Participant(town, "Berit", "berit@example.org").sign_up())  # has not confirmed
    await Participant(town, "Tor", mobile="+4790807060").sign_up()
    visitor = Visitor(town)
    await visitor.open("/min-side")
    _form, button = next(pair for pair in visitor.page.buttons() if "email" in pair[0].fields)
    await visitor.press(button.label, email="kari@example.org")
    await visitor.open("/pamelding")
    label = next(button.label for form, button in visitor.page.buttons() if "place" in form.fields)
    page = await visitor.press(label, place="5003")
    draft = re.search(r"/pamelding/([\w-]+)/", page.path)
    assert draft
    await town.run_jobs()
    await town.at_rest()
    return people, draft[1]


@pytest.mark.asvs("3.5.3")
async def test_get_of_any_route_changes_no_table(town: Town) -> None:
    people, draft = await busy_town(town)
    staff = await signed_in(town, "berit", "link-bergen", "link-oslo", role="koordinator admin")
    known = await values(town, people, draft)
    routes = get_routes(town)
    assert len(routes) > 40
    assert {"/plass/", "/bekreft/", "/meld-av/", "/min-side/"} <= set(known)
    for client, without in ((town.client(), REFUSALS), (staff.client, READINGS)):
        before = await content(town, without=without)
        queries = cycle(QUERIES)
        statuses = set()
        for pattern in routes:
            for path in filled(pattern, known):
                for prefix in ("", "/en"):
                    answer = await client.get(f"{prefix}{path}{next(queries)}")
                    assert answer.status_code < 500, path
                    statuses.add(answer.status_code)
                    if "%00" not in path:
                        assert (
                            await client.head(f"{prefix}{path}")
                        ).status_code == answer.status_code or answer.status_code in {303, 307, 404, 422}
        assert {200, 404} <= statuses
        after = await content(town, without=without)
        assert {table for table in before if before[table] != after[table]} == set()
