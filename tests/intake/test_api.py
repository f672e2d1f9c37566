"""The API for the centres' own forms."""

import asyncio
import json
from typing import Any

import pytest

from intake.app import build
from tests.intake.support.browser import Browser, settings
from tests.intake.support.world import BERGEN, World


async def body(browser: Browser, **changes: Any) -> dict[str, Any]:
    centres = {centre["id"]: centre for centre in (await browser.get("/api/v1/centres")).json()}
    bergen = centres["link-bergen"]
    versions = {name: bergen[name] for name in ("consent_version", "information_version")}
    return BERGEN | versions | changes


async def test_list_centres_has_texts_and_kommuner(browser: Browser, centres_of_presets: list[str]) -> None:
    answer = await browser.get("/api/v1/centres")
    assert answer.status_code == 200
    assert centres_of_presets == [centre["id"] for centre in answer.json()]
    oslo = next(centre for centre in answer.json() if centre["id"] == "link-oslo")
    assert (oslo["kommuner"], oslo["reading_required"]) == (["0301"], True)
    assert oslo["consent_version"]
    assert oslo["information_version"]


async def test_sign_up_answers_known_and_unknown_alike(browser: Browser, world: World) -> None:
    answers = [
        await browser.post_json(await body(browser)),
        await browser.post_json(await body(browser)),
        await browser.post_json(await body(browser, slots=["sun-day"])),
        await browser.post_json(await body(browser, slots=["mon-day"])),
        await browser.post_json(await body(browser, email="ola@example.org")),
    ]
    assert {(202, '{"status":"received"}')} == {(answer.status_code, answer.text) for answer in answers}
    headers = [{name for name in answer.headers if name != "date"} for answer in answers]
    assert all(headers[0] == names for names in headers)
    assert await world.count("people") == 4


async def test_sign_up_hundred_identical_at_once_is_one_person(browser: Browser, world: World) -> None:
    sent = await body(browser)
    answers = await asyncio.gather(
        *(browser.post_json(sent, {"Idempotency-Key": "one"}) for _ in range(50)),
        *(browser.post_json(sent) for _ in range(50)),
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
async def test_sign_up_errors_are_in_accept_language(
    browser: Browser, world: World, language: str, message: str
) -> None:
    answer = await browser.post_json(await body(browser, email="feil", adult=False), {"Accept-Language": language})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    problem = answer.json()
    assert [error["field"] for error in problem["errors"]] == ["email", "adult"]
    assert message == problem["errors"][0]["message"]
    assert language[:2] == answer.headers["content-language"]
    assert problem["status"] == 422
    assert await world.count("people") == 0


@pytest.mark.asvs("2.2.2")
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
async def test_sign_up_invalid_field_is_422_with_field(
    browser: Browser, world: World, changes: dict[str, Any], field: str
) -> None:
    text = json.dumps(await body(browser, **changes))
    answer = await browser.client.post("/api/v1/signups", content=text, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    if field or "errors" in answer.json():
        assert field in {error["field"] for error in answer.json()["errors"]}
    assert await world.count("people") == 0


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{", b"\xff\xfe", b'"x"', b"[" * 9000])
async def test_sign_up_without_json_object_is_422_problem(browser: Browser, content: bytes) -> None:
    answer = await browser.client.post("/api/v1/signups", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


async def test_sign_up_key_with_other_form_is_422(browser: Browser, world: World) -> None:
    key = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
    assert (await browser.post_json(await body(browser), key)).status_code == 202
    assert (await browser.post_json(await body(browser), key)).status_code == 202
    answer = await browser.post_json(await body(browser, first_name="Ola"), key)
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("idempotency-key-used")
    assert (await browser.post_json(await body(browser), {"Idempotency-Key": ""})).status_code == 422
    assert await world.subjects() == ["received"]


async def test_sign_up_cors_allows_configured_origins_only(browser: Browser) -> None:
    ours = await browser.post_json(await body(browser), {"Origin": "https://link-bergen.example"})
    assert ours.headers["access-control-allow-origin"] == "https://link-bergen.example"
    answer = await browser.post_json(await body(browser), {"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.asvs("2.4.1")
async def test_sign_up_flood_is_429_for_one_network_only(world: World) -> None:
    app = build(settings(world, signups_per_address=3), world.clock)
    flood, neighbour = Browser(app, "203.0.113.9"), Browser(app, "198.51.100.7")
    assert (await neighbour.post_json(await body(flood, email="eva@example.org"))).status_code == 202
    codes = []
    for n in range(5):
        answer = await flood.post_json(await body(flood, email=f"kari{n}@example.org"))
        codes.append(answer.status_code)
    assert codes == [202, 202, 202, 429, 429]
    assert 0 < int(answer.headers["retry-after"]) <= 600
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await neighbour.post_json(await body(flood, email="ola@example.org"))).status_code == 202
    here = Browser(app, "127.0.0.1")
    for n in range(5):
        assert (await here.post_json(await body(flood, email=f"her{n}@example.org"))).status_code == 202
    for visitor in (neighbour, here):
        await visitor.client.aclose()
    await flood.close()


@pytest.mark.asvs("2.1.1")
async def test_openapi_describes_sign_up(browser: Browser) -> None:
    document = (await browser.get("/api/openapi.json")).json()
    route = document["paths"]["/api/v1/signups"]["post"]
    schema = route["requestBody"]["content"]["application/json"]["schema"]
    assert set(BERGEN) - {"adult"} <= set(schema["properties"])
    assert {"202", "403", "415", "422", "429"} <= set(route["responses"])
    assert {"/api/v1/centres", "/api/v1/signups"} == set(document["paths"])
    assert "Idempotency-Key" in json.dumps(route)
