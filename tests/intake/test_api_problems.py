"""Every bad request to the API gets problem details (RFC 9457) and stores nothing: generated over fields."""

import json
from typing import Any

import httpx
import pytest

from intake.domain.form import SignupForm
from tests.intake.support.browser import URL, Browser
from tests.intake.support.world import BERGEN, World

JSON = {"Content-Type": "application/json"}
WRONG: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    float("nan"),
    "",
    " ",
    "x" * 5000,
    "\ud800",
    "\x00",
    "\u202e",
    [],
    [None],
    [[]],
    ["x"] * 100,
    {},
    {"a": 1},
    {"women": {"also": 1}},
]
"""Values of every JSON type, at their ends."""


def problem_of(answer: httpx.Response, *statuses: int) -> dict[str, Any]:
    """Return the problem details of an answer with one of these statuses."""
    assert answer.status_code in statuses, answer.text
    assert answer.headers["content-type"].partition(";")[0] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["title"]
    assert problem["type"]
    return problem


@pytest.fixture
def good(world: World) -> dict[str, Any]:
    policy = world.location().centre.policy
    versions = {"consent_version": policy.consent_version, "information_version": policy.information_version}
    return {**BERGEN, **versions}


@pytest.mark.asvs("1.2.4", "2.2.1", "15.3.5")
@pytest.mark.parametrize("field", SignupForm.model_fields)
async def test_sign_up_any_value_in_any_field_is_taken_or_a_problem(
    field: str, browser: Browser, world: World, good: dict[str, Any]
) -> None:
    for number, value in enumerate(WRONG):
        changed = {"email": f"kari{number}@example.org"} if field != "email" else {}
        content = json.dumps({**good, **changed, field: value}).encode()
        answer = await browser.client.post("/api/v1/signups", content=content, headers=JSON)
        if answer.status_code == 202:
            continue
        problem = problem_of(answer, 422, 413)
        if isinstance(value, str) and len(value) > 4:
            assert value not in answer.text, "what was sent is never repeated"
        assert problem.get("errors") or problem["status"] == 413 or problem["type"].endswith("not-json"), value


@pytest.mark.asvs("15.3.3")
@pytest.mark.parametrize("field", [name for name, info in SignupForm.model_fields.items() if info.is_required()])
async def test_sign_up_without_required_field_names_it(field: str, browser: Browser, good: dict[str, Any]) -> None:
    answer = await browser.post_json({name: value for name, value in good.items() if name != field})
    assert [error["field"] for error in problem_of(answer, 422)["errors"]] == [field]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf{}",
        '{"first_name": "Kari"}'.encode("utf-16"),
        b'{"first_name": "\xff"}',
        b'{"first_name": "Kari",}',
        b"{'first_name': 'Kari'}",
        b'{"first_name": NaN, "adult": Infinity}',
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
        b"[" * 5000 + b"]" * 5000,
        b"first_name=Kari&adult=true",
        b'--x\r\nContent-Disposition: form-data; name="first_name"\r\n\r\nKari\r\n--x--\r\n',
        b"<signup/>",
        b"1" * 5000,
        b'{"max_travel_km": ' + b"9" * 6000 + b"}",
        b'"' + b"\\u0000" * 100 + b'"',
        b"true",
        b"\x00" * 10,
    ],
)
@pytest.mark.parametrize(
    ("media_type", "status"),
    [("application/json", 422), ("Application/JSON; charset=utf-8", 422), ("text/plain", 415)],
)
async def test_sign_up_body_that_is_no_form_is_a_problem(
    content: bytes, media_type: str, status: int, browser: Browser, world: World
) -> None:
    answer = await browser.client.post("/api/v1/signups", content=content, headers={"Content-Type": media_type})
    problem_of(answer, status)
    assert await world.count("people") == 0


