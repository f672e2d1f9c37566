"""'Is this for me?' and the page for people under 18: plain words, named services, no question and no trace."""

import re
from typing import Any

import pytest

from shared.reference import helplines, ways_on
from shared.reference.centre_texts import CentreTexts, OwnText
from shared.reference.centres import Centres
from tests.intake.support.browser import Browser, forms_of
from tests.intake.support.world import World
from tests.intake.test_centres import with_policy
from tests.intake.test_policy_pages import plain

LANGUAGES = ["", "/nn", "/en"]
TABLES = "drafts", "submissions", "people", "signups"


async def nothing_is_stored(world: World) -> bool:
    return [await world.count(table) for table in TABLES] == [0] * len(TABLES)


@pytest.mark.parametrize("prefix", LANGUAGES)
async def test_page_names_who_it_suits_and_three_ways_on(browser: Browser, world: World, prefix: str) -> None:
    page = await browser.get(f"{prefix}/passer-det")
    assert page.status_code == 200
    services = [service for service in ways_on.load() if service.audience == "everyone"]
    for line in (line for line in helplines.load() if line.audience == "everyone"):
        assert page.text.count(f'href="tel:{line.tel}"') >= 1
    for service in services:
        assert service.called(prefix[1:] or "nb") in page.text
    ways = page.text.split('id="veier"')[1].split("</ul>")[0]
    assert ways.count("<li>") >= 3
    assert not forms_of(page)  # nothing is asked
    assert not re.search(r"<(input|textarea|select)\b", page.text)
    assert "set-cookie" not in page.headers
    assert await nothing_is_stored(world)


@pytest.mark.parametrize(
    "sentence",
    [
        "Du trenger verken diagnose eller henvisning",
        "i en gruppe er det ingen terapeut",
        "en gruppe er ikke et kurs",
        "øve deg på å fortelle litt om deg selv",
        "si fra når du ikke kan",
        "Det avgjør du selv",
    ],
)
async def test_page_says_what_the_centres_say_of_groups(browser: Browser, sentence: str) -> None:
    assert sentence in plain(await browser.get("/passer-det"))


@pytest.mark.parametrize("prefix", LANGUAGES)
async def test_under_18_page_has_three_services_of_ours(browser: Browser, prefix: str) -> None:
    page = await browser.get(f"{prefix}/under-18")
    young = [service for service in ways_on.load() if service.audience == "young"]
    assert len(young) >= 3
    assert "116 111" in page.text
    for service in young:
        assert service.called(prefix[1:] or "nb") in page.text
        assert service.number is None or f'href="tel:{service.tel}"' in page.text
    assert not forms_of(page)


@pytest.mark.parametrize("path", ["/passer-det", "/under-18"])
@pytest.mark.parametrize(
    ("prefix", "verified", "said"),
    [
        ("", "2020", ""),
        ("/en", "2023", ""),
        ("", "2026-10-01", "Sist kontrollert torsdag 1. oktober 2026."),
        ("/nn", "2026-10-01", "Sist kontrollert torsdag 1. oktober 2026."),
        ("/en", "2026-10-01", "Last checked Thursday 1 October 2026."),
    ],
)
async def test_pages_show_the_day_of_a_check_and_no_year_of_a_source(
    browser: Browser, path: str, prefix: str, verified: str, said: str
) -> None:
    services = tuple(service.model_copy(update={"last_verified": verified}) for service in ways_on.load())
    object.__setattr__(browser.app.state.deps, "ways_on", services)
    text = plain(await browser.get(f"{prefix}{path}"))
    assert said in text
    assert ("ontrollert" in text or "checked" in text) == bool(said)
    assert verified not in text


@pytest.mark.parametrize("path", ["/", "/pamelding", "/pamelding/utenfor"])
async def test_public_pages_lead_to_it(browser: Browser, path: str) -> None:
    assert 'href="/passer-det' in (await browser.get(path)).text


@pytest.mark.parametrize("prefix", LANGUAGES)
async def test_under_18_in_the_form_deletes_it_and_leads_on(browser: Browser, world: World, prefix: str) -> None:
    page = await browser.about_page(prefix=prefix)
    assert await world.count("drafts") == 1
    answer = await browser.press(page, "/under-18")
    assert answer.headers["location"] == f"{prefix}/under-18"
    assert await nothing_is_stored(world)
    assert (await browser.get(answer.headers["location"])).status_code == 200


async def test_form_without_the_tick_still_names_the_way(browser: Browser, world: World) -> None:
    page = await browser.about_page()
    page = await browser.follow(page, first_name="Ola", email="ola@example.org")
    assert "Gruppene er for voksne" in page.text
    assert "Jeg er under 18 år" in page.text
    assert await world.count("submissions") == 0


async def test_own_words_of_a_centre_are_shown_by_its_name(browser: Browser) -> None:
    directory = browser.app.state.deps.directory
    own = OwnText(nb="Drikker du, så vent litt.", nn="Drikk du, så vent litt.", en="If you drink, wait a little.")
    changed: list[Any] = [
        centre.model_copy(update={"texts": CentreTexts(not_now=own)}) if centre.id == "link-oslo" else centre
        for centre in directory.current().all
    ]
    directory.replace(Centres(tuple(changed)))
    assert "Dette sier LINK Oslo" in plain(await browser.get("/passer-det"))
    assert "If you drink, wait a little." in plain(await browser.get("/en/passer-det"))


@pytest.mark.parametrize(("value", "named"), [("off", False), ("offered", True), ("required", True)])
async def test_centres_that_talk_first_are_named(browser: Browser, value: str, *, named: bool) -> None:
    directory = browser.app.state.deps.directory
    directory.replace(with_policy(directory.current(), "link-bergen", forsamtale=value))
    assert ("Her kan du snakke med senteret" in plain(await browser.get("/passer-det"))) is named
