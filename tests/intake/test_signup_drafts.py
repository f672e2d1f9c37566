"""What is kept of a sign-up that was begun or sent: sealed, for a short time, corrected once more, and limited."""

from typing import Any

import httpx
import pytest

from intake.domain.drafts import Draft
from intake.store import drafts as rows
from intake.vault.draft_key import DraftKey
from shared.events.people import Erased
from shared.kit.staff import wall_now
from tests.intake.support.browser import Browser, forms_of, limit
from tests.intake.support.signup_form import expire_drafts, fields, step
from tests.intake.support.world import World
from tests.intake.test_public import ANSWERS, signed_up

WAIT = {"": "Vent 10 minutter", "/nn": "Vent 10 minutt", "/en": "Wait 10 minutes"}


async def test_draft_is_sealed_and_its_address_says_nothing(browser: Browser, world: World) -> None:
    page = await browser.send(await browser.about_page(), first_name="Hemmelig", email="hemmelig@example.org")
    ((draft_id, sealed),) = await world.rows("select draft_id, sealed from drafts")
    token = page.headers["location"].split("/")[2]
    for secret in (b"Hemmelig", b"hemmelig", b"5003", token.encode()):
        assert secret not in bytes(sealed)
        assert secret not in bytes(draft_id)
    for typed in ("emmelig", "5003"):
        assert typed not in page.headers["location"]
    assert "set-cookie" not in page.headers
    key = DraftKey.of(token)
    assert key is not None
    assert "Hemmelig" in key.open(bytes(sealed))


async def test_expired_draft_page_is_410_and_job_deletes_it(browser: Browser, world: World) -> None:
    page = await browser.about_page()
    await expire_drafts(world)
    gone = await browser.get(forms_of(page)[0].action)
    assert gone.status_code == 410
    assert "Skjemaet er slettet" in gone.text
    async with world.transaction() as session:
        await rows.delete_expired(session, wall_now())
    assert await world.count("drafts") == 0


async def test_expired_draft_keeps_what_is_sent_now(browser: Browser, world: World) -> None:
    page = await browser.about_page()
    await expire_drafts(world)
    page = await browser.follow(page, **ANSWERS)
    assert (step(page), page.status_code) == ("1", 200)
    assert "Det du skrev sist, er tatt vare på" in page.text
    page = await browser.follow(await browser.follow(page, place="5003"), slots=["mon-day"])
    assert fields(page)["first_name"] == ["Kari"]


async def test_quick_exit_deletes_draft(browser: Browser, world: World) -> None:
    page = await browser.about_page()
    assert forms_of(page)[1].action.endswith("/slett")
    assert (await browser.send(page, 1)).status_code == 303
    assert await world.count("drafts") == 0
    assert (await browser.get(forms_of(page)[0].action)).status_code == 410


@pytest.mark.parametrize("path", ["/pamelding/x/tider", f"/pamelding/{'ø' * 43}/tider", "/takk/x"])
async def test_draft_with_no_possible_key_is_404(browser: Browser, path: str) -> None:
    assert (await browser.get(path)).status_code == 404


async def test_draft_of_unknown_step_is_404(browser: Browser) -> None:
    action = forms_of(await browser.times_page())[0].action
    assert (await browser.get(action.replace("tider", "annet"))).status_code == 404


def test_draft_value_too_long_is_shortened() -> None:
    draft = Draft({}, "n", 0.0).with_step("om-deg", {"first_name": "x" * 9000, "place": "no", "email": "k"})
    assert draft.values == {"first_name": "x" * 500, "email": "k"}


async def test_thanks_page_shows_address_and_opens_form_to_correct_it(browser: Browser, world: World) -> None:
    page = await browser.get((await signed_up(browser, email="kari@gmail.com")).headers["location"])
    assert "<strong>kari@gmail.com</strong> fra LINK Bergen" in page.text
    assert (await browser.get(str(page.url))).text.count("kari@gmail.com") == page.text.count("kari@gmail.com")
    page = await browser.follow(page)
    assert (step(page), fields(page)["first_name"]) == ("3", ["Kari"])
    page = await browser.follow(page, email="kari.n@gmail.com")
    assert "kari.n@gmail.com</strong>" in page.text
    assert await world.subjects() == ["received", "erased", "received"]


