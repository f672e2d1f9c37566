"""A person's own page: a link by mail, once and for ten minutes, and everything that is known."""

from uuid import uuid4

import pytest
import sqlalchemy as sa

from intake import jobs
from intake.store import Signup
from shared.events import people, signups
from tests.intake.support.browser import Browser
from tests.intake.support.world import World


async def ask(browser: Browser, email: str = "kari@example.org") -> str:
    page = await browser.get("/min-side")
    done = await browser.send(page, 0, email=email)
    return (await browser.get(done.headers["location"])).text if done.status_code == 303 else done.text


async def newest_link(browser: Browser, world: World) -> str:
    asked = [event for event in await world.events() if isinstance(event, people.PageLinkAsked)]
    return str(browser.app.state.deps.links.url("", "nb", "my_page", asked[-1].link_id))


async def opened(browser: Browser, world: World) -> str:
    await ask(browser)
    page = await browser.get(await newest_link(browser, world))
    done = await browser.send(page)
    assert done.status_code == 303
    return (await browser.get(done.headers["location"])).text


async def test_ask_answers_known_and_unknown_alike(browser: Browser, world: World) -> None:
    await world.confirmed()
    await world.signed_up(email="ola@example.org")
    answers = {await ask(browser, email) for email in ("kari@example.org", "ola@example.org", "eva@example.org")}
    assert len(answers) == 1
    asked = [event for event in await world.events() if isinstance(event, people.PageLinkAsked)]
    assert len(asked) == 1
    assert asked[0].centre == "link-bergen"
    assert (asked[0].expires_at - asked[0].occurred_at).total_seconds() == 600
    assert await world.count("page_requests") == 0


@pytest.mark.parametrize("email", ["", "kari", "kari@", "@example.org", "kari@example", "a b@example.org"])
async def test_ask_wrong_address_is_answered(browser: Browser, world: World, email: str) -> None:
    assert 'id="error-summary"' in await ask(browser, email)
    assert await world.count("page_requests") == 0


async def test_ask_many_times_sends_three_links_a_day(browser: Browser, world: World) -> None:
    await world.confirmed()
    for _ in range(5):
        await ask(browser)
    assert (await world.subjects()).count("page_link_asked") == 3
    world.later(hours=25)
    await ask(browser)
    assert (await world.subjects()).count("page_link_asked") == 4


async def test_link_get_changes_nothing_and_works_once(browser: Browser, world: World) -> None:
    await world.confirmed(mobile="+4791234567")
    await ask(browser)
    link = await newest_link(browser, world)
    for _ in range(3):
        page = await browser.get(link)
        assert "set-cookie" not in page.headers
    done = await browser.send(page)
    cookies = done.headers.get_list("set-cookie")
    assert len(cookies) == 3
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "/min-side" in cookie
    text = (await browser.get("/min-side/oversikt")).text
    for known in ("Kari", "kari@example.org", "912 34 567", "tirsdag kveld", "LINK Bergen", "20 km"):
        assert known in text
    assert (await browser.send(page)).status_code == 410
    assert (await browser.get(link)).status_code == 410


async def test_link_after_ten_minutes_or_forged_is_gone(browser: Browser, world: World) -> None:
    await world.confirmed()
    await ask(browser)
    link = await newest_link(browser, world)
    page = await browser.get(link)
    world.later(minutes=10)
    assert (await browser.send(page)).status_code == 410
    assert (await browser.get(link[:-2] + "xx")).status_code == 410


async def test_pages_without_session_lead_to_the_request(browser: Browser, world: World) -> None:
    await world.confirmed()
    for path in ("oversikt", "endre", "slett"):
        answer = await browser.get(f"/min-side/{path}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/min-side")
    await opened(browser, world)
    async with world.transaction() as session:
        await session.execute(sa.text("delete from page_sessions"))
    assert (await browser.get("/min-side/oversikt")).status_code == 303


async def test_close_ends_the_session(browser: Browser, world: World) -> None:
    await world.confirmed()
    await opened(browser, world)
    page = await browser.get("/min-side/oversikt")
    assert (await browser.press(page, "/lukk")).status_code == 303
    assert await world.count("page_sessions") == 0
    assert (await browser.get("/min-side/oversikt")).status_code == 303


async def test_export_own_is_a_file_with_everything(browser: Browser, world: World) -> None:
    await world.confirmed()
    await opened(browser, world)
    answer = await browser.press(await browser.get("/min-side/oversikt"), "/eksport")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.json()["person"]["email"] == "kari@example.org"


async def test_erase_own_asks_first_and_gives_a_receipt(browser: Browser, world: World) -> None:
    person_id = await world.person_of(await world.confirmed())
    await opened(browser, world)
    page = await browser.get("/min-side/slett")
    assert await world.count("people") == 1
    done = await browser.press(page, "/slett")
    assert "Alt om deg er slettet" in done.text
    assert "Påmeldinger: 1. Samtykker: 1." in done.text
    assert (await world.subjects())[-1] == "erased"
    for table in ("people", "signups", "page_links", "page_sessions", "consents"):
        assert await world.count(table) == 0
    assert await world.contacts_of(person_id) == {}
    assert (await browser.get("/min-side/oversikt")).status_code == 303


