"""The page of one centre at an address of its own."""

from typing import Final

import pytest

from tests.intake.support.browser import Browser

STRANGE: Final = (
    "/link-trondheim/",
    "/link-trondheim",
    "/LINK-BERGEN/",
    "/link-bergen%00/",
    "/link-bergen%2f/",
    "/..%2flink-bergen/",
    "/%C3%A6/",
    f"/{'x' * 400}/",
)


@pytest.mark.parametrize(("prefix", "sign_up"), [("", "Meld deg på"), ("/nn", "Meld deg på"), ("/en", "Sign up")])
async def test_page_of_centre_tells_who_it_is_and_leads_to_sign_up(browser: Browser, prefix: str, sign_up: str) -> None:
    page = await browser.get(f"{prefix}/link-bergen/")
    assert page.status_code == 200
    assert "<title>LINK Bergen</title>" in page.text
    assert "mailto:post@link-bergen.example" in page.text
    assert f'href="{prefix}/pamelding">{sign_up}</a>' in page.text
    assert f'href="{prefix}/informasjon/link-bergen"' in page.text
    assert "116 123" in page.text
    assert "set-cookie" not in page.headers


async def test_page_of_centre_calls_groups_as_its_policy_does(browser: Browser) -> None:
    centres = browser.app.state.deps.centres.all
    assert len(centres) > 3
    for centre in centres:
        page = await browser.get(f"/{centre.id}/")
        term = centre.policy.group_term
        assert f"I en {term} møtes {centre.policy.size_min} til {centre.policy.size_max} mennesker" in page.text


async def test_address_without_last_slash_leads_to_the_page(browser: Browser) -> None:
    for prefix in ("", "/nn", "/en"):
        answer = await browser.get(f"{prefix}/link-oslo")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{prefix}/link-oslo/")


@pytest.mark.parametrize("path", STRANGE)
async def test_address_of_no_centre_is_answered_like_any_other(browser: Browser, path: str) -> None:
    answer, other = await browser.get(path), await browser.get("/ingen/slik/side")
    assert answer.status_code == other.status_code == 404
    assert answer.text.count("<h1") == other.text.count("<h1") == 1
    assert (
        answer.text.partition("<h1")[2].partition("</main>")[0]
        == other.text.partition("<h1")[2].partition("</main>")[0]
    )