@pytest.mark.asvs("3.5.2")
@pytest.mark.parametrize(
    "media_type",
    [
        *["text/plain", "text/plain; charset=application/json", "application/x-www-form-urlencoded", "", "*/*"],
        *["multipart/form-data; boundary=x", "application/jsonp", "application/problem+json", "text/json", "json"],
    ],
)
async def test_sign_up_not_sent_as_json_is_a_problem(
    media_type: str, browser: Browser, world: World, good: dict[str, Any]
) -> None:
    content, headers = json.dumps(good).encode(), {"Content-Type": media_type} if media_type else {}
    problem_of(await browser.client.post("/api/v1/signups", content=content, headers=headers), 415)
    assert await world.count("submissions") == 0


@pytest.mark.asvs("3.5.2")
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://link-bergen.example"},
        {"Origin": "https://link-bergen.example.evil.example"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_sign_up_of_a_page_that_is_not_named_is_a_problem(
    headers: dict[str, str], browser: Browser, world: World, good: dict[str, Any]
) -> None:
    problem_of(await browser.client.post("/api/v1/signups", json=good, headers=headers), 403)
    assert await world.count("submissions") == 0


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": URL},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://link-bergen.example"},
        {"Origin": "https://link-bergen.example"},
    ],
)
async def test_sign_up_of_a_program_or_a_named_page_is_taken(
    headers: dict[str, str], browser: Browser, good: dict[str, Any]
) -> None:
    assert (await browser.client.post("/api/v1/signups", json=good, headers=headers)).status_code == 202


async def test_sign_up_huge_body_is_a_problem(browser: Browser, good: dict[str, Any]) -> None:
    for content in (b"x" * 17_000, json.dumps({**good, "why": "x" * 100_000}).encode(), b"\x00" * 1_000_000):
        problem_of(await browser.client.post("/api/v1/signups", content=content), 413)


@pytest.mark.asvs("13.4.4")
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "QUERY"])
async def test_wrong_method_is_a_problem_with_the_right_one(method: str, browser: Browser) -> None:
    answer = await browser.client.request(method, "/api/v1/signups")
    problem_of(answer, 405)
    assert answer.headers["allow"] == "POST"
    if method != "GET":
        assert "GET" in (await browser.client.request(method, "/api/v1/centres")).headers["allow"]


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v2/signups",
        "/api/v1/signups/",
        "/api/v1/signup",
        "/api/v1/signups/1",
        "/api/v1/centres/link-bergen",
        "/api/%00",
        "/api/v1/signups%2F",
        "/api/v1/../v1/x",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_unknown_route_is_a_problem(method: str, path: str, browser: Browser) -> None:
    problem_of(await browser.client.request(method, path), 404, 405)


@pytest.mark.parametrize("key", ["", " ", "x" * 300, "æ", "a\tb", "\x7f"])
async def test_sign_up_wrong_idempotency_key_is_a_problem(key: str, browser: Browser, good: dict[str, Any]) -> None:
    answer = await browser.client.post(
        "/api/v1/signups", json=good, headers=[(b"Idempotency-Key", key.encode("latin-1"))]
    )
    if key != " ":
        problem_of(answer, 422)


@pytest.mark.parametrize(
    "language", ["", "xx", "nn", "de,en;q=0.1", "*", "nb;q=abc", "en-GB,nb;q=0", "\xff", ",,;", "x" * 3000]
)
async def test_problem_is_in_a_language_whatever_is_asked_for(language: str, browser: Browser) -> None:
    headers = [(b"Content-Type", b"application/json"), (b"Accept-Language", language.encode("latin-1"))]
    answer = await browser.client.post("/api/v1/signups", content=b"{}", headers=headers)
    problem_of(answer, 422)
    assert answer.headers["content-language"] in {"nb", "nn", "en"}


@pytest.mark.asvs("4.1.1")
@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*", "", "application/json;q=0"])
async def test_problem_is_never_a_page_whatever_is_accepted(accept: str, browser: Browser) -> None:
    for method, path in (("POST", "/api/v1/signups"), ("GET", "/api/nothing"), ("PUT", "/api/v1/centres")):
        problem_of(await browser.client.request(method, path, headers={"Accept": accept}), 404, 405, 415)
