"""Every route of igangsettere, and every route behind a link, hides what belongs to somebody else."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Final
from uuid import UUID, uuid4

import httpx
import pytest

from shared.reference.link_purposes import LINK_PATHS
from tests.scenarios.support.furnished import Centre, furnished
from tests.scenarios.support.igangsettere import joined, signs_in
from tests.scenarios.support.people import Participant, Visitor, signed_in
from tests.scenarios.support.staff_routes import Route, igangsetter_routes, link_routes
from tests.scenarios.support.town import URL, Town
from tests.scenarios.test_staff_routes import filled, send, state_of, token_of
from tests.shared.support.plain import without_tokens

pytestmark = pytest.mark.system

NAMES: Final = ("Ada", "Kari", "Marit", "Vigdis", "Igesen", "@example.org", "+4791")
"""What nobody may read of another: people and igangsettere of the furnished centre."""

NOT_OF_A_PERSON: Final = frozenset(
    {
        "/{centre_id}",
        "/{centre_id}/",
        "/informasjon/{centre_id}",
        "/moter/{centre_id}",
        "/moter/{centre_id}/kalender.ics",
        "/merke/{centre_id}/{name}",
    }
    | {"/orienteringsmote/{kontaktmote_id}", "/orienteringsmote/{kontaktmote_id}/sendt"}
)
"""Public pages of a centre and of its open meetings, for everybody."""

SEALED: Final = frozenset({"/pamelding", "/takk", "/tilbake"})
"""Paths whose parameter is itself the sealed content, or the random name of a draft."""

INVENTED: Final = "x" * 64

HIDDEN: Final = frozenset({403, 404, 410})
"""Answers that say nothing: the form is not ours, or there is no such thing. Others must be those to nobody."""


def purpose_of(route: Route) -> str | None:
    """Return the purpose of the links that open a route; None where the parameter is no link."""
    start = route.path.partition("/{")[0]
    purposes = [purpose for purpose, path in LINK_PATHS.items() if path == start]
    if not purposes:
        assert start in SEALED or route.path in NOT_OF_A_PERSON, f"{route}: what guards it?"
    return purposes[0] if purposes else None


def with_token(route: Route, token: str) -> str:
    """Return the path of a route with a token, and with any further parameter."""
    values = {"question": "slutte", "step": "sted"}
    return re.sub(r"{(\w+)}", lambda match: values.get(match[1], token), route.path)


OF_LINKS: Final = ("seat_id", "signup_id", "question_id")
"""Objects that links of some purpose are about."""

OF_NO_LINK: Final = ("group_id", "mail_id", "time_id", "person_id", "kontaktmote_id")
"""Objects that no link is about: even a token that is well made must not open anything with their id."""


def wrong_tokens(town: Town, purpose: str | None, ids: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield tokens that must open nothing here: of other purposes, of other objects, changed, and invented."""
    own = [UUID(ids[name][0]) for name in OF_LINKS]
    for other in LINK_PATHS:
        if other != purpose:
            yield from (link_of(town, other, id_) for id_ in own)
    if purpose is not None:
        yield from (link_of(town, purpose, UUID(ids[name][0])) for name in OF_NO_LINK)
        token = link_of(town, purpose, own[0])
        yield token[:-2] + ("AA" if not token.endswith("AA") else "BB")
        yield token[:-1]
    yield str(own[0])


def link_of(town: Town, purpose: str, id_: UUID) -> str:
    """Return a token made by one of the services that hold the key of the purpose."""
    for app in town.apps.values():
        with suppress(KeyError):
            return str(app.state.deps.links.token(purpose, id_))
    raise AssertionError(purpose)


def of_nobody(town: Town, purpose: str | None) -> list[str]:
    """Return nonsense, and the token that somebody would have of whom nothing is left."""
    return [INVENTED, *([link_of(town, purpose, uuid4())] if purpose is not None else [])]


async def plain(client: httpx.AsyncClient, route: Route, token: str) -> tuple[int, str, str]:
    """Return the answer to a token, without the token itself and without what is new in every answer."""
    path = with_token(route, token)
    data = {"act": "ready", "svar": "ja", "answer": "yes", "way": "goodbye"}
    if route.method == "GET":
        answer = await client.get(path)
    else:
        answer = await client.post(path, data=data, headers={"Origin": URL})
    for name in NAMES:
        assert name not in without_tokens(answer.text), (route, name)
    text = re.sub('name="_csrf" value="[^"]*"', "", answer.text)
    return answer.status_code, answer.headers.get("location", "").replace(token, ""), text.replace(token, "")


async def test_every_route_of_igangsettere_and_links_hides_others(town: Town) -> None:
    centre = await furnished(town)
    before = await _igangsettere(town, centre)
    for route in link_routes(town, "GET", "POST"):
        purpose = purpose_of(route)
        if route.path in NOT_OF_A_PERSON:
            continue
        client = Visitor(town).client
        nothing = [await plain(client, route, token) for token in of_nobody(town, purpose)]
        assert all(status < 500 for status, _, _ in nothing), route
        for token in wrong_tokens(town, purpose, centre.ids):
            answer = await plain(client, route, token)
            assert answer[0] in HIDDEN or answer in nothing, (route, answer[0])
    assert await state_of(town) == before


async def _igangsettere(town: Town, centre: Centre) -> list[object]:
    """Try the routes of igangsettere as a stranger of the centre, of another, as staff, and as nobody."""
    oslo = await signed_in(town, "ola", "link-oslo", role="koordinator admin")
    _, of_oslo = await joined(town, oslo, "Olga", place="0155", slots=["sun-day"])
    _, of_bergen = await joined(town, centre.staff, "Bente", slots=["sun-day"])
    own = Visitor(town)
    await signs_in(town, Participant(town, "Iga", "iga@example.org"), own)
    for visitor in (of_oslo, of_bergen, own):
        await visitor.open("/igangsetter/tider")
    before = await state_of(town)
    routes = list(igangsetter_routes(town, "GET", "POST"))
    assert len([route for route in routes if route.parameters]) >= 8
    for route in routes:
        path = filled(route, centre)
        if route.method == "POST":
            for data in ({}, {"_csrf": "forged"}, {"_csrf": token_of(of_oslo)}):
                assert (await send(own, path, data)).status_code in {403, 404}, route
        if not route.parameters:
            continue
        for stranger in (of_oslo, of_bergen):
            if route.method == "GET":
                answer = await stranger.client.get(path)
            else:
                answer = await send(stranger, path, {"_csrf": token_of(stranger), "act": "overlat", "svar": "ja"})
            assert answer.status_code == 404, (route, answer.status_code)
            assert not [name for name in NAMES if name in without_tokens(answer.text)], route
        for outsider in (centre.staff.client, Visitor(town).client):
            answer = await outsider.request(route.method, path, headers={"Origin": URL})
            assert answer.status_code in {303, 401, 403, 404}, (route, answer.status_code)
            assert not [name for name in NAMES if name in without_tokens(answer.text)], route
    assert await state_of(town) == before
    return before