async def test_new_address_counts_when_its_mail_is_pressed(browser: Browser, world: World) -> None:
    person_id = await world.person_of(await world.confirmed())
    await opened(browser, world)
    page = await browser.get("/min-side/endre")
    done = await browser.press(page, "/endre", email="ny@example.org", channel="email")
    assert done.headers["location"].endswith("endret=adresse")
    assert await world.contacts_of(person_id) == {person_id: ("Kari", "kari@example.org")}
    received = (await world.events())[-1]
    assert isinstance(received, signups.Received)
    assert await world.contacts_of(received.person_id) == {received.person_id: (None, "ny@example.org")}
    link = str(browser.app.state.deps.links.url("", "nb", "confirm", received.confirmation_id))
    page = await browser.get(link)
    assert "Er dette den nye e-postadressen din?" in page.text
    for _ in range(2):
        assert (await browser.send(page)).status_code == 200
    assert await world.contacts_of(person_id) == {person_id: ("Kari", "ny@example.org")}
    assert await world.rows("select person_id from people") == [(person_id,)]
    assert (await world.subjects()).count("contact_changed") == 1
    assert "changed" not in await world.subjects()
    await ask(browser, "kari@example.org")
    assert (await world.subjects()).count("page_link_asked") == 1


async def test_new_addresses_without_answer_are_asked_three_times(browser: Browser, world: World) -> None:
    """A stranger at an open page cannot have us write to any number of addresses."""
    person_id = await world.person_of(await world.confirmed())
    await opened(browser, world)
    for number in range(6):
        page = await browser.get("/min-side/endre")
        done = await browser.press(page, "/endre", email=f"fremmed{number}@example.org", channel="email")
        assert done.status_code == (303 if number < 3 else 422)
    assert "Vi har skrevet til flere nye adresser for deg" in done.text
    assert 'value="fremmed5@example.org"' in done.text
    assert (await world.subjects()).count("received") == 1 + 3
    world.later(hours=73)
    await jobs.DELETE_DUE_SIGNUPS.run(world.jobs)
    await opened(browser, world)
    page = await browser.get("/min-side/endre")
    assert (await browser.press(page, "/endre", email="ny@example.org", channel="email")).status_code == 303
    assert await world.contacts_of(person_id) == {person_id: ("Kari", "kari@example.org")}


async def test_erase_own_erases_new_addresses_that_wait(browser: Browser, world: World) -> None:
    await world.confirmed()
    await opened(browser, world)
    for number in range(2):
        page = await browser.get("/min-side/endre")
        await browser.press(page, "/endre", email=f"ny{number}@example.org", channel="email")
    received = {event.person_id for event in await world.events() if isinstance(event, signups.Received)}
    await browser.press(await browser.get("/min-side/slett"), "/slett")
    erased = {event.person_id for event in await world.events() if isinstance(event, people.Erased)}
    assert erased == received
    assert len(erased) == 3
    assert await world.count("people") == 0
    assert await world.contacts_of(*received) == {}


async def test_new_address_not_confirmed_is_deleted(browser: Browser, world: World) -> None:
    person_id = await world.person_of(await world.confirmed())
    await opened(browser, world)
    await browser.press(await browser.get("/min-side/endre"), "/endre", email="ny@example.org", channel="email")
    assert await world.count("people") == 2
    world.later(hours=73)
    await jobs.DELETE_DUE_SIGNUPS.run(world.jobs)
    assert await world.rows("select person_id from people") == [(person_id,)]


async def test_staff_cannot_make_a_person_of_a_new_address(browser: Browser, world: World) -> None:
    await world.confirmed()
    await opened(browser, world)
    await browser.press(await browser.get("/min-side/endre"), "/endre", email="ny@example.org", channel="email")
    received = (await world.events())[-1]
    assert isinstance(received, signups.Received)
    browser.sign_in_as_member("link-bergen")
    page = await browser.get(f"/stab/personer/{received.person_id}")
    assert (await browser.press(page, "/bekreftet")).status_code == 409


@pytest.mark.parametrize("prefix", ["/nn", "/en"])
async def test_own_page_in_every_language(browser: Browser, world: World, prefix: str) -> None:
    await world.confirmed()
    await opened(browser, world)
    for path in ("", "/oversikt", "/endre", "/slett", "/sendt"):
        page = await browser.get(f"{prefix}/min-side{path}")
        assert page.status_code == 200
        assert f'<html lang="{prefix[1:]}"' in page.text


async def test_leave_page_says_what_is_true(browser: Browser, world: World) -> None:
    signup_id = await world.confirmed()
    link = str(browser.app.state.deps.links.url("", "nb", "leave", signup_id))
    lost = "blir ledig for noen andre"
    assert lost not in (await browser.get(link)).text
    for state, text in (("seated", lost), ("member", "Gruppa er lukket, så plassen din går ikke til noen andre")):
        async with world.transaction() as session:
            row = await session.get_one(Signup, signup_id)
            row.state, row.group_id, row.group_version, row.placed_at = state, uuid4(), 1, world.clock.now()
        page = (await browser.get(link)).text
        assert text in page
        assert (lost in page) == (state == "seated")
    await world.erase(await world.person_of(signup_id))
    gone = (await browser.get(link)).text
    assert "Du er meldt av" not in gone
    assert "Vi har ingenting om denne påmeldingen" in gone
