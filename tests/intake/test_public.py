"""The public pages: a person without JavaScript signs up, confirms and leaves."""

import httpx
import pytest

from intake.usecases.locations import Location
from tests.intake.support.browser import Browser, forms_of
from tests.intake.support.world import World

ANSWERS = {
    "first_name": "Kari",
    "email": "kari@example.org",
    "slots": ["tue-evening", "thu-day"],
    "adult": "true",
}


async def papers(browser: Browser, place: str) -> dict[str, str]:
    location = browser.app.state.deps.lookup.find(place)
    assert isinstance(location, Location)
    policy = location.centre.policy
    return {"consent": policy.consent_version, "information": policy.information_version or ""}


async def signed_up(browser: Browser, place: str = "5003", prefix: str = "", **changes: str) -> httpx.Response:
    page = await browser.whole_form(place, prefix)
    page = await browser.send(page, **ANSWERS | await papers(browser, place) | changes)
    assert page.status_code == 422
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


@pytest.mark.parametrize("prefix", ["", "/nn", "/en"])
async def test_sign_up_stores_language_of_page(browser: Browser, world: World, prefix: str) -> None:
    answer = await signed_up(browser, prefix=prefix)
    assert (303, f"{prefix}/takk") == (answer.status_code, answer.headers["location"])
    ((language, slots, languages, km),) = await world.rows(
        "select language, slots, languages, max_travel_km from signups"
    )
    assert (prefix[1:] or "nb", ["tue-evening", "thu-day"], ["nb"], 20) == (language, slots, languages, km)


async def test_sign_up_answers_known_and_unknown_alike(browser: Browser, world: World) -> None:
    first = await signed_up(browser)
    second = await signed_up(browser)
    third = await signed_up(browser, first_name="Ola", slots="mon-day")
    fourth = await signed_up(browser, email="ola@example.org")
    assert len({(a.status_code, a.text, a.headers["location"]) for a in (first, second, third, fourth)}) == 1
    assert await world.count("people") == 2


async def test_sign_up_too_fast_asks_to_press_again(browser: Browser, world: World) -> None:
    page = await browser.whole_form()
    page = await browser.send(page, **ANSWERS | await papers(browser, "5003"))
    assert page.status_code == 422
    assert "Se gjerne over svarene en gang til" in page.text
    assert await world.count("signups") == 0
    assert (await browser.send(page)).status_code == 303
    assert await world.count("signups") == 1


async def test_sign_up_filled_honeypot_stores_nothing(browser: Browser, world: World) -> None:
    page = await browser.whole_form()
    for _ in range(3):
        page = await browser.send(page, nettside="http://spam.example", **ANSWERS | await papers(browser, "5003"))
        assert page.status_code == 422
    assert await world.count("signups") == 0
    assert (await browser.send(page)).status_code == 303


async def test_sign_up_double_click_is_one_signup(browser: Browser, world: World) -> None:
    page = await browser.whole_form()
    page = await browser.send(page, **ANSWERS | await papers(browser, "5003"))
    assert (await browser.send(page)).status_code == 303
    assert (await browser.send(page)).status_code == 303
    assert (await browser.send(page, first_name="Kari Anne")).status_code == 303  # back, changed, sent again
    assert await world.subjects() == ["received", "received"]


async def test_sign_up_shows_all_errors_and_keeps_values(browser: Browser, world: World) -> None:
    page = await browser.whole_form()
    page = await browser.send(page, first_name="Kari", email="feil", mobile="12", languages=[], slots=["mon-day"])
    assert page.status_code == 422
    for sentence in (
        "Se over e-postadressen", "Se over mobilnummeret", "Velg minst ett språk", "Gruppene er for voksne",
        "Vi må ha ditt samtykke",
    ):  # fmt: skip
        assert sentence in page.text
    (form,) = forms_of(page)
    assert tuple(form.fields[name] for name in ("first_name", "email", "mobile", "slots")) == (
        ["Kari"],
        ["feil"],
        ["12"],
        ["mon-day"],
    )
    assert await world.count("people") == 0


async def test_form_page_has_no_field_for_a_reason(browser: Browser) -> None:
    (form,) = forms_of(await browser.whole_form("0150"))
    names = {
        "_csrf",
        "centre",
        "nonce",
        "first_name",
        "email",
        "mobile",
        "place",
        "max_travel_km",
        "languages",
        "nettside",
    }
    assert names == set(form.fields)


async def test_sign_up_unread_information_shows_error(browser: Browser, world: World) -> None:
    page = await browser.whole_form("0150")
    page = await browser.send(page, **ANSWERS | await papers(browser, "0150") | {"information": ""})
    assert "Senteret ber deg lese informasjonen først" in page.text
    assert (await signed_up(browser, "0150")).status_code == 303
    assert await world.count("signups", "read_at is not null and centre = 'link-oslo'") == 1


