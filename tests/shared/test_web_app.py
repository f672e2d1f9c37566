import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import structlog

from shared.kit.web.pages import KIT_TEMPLATES
from shared.kit.web.static import KIT_STATIC
from tests.shared.support.web_demo import demo
from tests.shared.support.web_demo.client import client

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.mark.asvs("3.4.3", "3.4.4", "3.4.5", "3.4.6")
@pytest.mark.parametrize("path", ["/", "/finnes-ikke", "/feil/x", "/api/x", "/static/site.css", "/stab/"])
async def test_every_response_has_security_headers(path: str) -> None:
    async with client(demo.build("https://hjelp.example")) as reader:
        headers = (await reader.get(path)).headers

    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["strict-transport-security"].startswith("max-age=63072000")
    assert "set-cookie" not in headers


@pytest.mark.parametrize("path", ["/", "/en/pamelding", "/finnes-ikke", "/static/site.css", "/livez", "/api/x"])
async def test_head_answers_as_get_without_body(path: str) -> None:
    async with client(demo.build()) as reader:
        got, head = await reader.get(path), await reader.head(path)

    assert head.status_code == got.status_code
    assert head.headers["content-type"] == got.headers["content-type"]
    assert head.content == b""


async def test_plain_http_response_has_no_hsts() -> None:
    async with client(demo.build()) as reader:
        assert "strict-transport-security" not in (await reader.get("/")).headers


@pytest.mark.asvs("1.2.3", "1.3.2", "3.4.3", "3.7.1", "14.2.3")
@pytest.mark.parametrize("path", ["/", "/pamelding", "/knapp", "/nope"])
async def test_pages_hold_nothing_that_the_csp_forbids(path: str) -> None:
    async with client(demo.build()) as reader:
        text = (await reader.get(path)).text

    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]* src=)", text)
    assert not re.search(r'(?:src|href)="(?:https?:)?//(?!www\.yr\.no)', text)


@pytest.mark.parametrize(("prefix", "language"), [("", "nb"), ("/nb", "nb"), ("/nn", "nn"), ("/en", "en")])
async def test_language_follows_the_path(prefix: str, language: str) -> None:
    async with client(demo.build()) as reader:
        text = (await reader.get(f"{prefix}/?side=2")).text

    assert f'<html lang="{language}"' in text
    assert 'href="/nn/?side=2" lang="nn"' in text
    assert 'href="/?side=2" lang="nb"' in text


@pytest.mark.parametrize("path", ["/", "/en/pamelding", "/nn/finnes-ikke", "/feil/borte", "/feil/x"])
async def test_every_public_page_shows_help_lines(path: str) -> None:
    async with client(demo.build()) as reader:
        text = (await reader.get(path)).text

    for number in ("113", "116 117", "116 123"):
        assert f"<strong>{number}</strong>" in text
    assert text.index("116 123") < text.index("<main")


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/finnes-ikke", 404, "Siden finnes ikke"),
        ("/en/nope", 404, "There is no such page"),
        ("/nn/feil/borte", 503, "Vent eit halvt minutt"),
        ("/feil/nei", 409, "Gruppa har startet og er lukket."),
        ("/feil/ukjent", 404, "Siden finnes ikke"),
        ("/feil/x", 500, "Noe gikk galt hos oss"),
    ],
)
async def test_failure_page_has_status_and_advice(path: str, status: int, words: str) -> None:
    async with client(demo.build()) as reader:
        answer = await reader.get(path)

    assert answer.status_code == status
    assert words in answer.text
    assert demo.SECRET_TEXT not in answer.text
    assert ("retry-after" in answer.headers) == (status == 503)


@pytest.mark.parametrize(
    ("method", "advice"),
    [("GET", "Du kan begynne på forsiden."), ("POST", "Gruppa er ikke her lenger.")],
)
async def test_missing_object_opened_or_pressed_gets_fitting_advice(method: str, advice: str) -> None:
    async with client(demo.build()) as reader:
        answer = await reader.request(method, "/feil/ukjent")

    assert answer.status_code == 404
    assert advice in answer.text


@pytest.mark.asvs("16.2.5", "16.3.4", "16.5.1")
@pytest.mark.parametrize("path", ["/feil/x", "/feil/borte"])
async def test_failure_log_has_class_and_place_without_text(path: str) -> None:
    with structlog.testing.capture_logs() as written:
        async with client(demo.build()) as reader:
            await reader.get(path)

    assert [entry["error"] for entry in written] in (["ValueError"], ["ConnectionRefusedError"])
    assert "demo.py:" in written[0]["where"]
    assert demo.SECRET_TEXT not in str(written)


