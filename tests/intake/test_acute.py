"""Words of acute danger lead to help at once; nothing of them is stored or sent, and the form can be finished."""

import httpx
import pytest

from tests.intake.support.browser import Browser, forms_of
from tests.intake.support.world import BERGEN, World
from tests.intake.test_public import ANSWERS, papers

DANGER = "Jeg vil ta livet mitt"


def is_help(page: httpx.Response) -> bool:
    return page.status_code == 200 and "Er du i fare, så ring nå" in page.text and "116 123" in page.text


async def assert_nothing_stored(world: World) -> None:
    assert await world.count("people") == await world.count("signups") == 0
    assert await world.subjects() == []


@pytest.mark.parametrize("field", ["first_name", "email", "mobile", "channel", "adult", "consent"])
async def test_danger_in_a_field_leads_to_help_and_form_goes_on(browser: Browser, world: World, field: str) -> None:
    whole = ANSWERS | await papers(browser, "5003") | {"mobile": "91234567"}
    page = await browser.follow(await browser.about_page(), **whole | {field: DANGER})
    assert is_help(page)
    await assert_nothing_stored(world)
    back = page.text.partition('data-variant="secondary" href="')[2].partition('"')[0]
    page = await browser.get(back)
    kept = forms_of(page)[0].fields
    assert DANGER not in page.text
    assert field == "first_name" or kept["first_name"] == ["Kari"]
    page = await browser.follow(page, **whole)
    assert "Takk" in (page if "/takk/" in str(page.url) else await browser.follow(page)).text
    assert await world.count("people") == 1


@pytest.mark.parametrize("step", [0, 1])
async def test_danger_as_a_place_stores_nothing(browser: Browser, world: World, step: int) -> None:
    page = await browser.get("/pamelding")
    if step:
        page = await browser.get(forms_of(await browser.times_page())[0].action.replace("tider", "sted"))
    before = await world.count("drafts")
    assert is_help(await browser.follow(page, place=DANGER))
    assert await world.count("drafts") == before == step
    assert is_help(await browser.get((await browser.get(f"/pamelding?sted={DANGER}")).headers["location"]))
    await assert_nothing_stored(world)


async def test_danger_in_the_address_of_the_own_page_sends_nothing(browser: Browser, world: World) -> None:
    page = await browser.follow(await browser.get("/min-side"), email=DANGER)
    assert is_help(page)
    await assert_nothing_stored(world)


async def test_danger_seen_by_script_names_the_page_at_once(browser: Browser, world: World) -> None:
    page = await browser.about_page()
    answer = await browser.send(page, first_name=DANGER, email="kari@example.org", _save="1")
    assert answer.status_code == 200
    assert is_help(await browser.get(answer.json()["go"]))
    again = await browser.get(forms_of(page)[0].action)
    assert DANGER not in again.text
    assert forms_of(again)[0].fields["email"] == ["kari@example.org"]


@pytest.mark.parametrize(("prefix", "heading"), [("/nn", "Er du i fare, så ring no"), ("/en", "If you are in danger")])
async def test_help_page_speaks_the_reader_s_language(browser: Browser, prefix: str, heading: str) -> None:
    page = await browser.follow(await browser.about_page(prefix=prefix), first_name="kill myself")
    assert heading in page.text


@pytest.mark.parametrize(
    "body",
    [
        BERGEN | {"first_name": DANGER},
        BERGEN | {"place": "nie chcę żyć"},
        BERGEN | {"why": "eg vil døy"},
        BERGEN | {"slots": ["I want to die"]},
        {"first_name": {"deep": ["selvmord"]}},
        "suicide",
    ],
)
@pytest.mark.parametrize("language", ["nb", "en"])
async def test_api_danger_is_answered_with_help(browser: Browser, world: World, body: object, language: str) -> None:
    answer = await browser.post_json(body, {"Accept-Language": language})
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (422, "urn:selvhjelp:problem:acute-danger")
    assert "113" in problem["errors"][0]["message"]
    assert DANGER not in answer.text
    await assert_nothing_stored(world)


@pytest.mark.parametrize("name", ["Selma", "Livet", "Død", "Liv Mette"])
async def test_name_that_is_near_a_word_signs_up(browser: Browser, world: World, name: str) -> None:
    page = await browser.follow(
        await browser.about_page(), **ANSWERS | await papers(browser, "5003") | {"first_name": name}
    )
    await browser.follow(page)
    assert await world.count("people") == 1