@pytest.mark.parametrize("prefix", ["", "/nn", "/en"])
async def test_form_page_says_it_is_not_watched_around_the_clock(browser: Browser, prefix: str) -> None:
    page = (await browser.whole_form(prefix=prefix)).text
    assert 0 < page.index('id="not-watched"') < page.index('type="submit"', page.index('id="not-watched"'))


async def test_sign_up_ambiguous_place_asks_and_keeps_values(browser: Browser, world: World) -> None:
    page = await browser.send(await browser.get("/pamelding"), place="Nes")
    assert page.status_code == 200
    assert 'name="place_choice"' in page.text
    choices = page.text.split('name="place_choice" value="')[1:]
    label = choices[0].split('"')[0]
    page = await browser.send(page, place_choice=label)
    assert 'name="first_name"' in page.text
    page = await browser.send(page, first_name="Kari", place="Nes")
    assert page.status_code == 422
    (form,) = forms_of(page)
    assert form.fields["first_name"] == ["Kari"]
    page = await browser.send(page, place_choice=label)
    assert [label] == forms_of(page)[0].fields["place"]
    assert await world.count("people") == 0


async def test_sign_up_unknown_postcode_asks_for_kommune(browser: Browser) -> None:
    page = await browser.send(await browser.get("/pamelding"), place="5999")
    assert '<select class="ds-input" id="place_choice"' in page.text
    page = await browser.send(page, place_choice="Bergen kommune, Vestland")
    assert 'name="centre" value="link-bergen"' in page.text


async def test_sign_up_place_without_centre_stores_nothing(browser: Browser, world: World) -> None:
    page = await browser.send(await browser.get("/pamelding"), place="9170")
    assert page.status_code == 200
    assert "Vi har ikke lagret noe" in page.text
    assert await world.count("people") == 0


async def test_sign_up_nonsense_place_shows_error(browser: Browser) -> None:
    for place in ("", "qwertyuiop", "\x00", "<script>", "9" * 90):
        page = await browser.send(await browser.get("/pamelding"), place=place)
        assert page.status_code == 422
        assert "<script>alert" not in page.text


async def test_sign_up_other_centre_clears_consent(browser: Browser, world: World) -> None:
    page = await browser.whole_form("5003")
    page = await browser.send(page, **ANSWERS | await papers(browser, "5003") | {"place": "0150"})
    assert page.status_code == 422
    assert 'name="centre" value="link-oslo"' in page.text
    (form,) = forms_of(page)
    assert "consent" not in form.fields
    assert form.fields["first_name"] == ["Kari"]
    assert await world.count("people") == 0


async def test_form_page_switch_language_keeps_values(browser: Browser) -> None:
    page = await browser.whole_form()
    page = await browser.send(page, 0, "/en/pamelding", first_name="Kari", slots=["sun-evening"], _switch="en")
    assert page.status_code == 200
    assert '<html lang="en"' in page.text
    (form,) = forms_of(page)
    assert (form.fields["first_name"], form.fields["slots"]) == (["Kari"], ["sun-evening"])


async def test_confirm_link_get_changes_nothing_post_confirms(browser: Browser, world: World) -> None:
    await signed_up(browser)
    path = await link(browser, world, "confirm")
    for _ in range(3):
        page = await browser.get(path)
        assert page.status_code == 200
        await browser.client.head(path)
    assert await world.subjects() == ["received"]
    done = await browser.send(page)
    assert "nå er det bekreftet" in done.text
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
    assert (await browser.client.post(f"{leave[:-2]}xx", data=words)).status_code == 404
    assert (await browser.client.get(leave, params=words)).status_code == 200
    assert await world.subjects() == ["received"]


async def test_sign_up_from_other_site_is_403(browser: Browser, world: World) -> None:
    page = await browser.whole_form()
    (form,) = forms_of(page)
    answer = await browser.client.post("/pamelding", data=form.fields, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert (await browser.client.post("/pamelding", data={"place": "5003"})).status_code == 403
    assert await world.count("people") == 0


async def test_front_page_without_database_answers(browser: Browser, world: World) -> None:
    await world.db.dispose()
    deps = browser.app.state.deps
    from pydantic import SecretStr

    from shared.kit.database.engine import Database

    nowhere = Database(SecretStr("postgresql+asyncpg://nobody@127.0.0.1:1/none"))
    object.__setattr__(deps, "database", nowhere)
    for path in ("/", "/nn/", "/pamelding", "/personvern"):
        page = await browser.get(path)
        assert page.status_code == 200
        assert "116 117" in page.text
    page = await browser.whole_form()
    page = await browser.send(page, **ANSWERS | await papers(browser, "5003"))
    answer = await browser.send(page)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


async def test_form_page_escapes_values(browser: Browser) -> None:
    page = await browser.whole_form()
    page = await browser.send(page, first_name='"><script>alert(1)</script>', email="{{7*7}}")
    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;" in page.text
    assert "{{7*7}}" in page.text