async def test_api_failure_is_problem_details_in_language() -> None:
    async with client(demo.build()) as reader:
        answer = await reader.post(
            "/api/v1/signups", json={"max_travel_km": 0}, headers={"accept-language": "nn, en;q=.5"}
        )
        missing = await reader.get("/api/v1/nothing")
        broken = await reader.post("/api/v1/signups", content=b"{", headers={"content-type": "application/json"})

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "instance": f"urn:uuid:{answer.headers['x-request-id']}",
        "type": "urn:selvhjelp:problem:invalid",
        "title": "Noko må rettast",
        "status": 422,
        "errors": [
            {"field": "first_name", "message": "Fyll ut «Fornavn»."},
            {"field": "max_travel_km", "message": "«Reisevei i km» må vere minst 1."},
        ],
    }
    assert missing.json()["status"] == 404
    assert broken.json()["errors"] == [{"field": "", "message": "Innholdet er ikke gyldig JSON."}]


@pytest.mark.asvs("3.4.2")
async def test_cors_allows_named_origins_on_the_api_only() -> None:
    ask = {"access-control-request-method": "POST"}
    async with client(demo.build()) as reader:
        known = await reader.options("/api/v1/signups", headers=ask | {"origin": "https://senter.example"})
        other = await reader.options("/api/v1/signups", headers=ask | {"origin": "https://other.example"})
        page = await reader.get("/", headers={"origin": "https://senter.example"})

    assert known.headers["access-control-allow-origin"] == "https://senter.example"
    assert "access-control-allow-origin" not in other.headers
    assert "access-control-allow-origin" not in page.headers


async def test_body_over_16_kib_is_refused_declared_or_not() -> None:
    async def drops() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b"x" * 1024

    async with client(demo.build()) as reader:
        declared = await reader.post("/pamelding", content=b"x" * (16 * 1024 + 1))
        streamed = await reader.post("/en/pamelding", content=drops())
        api = await reader.post("/api/v1/signups", content=b"x" * 20_000)

    assert (declared.status_code, streamed.status_code, api.status_code) == (413, 413, 413)
    assert "too much" in streamed.text
    assert api.json()["status"] == 413


async def test_body_that_never_arrives_is_answered_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.kit.web.guards.BODY_TIMEOUT_SECONDS", 0.01)
    answered: list[Any] = []

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        answered.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/pamelding", "raw_path": b"/pamelding", "query_string": b"",
        "headers": [(b"content-length", b"10")], "http_version": "1.1", "scheme": "http", "root_path": "",
        "server": ("testserver", 80), "client": ("127.0.0.1", 1),
    }  # fmt: skip
    app = demo.build()
    await app(scope | {"app": app}, receive, send)

    assert answered[0]["status"] == 408


@pytest.mark.asvs("5.3.2")
async def test_static_file_with_version_is_cached_for_ever() -> None:
    app = demo.build()
    url = app.state.pages.static.url("site.css")
    async with client(app) as reader:
        versioned = await reader.get(url)
        plain = await reader.get("/static/site.css", headers={"accept-encoding": "identity"})
        unchanged = await reader.get(url, headers={"if-none-match": versioned.headers["etag"]})
        outside = [await reader.get(f"/static/{name}") for name in ("../app.py", "%2e%2e/app.py", "vendor/VENDOR.md")]

    assert versioned.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert versioned.headers["content-encoding"] == "gzip"
    assert plain.headers["cache-control"] == "public, max-age=86400"
    assert plain.content == versioned.content == (KIT_STATIC / "site.css").read_bytes()
    assert unchanged.status_code == 304
    assert [answer.status_code for answer in outside] == [404, 404, 404]


async def test_wrong_method_is_answered_405_with_allow() -> None:
    async with client(demo.build()) as reader:
        answer: httpx.Response = await reader.post("/")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    assert "<main" in answer.text


def test_every_static_file_of_the_kit_is_loaded_by_a_page() -> None:
    loaders = [*KIT_TEMPLATES.glob("*.html"), *KIT_STATIC.rglob("*.css")]
    text = "".join(loader.read_text(encoding="utf-8") for loader in loaders)
    files = [file.name for file in KIT_STATIC.rglob("*") if file.is_file() and file.suffix != ".md"]

    assert [name for name in files if name not in text] == []