async def test_thanks_page_after_its_time_says_no_names(browser: Browser, world: World) -> None:
    answer = await signed_up(browser)
    await expire_drafts(world)
    page = await browser.get(answer.headers["location"])
    assert page.status_code == 200
    assert "kari@example.org" not in page.text


async def corrected(browser: Browser, thanks: str, **changes: Any) -> httpx.Response:
    """Press the button that opens the sent form again, change something, and send it."""
    page = await browser.get(thanks)
    opened = await browser.press(page, "/rett")
    return await browser.send(await browser.get(opened.headers["location"]), **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "kari.nordmann@example.org"},
        {"email": "kari@example.com"},
        {"first_name": "Karin"},
        {"mobile": "+47 912 34 567", "channel": "both"},
        {"mobile": "+47 912 34 567", "channel": "mobile", "email": ""},
    ],
)
async def test_corrected_form_ends_the_first_one(browser: Browser, world: World, changes: dict[str, str]) -> None:
    answer = await signed_up(browser)
    ((first,),) = await world.rows("select signup_id from signups")
    assert "/takk/" in (await corrected(browser, answer.headers["location"], **changes)).headers["location"]
    ((second,),) = await world.rows("select signup_id from signups")
    assert first != second
    assert await world.count("people") == await world.count("confirmations") == 1
    (erased,) = [event for event in await world.events() if isinstance(event, Erased)]
    assert erased.signup_ids == (first,)


async def test_corrected_form_sent_unchanged_stays(browser: Browser, world: World) -> None:
    answer = await signed_up(browser)
    rows = await world.rows("select signup_id from signups")
    await corrected(browser, answer.headers["location"])
    assert rows == await world.rows("select signup_id from signups")


async def test_corrected_twice_leaves_the_last(browser: Browser, world: World) -> None:
    thanks = (await signed_up(browser)).headers["location"]
    for name in ("Karin", "Karen", "Kaisa"):
        thanks = (await corrected(browser, thanks, first_name=name)).headers["location"]
    assert await world.count("signups") == await world.count("people") == 1


async def test_corrected_after_confirming_ends_nothing(browser: Browser, world: World) -> None:
    answer = await signed_up(browser)
    ((confirmation_id,),) = await world.rows("select confirmation_id from confirmations")
    await world.confirm(confirmation_id)
    await corrected(browser, answer.headers["location"], email="ny@example.org")
    states = await world.rows("select state from signups order by signed_up_at")
    assert len(states) == 2
    assert not [event for event in await world.events() if isinstance(event, Erased)]


@pytest.mark.parametrize("prefix", WAIT)
async def test_many_forms_of_one_network_wait_and_lose_nothing(browser: Browser, world: World, prefix: str) -> None:
    await limit(browser, draft_limit=2)
    for _ in range(2):
        assert (await browser.times_page(prefix=prefix)).status_code == 200
    page = await browser.get(f"{prefix}/pamelding")
    refused = await browser.send(page, 0, place="5003 Bergen")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 601
    assert WAIT[prefix] in refused.text
    assert fields(refused)["place"] == ["5003 Bergen"]
    assert await world.count("drafts") == 2
    await limit(browser, draft_limit=3)
    onwards = await browser.send(refused, 0)
    assert step(await browser.get(onwards.headers["location"])) == "2"


async def test_many_signups_of_one_network_wait_and_lose_nothing(browser: Browser, world: World) -> None:
    await limit(browser, signup_limit=1)
    assert (await signed_up(browser)).status_code == 303
    refused = await signed_up(browser, email="ola@example.org", first_name="Ola")
    assert refused.status_code == 429
    assert "er tatt vare på" in refused.text
    assert (fields(refused)["email"], fields(refused)["first_name"]) == (["ola@example.org"], ["Ola"])
    assert await world.count("signups") == 1


async def test_expired_form_of_a_network_that_must_wait_loses_nothing(browser: Browser, world: World) -> None:
    page = await browser.times_page()
    await expire_drafts(world)
    await limit(browser, draft_limit=1)  # one is begun already
    assert (await browser.get("/pamelding")).status_code == 200  # looking is never limited
    refused = await browser.send(page, 0, slots=["tue-evening", "thu-day"])
    assert refused.status_code == 429
    assert fields(refused)["slots"] == ["tue-evening", "thu-day"]
