"""Northern Sámi is offered first where it is a language of the kommune, and what is missing is marked."""

import pytest

from shared.reference import places
from shared.reference.northern_sami import NORTHERN_SAMI_KOMMUNER
from tests.intake.support.browser import Browser
from tests.intake.test_policy_pages import plain

LINK = 'href="{prefix}/se/" lang="se" hreflang="se">Davvisámegiella</a>'


@pytest.mark.parametrize("place", ["Karasjok", "Kautokeino", "Kåfjord", "Tana", "Nesseby"])
async def test_front_page_offers_northern_sami_first_in_its_area(browser: Browser, place: str) -> None:
    for prefix in ("", "/nn", "/en"):
        page = await browser.get(f"{prefix}/?sted={place}")
        main = page.text.partition("<main")[2]
        assert LINK.format(prefix=prefix) in main.partition("<h1")[0]
    assert "(ikke oversatt ennå)" in plain(await browser.get(f"/?sted={place}"))


@pytest.mark.parametrize("place", ["", "5003", "Snåsa", "Hamarøy", "Tromsø"])
async def test_front_page_offers_it_nowhere_else(browser: Browser, place: str) -> None:
    assert "/se/" not in (await browser.get(f"/?sted={place}")).text


async def test_page_says_in_norwegian_that_it_is_not_translated(browser: Browser) -> None:
    page = await browser.get("/se/")
    assert '<html lang="nb"' in page.text
    assert 'lang="se">Davvisámegiella</h1>' in page.text
    assert "Sidene er ikke oversatt til nordsamisk ennå." in plain(page)
    assert (await browser.get("/se")).headers["location"] == "/se/"
    assert (await browser.get("/se/pamelding")).status_code == 404


def test_kommuner_of_northern_sami_are_ours() -> None:
    assert set(NORTHERN_SAMI_KOMMUNER) < set(places.load().kommuner)
