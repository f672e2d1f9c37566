"""The public pages: a person without JavaScript signs up, confirms and leaves."""

from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from intake.usecases.locations import Location
from shared.kit.database.engine import Database
from tests.intake.support.browser import Browser
from tests.intake.support.world import World

ANSWERS = {"first_name": "Kari", "email": "kari@example.org", "adult": "true"}


async def papers(browser: Browser, place: str) -> dict[str, str]:
    location = browser.app.state.deps.lookup.find(place)
    assert isinstance(location, Location)
    policy = location.centre.policy
    return {"consent": policy.consent_version, "information": policy.information_version or ""}


async def signed_up(
    browser: Browser, place: str = "5003", prefix: str = "", times: dict[str, Any] | None = None, **changes: Any
) -> httpx.Response:
    """Go through all steps; return the redirect to the page that says thank you."""
    page = await browser.about_page(place, prefix, **(times or {}))
    page = await browser.follow(page, **ANSWERS | await papers(browser, place) | changes)
    assert 'data-step="3"' in page.text
    return await browser.send(page)


async def link(browser: Browser, world: World, purpose: str) -> str:
    (event,) = [event for event in await world.events() if event.subject == "signups.received.v1"]
    data = event.model_dump()
    links = browser.app.state.deps.links
    id_ = data["confirmation_id"] if purpose == "confirm" else data["signup_id"]
    return str(links.url("", "nb", purpose, id_))


@pytest.mark.parametrize("prefix", ["", "/nn", "/en"])
@pytest.mark.parametrize("path", ["/", "/pamelding", "/takk", "/personvern", "/informasjon/link-oslo"])
async def test_pages_in_every_language_show_help_lines(browser: Browser, prefix: str, path: str) -> None:
    page = await browser.get(prefix + path)
    assert page.status_code == 200
    assert "116 123" in page.text
    assert f'<html lang="{prefix[1:] or "nb"}"' in page.text
    assert "set-cookie" not in page.headers


@pytest.mark.asvs("2.3.1")
async def test_confirm_link_get_changes_nothing_post_confirms(browser: Browser, world: World) -> None:
    await signed_up(browser)
    path = await link(browser, world, "confirm")
    for _ in range(3):
        page = await browser.get(path)
        assert page.status_code == 200
        await browser.client.head(path)
    assert await world.subjects() == ["received"]
    done = await browser.send(page)
    assert "påmeldingen er bekreftet" in done.text
    assert await world.subjects() == ["received", "confirmed", "ready"]
    again = await browser.get(path)
    assert "Du har bekreftet allerede" in again.text
    assert "Du har bekreftet allerede" in (await browser.send(page)).text
    assert len(await world.subjects()) == 3


async def test_confirm_link_forged_or_expired_is_410(browser: Browser, world: World) -> None:
    await signed_up(browser)
    path = await link(browser, world, "confirm")
    page = await browser.get(path)
    world.later(hours=73)
    for answer in (
        await browser.get(path),
        await browser.send(page),
        await browser.get(path[:-2] + "xx"),
        await browser.get("/bekreft/x"),
    ):
        assert answer.status_code == 410
        assert "Du er velkommen til å melde deg på igjen" in answer.text
    assert await world.subjects() == ["received"]


async def test_leave_link_with_confirm_token_is_404(browser: Browser, world: World) -> None:
    await signed_up(browser)
    token = (await link(browser, world, "confirm")).split("/")[-1]
    assert (await browser.get(f"/meld-av/{token}")).status_code == 404


async def test_leave_link_get_changes_nothing_post_withdraws(browser: Browser, world: World) -> None:
    await signed_up(browser)
    path = await link(browser, world, "leave")
    page = await browser.get(path)
    assert "Vil du melde deg av?" in page.text
    assert await world.subjects() == ["received"]
    for _ in range(2):
        assert "Du er meldt av" in (await browser.send(page)).text
    assert "Du er meldt av" in (await browser.get(path)).text
    assert await world.subjects() == ["received", "withdrawn"]


@pytest.mark.parametrize("multipart", [False, True])
async def test_leave_link_one_click_body_withdraws(browser: Browser, world: World, multipart: bool) -> None:
    await signed_up(browser)
    path = await link(browser, world, "leave")
    sent = {"files" if multipart else "data": {"List-Unsubscribe": (None, "One-Click") if multipart else "One-Click"}}
    headers = {"Origin": "https://mail.example", "Sec-Fetch-Browser": "cross-site"}
    for _ in range(2):
        answer = await browser.client.post(f"/nn{path}", headers=headers, **sent)  # type: ignore[arg-type]
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
    assert await world.subjects() == ["received", "withdrawn"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\n\r\n", " ", "%0D%0A"])
async def test_leave_link_one_click_body_may_end_in_white_space(browser: Browser, world: World, end: str) -> None:
    await signed_up(browser)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = f"List-Unsubscribe=One-Click{end}"
    assert (await browser.client.post(await link(browser, world, "leave"), content=body, headers=form)).is_success
    assert await world.subjects() == ["received", "withdrawn"]


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"\r\nList-Unsubscribe=One-Click", "application/x-www-form-urlencoded"),
        (b"List-Unsubscribe=One-Click", None),
        (b"List-Unsubscribe=One-Click\r\n", "text/plain"),
        (b"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded; charset=UTF-8"),
        (b"List-Unsubscribe=One%2DClick&", "application/x-www-form-urlencoded"),
        (
            b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
        ),
    ],
)
async def test_leave_link_one_click_of_any_mail_program_withdraws(
    browser: Browser, world: World, body: bytes, media_type: str | None
) -> None:
    await signed_up(browser)
    headers = {"Content-Type": media_type} if media_type else {}
    assert (await browser.client.post(await link(browser, world, "leave"), content=body, headers=headers)).is_success
    assert await world.subjects() == ["received", "withdrawn"]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "List-Unsubscribe=one-click",
        "List-Unsubscribe=One-Click&List-Unsubscribe=One-Click",
        "List-Unsubscribe=One-Click&_csrf=x",
        "list-unsubscribe=One-Click",
    ],
)
async def test_leave_link_other_body_without_form_token_is_403(browser: Browser, world: World, body: str) -> None:
    await signed_up(browser)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    leave = await link(browser, world, "leave")
    assert (await browser.client.post(leave, content=body, headers=form)).status_code == 403
    # ... and these words open no other door.
    confirm = await link(browser, world, "confirm")
    words = {"List-Unsubscribe": "One-Click"}
    assert (await browser.client.post(confirm, data=words)).status_code == 403
    # Not the last signs, some bits of which count for nothing.
    forged = f"{leave[:-8]}{'A' if leave[-8] != 'A' else 'B'}{leave[-7:]}"
    assert (await browser.client.post(forged, data=words)).status_code == 404
    assert (await browser.client.get(leave, params=words)).status_code == 200
    assert await world.subjects() == ["received"]


@pytest.mark.asvs("16.5.2")
async def test_front_page_without_database_answers(browser: Browser, world: World) -> None:
    await world.db.dispose()
    deps = browser.app.state.deps
    place = await browser.get("/pamelding")
    nowhere = Database(SecretStr("postgresql+asyncpg://nobody@127.0.0.1:1/none"))
    object.__setattr__(deps, "database", nowhere)
    for path in ("/", "/nn/", "/pamelding", "/personvern", "/pamelding/utenfor"):
        page = await browser.get(path)
        assert page.status_code == 200
        assert "116 117" in page.text
    answer = await browser.send(place, place="5003")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
