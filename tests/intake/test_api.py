"""The API for the centres' own forms."""

import asyncio
import json
from typing import Any

import pytest

from intake.app import build
from tests.intake.site import Site, settings
from tests.intake.world import BERGEN, World


async def body(site: Site, **changes: Any) -> dict[str, Any]:
    centres = {centre["id"]: centre for centre in (await site.get("/api/v1/centres")).json()}
    bergen = centres["link-bergen"]
    versions = {name: bergen[name] for name in ("consent_version", "information_version")}
    return BERGEN | versions | changes


async def test_the_centres_are_told_with_what_a_form_needs(site: Site, centres_of_presets: list[str]) -> None:
    answer = await site.get("/api/v1/centres")
    assert answer.status_code == 200
    assert centres_of_presets == [centre["id"] for centre in answer.json()]
    oslo = next(centre for centre in answer.json() if centre["id"] == "link-oslo")
    assert (oslo["kommuner"], oslo["reading_required"]) == (["0301"], True)
    assert oslo["consent_version"]
    assert oslo["information_version"]


async def test_a_sign_up_is_received_whoever_it_is(site: Site, world: World) -> None:
    answers = [
        await site.post_json(await body(site)),
        await site.post_json(await body(site)),
        await site.post_json(await body(site, slots=["sun-day"])),
        await site.post_json(await body(site, slots=["mon-day"])),
        await site.post_json(await body(site, email="ola@example.org")),
    ]
    assert {(202, '{"status":"received"}')} == {(answer.status_code, answer.text) for answer in answers}
    headers = [{name for name in answer.headers if name != "date"} for answer in answers]
    assert all(headers[0] == other for other in headers)
    assert await world.count("people") == 2


async def test_a_hundred_identical_posts_at_once_are_one_person_and_one_event(site: Site, world: World) -> None:
    sent = await body(site)
    answers = await asyncio.gather(
        *(site.post_json(sent, {"Idempotency-Key": "one"}) for _ in range(50)),
        *(site.post_json(sent) for _ in range(50)),
    )
    assert {202} == {answer.status_code for answer in answers}
    assert await world.subjects() == ["received"]
    assert await world.count("people") == 1


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("nb", "Se over e-postadressen. Den skal se ut som navn@eksempel.no."),
        ("nn-NO,nn;q=0.9,en;q=0.5", "Sjå over e-postadressa. Ho skal sjå ut som namn@eksempel.no."),
        ("en-GB", "Check the e-mail address. It should look like name@example.com."),
    ],
)
async def test_what_is_wrong_is_said_in_the_language_asked_for(
    site: Site, world: World, language: str, message: str
) -> None:
    answer = await site.post_json(await body(site, email="feil", adult=False), {"Accept-Language": language})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    problem = answer.json()
    assert [error["field"] for error in problem["errors"]] == ["email", "adult"]
    assert message == problem["errors"][0]["message"]
    assert language[:2] == answer.headers["content-language"]
    assert problem["status"] == 422
    assert await world.count("people") == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"why": "x"}, ""),
        ({"place": "Nes"}, "place"),
        ({"place": "9170"}, "place"),
        ({"place": "Ingensteds"}, "place"),
        ({"consent_version": "1900-1"}, "consent_version"),
        ({"place": "0150", "information_version": None}, "information_version"),
        ({"languages": ["tlh"]}, "languages"),
        ({"first_name": "a\u0000"}, "first_name"),
        ({"slots": "tue-day"}, "slots"),
        ({"max_travel_km": 1e400}, "max_travel_km"),
    ],
)
async def test_what_cannot_be_accepted_is_refused_by_field(
    site: Site, world: World, changes: dict[str, Any], field: str
) -> None:
    text = json.dumps(await body(site, **changes))
    answer = await site.client.post("/api/v1/signups", content=text, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    if field or "errors" in answer.json():
        assert field in {error["field"] for error in answer.json()["errors"]}
    assert await world.count("people") == 0


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{", b"\xff\xfe", b'"x"', b"[" * 9000])
async def test_what_is_no_object_is_a_problem_too(site: Site, content: bytes) -> None:
    answer = await site.client.post("/api/v1/signups", content=content)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


async def test_an_idempotency_key_stands_for_one_form(site: Site, world: World) -> None:
    key = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
    assert (await site.post_json(await body(site), key)).status_code == 202
    assert (await site.post_json(await body(site), key)).status_code == 202
    other = await site.post_json(await body(site, first_name="Ola"), key)
    assert other.status_code == 422
    assert other.json()["type"].endswith("idempotency-key-used")
    assert (await site.post_json(await body(site), {"Idempotency-Key": ""})).status_code == 422
    assert await world.subjects() == ["received"]


async def test_only_named_origins_may_post_from_a_browser(site: Site) -> None:
    ours = await site.post_json(await body(site), {"Origin": "https://link-bergen.example"})
    assert ours.headers["access-control-allow-origin"] == "https://link-bergen.example"
    other = await site.post_json(await body(site), {"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers


async def test_a_flood_from_one_network_is_asked_to_wait_and_others_are_not(world: World) -> None:
    app = build(settings(world, signups_per_address=3), world.clock)
    flood, neighbour = Site(app, "203.0.113.9"), Site(app, "198.51.100.7")
    codes = []
    for n in range(5):
        answer = await flood.post_json(await body(flood, email=f"kari{n}@example.org"))
        codes.append(answer.status_code)
    assert codes == [202, 202, 202, 429, 429]
    assert 0 < int(answer.headers["retry-after"]) <= 600
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await neighbour.post_json(await body(flood, email="ola@example.org"))).status_code == 202
    here = Site(app, "127.0.0.1")
    for n in range(5):
        assert (await here.post_json(await body(flood, email=f"her{n}@example.org"))).status_code == 202
    for visitor in (neighbour, here):
        await visitor.client.aclose()
    await flood.close()


async def test_the_description_tells_what_the_route_takes(site: Site) -> None:
    document = (await site.get("/api/openapi.json")).json()
    route = document["paths"]["/api/v1/signups"]["post"]
    schema = route["requestBody"]["content"]["application/json"]["schema"]
    assert set(BERGEN) - {"adult"} <= set(schema["properties"])
    assert {"202", "422", "429"} <= set(route["responses"])
    assert {"/api/v1/centres", "/api/v1/signups"} == set(document["paths"])
    assert "Idempotency-Key" in json.dumps(route)
