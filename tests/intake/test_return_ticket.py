"""A return ticket holds a person's answers, only the person holds it, and it fills in a new form on the way back."""

import re
import string
from datetime import UTC, datetime, timedelta

import pytest

from intake.domain.drafts import Value
from intake.vault.return_ticket import VALID, ReturnTickets
from tests.intake.support.browser import URL, Browser, forms_of
from tests.intake.support.world import World
from tests.intake.test_own_pages import opened
from tests.intake.test_public import papers
from tests.shared.support.keys import fixed_keys

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ANSWERS: dict[str, Value] = {
    "first_name": "Kari Ås",
    "slots": ["tue-evening", "thu-day"],
    "place": "Bergen",
    "max_travel_km": "20",
}
TICKETS = ReturnTickets(fixed_keys(b"k"))


def test_ticket_is_read_as_it_was_made_until_it_is_too_old() -> None:
    ticket = TICKETS.make(ANSWERS, NOW)

    assert TICKETS.read(ticket, NOW + VALID - timedelta(seconds=1)) == ANSWERS
    assert TICKETS.read(ticket, NOW + VALID) is None
    assert TICKETS.make(ANSWERS, NOW) != ticket
    assert "Kari" not in ticket
    assert len(ticket) < 600


@pytest.mark.parametrize("ticket", ["", "x", "A" * 100, "ø" * 100, "A" * 3000, "=" * 8, "AQ==", "Ag" + "A" * 98])
def test_ticket_that_was_not_made_here_is_no_ticket(ticket: str) -> None:
    assert TICKETS.read(ticket, NOW) is None


def test_ticket_of_another_key_or_with_another_letter_is_no_ticket() -> None:
    ticket = TICKETS.make(ANSWERS, NOW)

    assert ReturnTickets(fixed_keys(b"j")).read(ticket, NOW) is None
    for number in range(0, len(ticket) - 2, 7):
        other = next(letter for letter in string.ascii_letters if letter != ticket[number])
        assert TICKETS.read(ticket[:number] + other + ticket[number + 1 :], NOW) is None


async def taken(browser: Browser, world: World, **form: str) -> str:
    """Return the address in a ticket that was taken from the person's own page."""
    await opened(browser, world)
    page = await browser.press(await browser.get("/min-side/oversikt"), "/billett", **form)
    assert page.status_code == 200
    assert '<path fill="#fff"' in page.text, "the code can be read on a dark page"
    (url,) = set(re.findall(rf'href="({URL}/tilbake/[^"]+)"', page.text))
    return str(url).removeprefix(URL)


async def test_ticket_brings_back_whoever_was_erased(browser: Browser, world: World) -> None:
    await world.confirmed(mobile="+4791234567", slots=["tue-evening", "sun-day"], first_name="Kari")
    url = await taken(browser, world)
    assert forms_of(await browser.get("/min-side/slett"))[0].action.endswith("/billett")
    done = await browser.press(await browser.get("/min-side/slett"), "/slett")
    assert "Alt om deg er slettet" in done.text
    assert (await world.count("people"), await world.count("drafts")) == (0, 0)

    page = await browser.get(url)
    assert (page.status_code, "Kari" in page.text) == (200, False)
    assert await world.count("drafts") == 0, "nothing happens before the press"
    form = await browser.follow(page)
    (about, *_) = forms_of(form)
    assert about.fields["first_name"] == ["Kari"]
    assert about.fields["email"] == ["kari@example.org"]
    assert "Velkommen tilbake" in form.text
    for asked_again in ("adult", "consent", "information"):
        assert asked_again not in about.fields, "whoever comes back agrees anew"

    sent = await browser.send(form, adult="true", **await papers(browser, "5003"))
    assert sent.headers["location"].startswith("/takk/")
    ((slots, kommune),) = await world.rows("select slots, kommune from signups")
    assert (sorted(slots), kommune) == (["sun-day", "tue-evening"], "4601")


async def test_ticket_as_a_file_leads_back_without_the_site(browser: Browser, world: World) -> None:
    await world.confirmed()
    await opened(browser, world)
    page = await browser.press(await browser.get("/min-side/oversikt"), "/billett", som="fil")
    assert page.headers["content-disposition"] == 'attachment; filename="billett.html"'
    assert "kari@example.org" not in page.text
    (url,) = re.findall(rf'href="({URL}/tilbake/[^"]+)"', page.text)
    assert (await browser.get(url.removeprefix(URL))).status_code == 200


async def test_ticket_leaves_nothing_in_the_system(browser: Browser, world: World) -> None:
    await world.confirmed()
    await opened(browser, world)
    tables = [name for (name,) in await world.rows("select tablename from pg_tables where schemaname = 'public'")]
    overview = await browser.get("/min-side/oversikt")
    before = {name: await world.count(name) for name in tables}
    await browser.press(overview, "/billett")
    after = {name: await world.count(name) for name in tables}
    assert {name for name in tables if before[name] != after[name]} == {"contact_readings"}


@pytest.mark.parametrize("ticket", ["x", "A" * 200, "%00", "æ"])
async def test_broken_ticket_is_answered_kindly(browser: Browser, world: World, ticket: str) -> None:
    page = await browser.get(f"/tilbake/{ticket}")
    assert page.status_code == 410
    assert "Du er like velkommen" in page.text
    assert await world.count("drafts") == 0


async def test_ticket_without_a_session_is_not_made(browser: Browser, world: World) -> None:
    await world.confirmed()
    await opened(browser, world)
    page = await browser.get("/min-side/oversikt")
    browser.client.cookies.clear()
    answer = await browser.press(page, "/billett")
    assert (answer.status_code, answer.headers["location"]) == (303, "/min-side")
