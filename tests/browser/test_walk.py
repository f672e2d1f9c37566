"""
The whole path as people walk it: eight sign up in a real browser and get a group; a ninth waits.

Set ``SCREENSHOTS`` to a folder to keep a picture of every page.
"""

import asyncio
import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
from playwright.async_api import Page, expect

from selvhjelp.rehearsal.visitor import Mail, Mailbox
from tests.browser import axe
from tests.browser.conftest import Visit
from tests.shared.support.eventually import eventually
from tests.system.support.up_process import UpProcess

pytestmark = [pytest.mark.browser, pytest.mark.system]

NAMES = ["Kari", "Ola", "Åse", "Nils", "Amina", "Øystein", "Marit", "Jonas", "Ida"]
SLOT = "tue-evening"
ADDRESS = "Strandgaten 6, rom 2"
WELCOME = "Nå er dere i gang"
"""The mail of the morning after the start, which a busy machine reaches while the pages are looked at."""

SPEED_UNTIL_START = 1_500
"""A day in a minute: slow enough that a reminder is sent on its day however busy the machine is."""
KEEP = os.environ.get("SCREENSHOTS")
_serial = iter(range(1000))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def started(data: Path) -> Iterator[Any]:
    running: list[UpProcess] = []

    def start(*options: str) -> dict[str, Any]:
        running.append(UpProcess(data, "--port", "0", *options))
        return running[-1].ready()

    def stop() -> None:
        assert running[-1].stop() == 0

    start.stop = stop  # type: ignore[attr-defined]
    yield start
    for each in running:
        each.end()


async def look(page: Page, name: str) -> None:
    """Assert accessibility, no overflow and the help lines; keep a picture."""
    if KEEP:
        await page.screenshot(path=f"{KEEP}/{next(_serial):02}-{name}.png", full_page=True)
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert await page.evaluate("document.documentElement.scrollWidth") <= width, name
    assert await axe.violations(page) == [], name
    if "/stab/" not in page.url:
        for number in ("113", "116 117", "116 123"):
            await expect(page.locator(".helplines").get_by_text(number, exact=True)).to_be_visible()


def email(name: str) -> str:
    return f"{name.lower().translate(str.maketrans('åø', 'ao'))}@example.org"


async def sign_up(page: Page, url: str, name: str, *, seen: bool = False) -> None:
    await page.goto(f"{url}/")
    if seen:
        await look(page, "front")
    await page.get_by_role("link", name="Meld deg på").first.click()
    if seen:
        await look(page, "where")
    await page.get_by_label("Postnummer eller sted").fill("5003")
    await page.get_by_role("button", name="Gå videre").click()
    if seen:
        await look(page, "times")
        await page.get_by_role("button", name="Gå videre").click()
        await expect(page).to_have_title(re.compile("^Feil:"))
        await look(page, "times-with-errors")
    await page.locator(f"[name=slots][value={SLOT}]").check()
    await page.locator("[name=max_travel_km]").select_option("20")
    await page.locator("[name=languages][value=nb]").check()
    await page.get_by_role("button", name="Gå videre").click()
    if seen:
        await look(page, "about")
        await page.get_by_role("button", name="Send påmeldingen").click()
        await expect(page).to_have_title(re.compile("^Feil:"))
        await look(page, "about-with-errors")
    await page.locator("[name=first_name]").fill(name)
    await page.locator("[name=email]").fill(email(name))
    for tick in ("adult", "consent", "information"):
        box = page.locator(f"[name={tick}]")
        if await box.count():
            await box.check()
    await page.wait_for_load_state("networkidle")  # what was typed is kept before the button is pressed
    await page.get_by_role("button", name="Send påmeldingen").click()
    if "/takk/" not in page.url:
        # A form sent within three seconds is asked for once more; nobody is shut out.
        await page.get_by_role("button", name="Send påmeldingen").click()
    await expect(page).to_have_url(re.compile("/takk/"))
    if seen:
        await look(page, "thanks")


async def mail_to(mailbox: Mailbox, mails: list[Mail], known: set[str], name: str, holds: str) -> Mail:
    """The newest mail to somebody that has a link or text in it; waits until it is there."""
    return await newest(mailbox, mails, known, lambda mail: mail.to == email(name) and holds in mail.text)


async def newest(mailbox: Mailbox, mails: list[Mail], known: set[str], fits: Callable[[Mail], bool]) -> Mail:
    """Return the newest mail that fits; waits until it is there."""

    async def look_for_it() -> Mail | None:
        mails.extend(await mailbox.new(known))
        return next(filter(fits, reversed(mails)), None)

    mail = await eventually(look_for_it, within_seconds=120)
    assert mail is not None
    return mail


def skip_to(data: Path, moment: datetime) -> None:
    """The system that is off wakes at this moment of its own time; before it nothing was due."""
    kept = {"time": moment.astimezone(UTC).isoformat(), "speed": SPEED_UNTIL_START}
    (data / "clock.json").write_text(json.dumps(kept))


async def test_walk_eight_people_form_a_group_and_a_ninth_waits(started: Any, data: Path, visit: Visit) -> None:
    where = started()
    url = where["url"]
    mailbox, mails, known = Mailbox(where["mailbox"]), list[Mail](), set[str]()
    for number, name in enumerate(NAMES):
        page = await visit(width=360 if number % 2 else 1280, javascript=number != 3, dark=number == 1)
        await sign_up(page, url, name, seen=number < 2)
        link = (await mail_to(mailbox, mails, known, name, "/bekreft/")).link("bekreft")
        assert link
        await page.goto(link)
        if number < 2:
            await look(page, "confirm")
        await page.get_by_role("button", name="Ja, det er meg").click()
        if number < 2:
            await look(page, "confirmed")
        await mail_to(mailbox, mails, known, name, "/meld-av/")
        await page.context.close()
    for number, name in enumerate(NAMES[:8]):
        page = await visit(width=1280 if number % 2 else 360, javascript=number != 2)
        link = (await mail_to(mailbox, mails, known, name, "/plass/")).link("plass")
        assert link
        await page.goto(link)
        await expect(page.locator("body")).not_to_contain_text(re.compile("|".join(NAMES)))
        if number < 2:
            await look(page, "seat")
        await page.get_by_role("button", name="Ja, jeg vil være med").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Plassen er din|Du er med"))
        if number in {0, 7}:
            await look(page, "seat-taken")
        await page.context.close()

    await look_at_staff_pages(await visit(width=1280), where)
    calendars = [await calendar_of(mailbox, mails, known, name) for name in NAMES[:8]]
    assert len({calendar["UID"] for calendar in calendars}) == 1
    assert all("ATTENDEE" not in calendar for calendar in calendars)
    assert not [mail for mail in mails if mail.to == email(NAMES[8]) and "/plass/" in mail.text]
    await write_address(await visit(width=1280), where)
    for name in NAMES[:8]:
        await mail_to(mailbox, mails, known, name, ADDRESS)
    await mailbox.close()

    started.stop()
    start = calendars[0].start
    assert isinstance(start, datetime)
    skip_to(data, start - timedelta(hours=25))
    where = started("--speed", str(SPEED_UNTIL_START))
    page = await visit(width=1280)
    await sign_in(page, where)
    async with asyncio.timeout(240):
        # The start meeting is days away by the system's clock, seconds by ours.
        await page.goto(f"{where['url']}/stab/grupper?vis=startet")
        while not await page.locator("main a[href*='/stab/grupper/']").count():
            await asyncio.sleep(0.5)
            await page.goto(f"{where['url']}/stab/grupper?vis=startet")
    await look(page, "groups-started")

    mailbox = Mailbox(where["mailbox"])
    mails += await mailbox.new(known)
    for name in NAMES[:8]:
        own = [mail for mail in mails if mail.to == email(name) and mail.subject != WELCOME]
        questions = [mail for mail in own if mail.subject.startswith("Kommer du ")]
        assert 1 <= len(questions) <= 2, [mail.subject for mail in own]
        # Who was offered a seat before the receipt left gets none.
        receipts = [mail for mail in own if mail.subject == "Du står på ventelisten"]
        assert len(receipts) <= 1
        assert len(own) - len(questions) - len(receipts) == 5, [mail.subject for mail in own]
    waiting = [mail for mail in mails if mail.to == email(NAMES[8])]
    assert len(waiting) == 2, [mail.subject for mail in waiting]
    for mail in mails:
        others = set(NAMES) - {name for name in NAMES if email(name) == mail.to}
        assert not [name for name in others if re.search(rf"\b{name}\b", mail.text + mail.html)]
    seat = next(mail for mail in mails if mail.to == email(NAMES[0]) and "/plass/" in mail.text).link("plass")
    assert seat
    closed = await visit(width=360)
    await closed.goto(re.sub(r"https?://[^/]+", where["url"], seat))
    await expect(closed.get_by_role("heading", level=1)).to_have_text("Gruppa har startet")
    await look(closed, "seat-started")
    await mailbox.close()


async def calendar_of(mailbox: Mailbox, mails: list[Mail], known: set[str], name: str) -> icalendar.Event:
    """The event in the calendar file of the mail that tells of the start meeting."""
    mail = await newest(mailbox, mails, known, lambda mail: mail.to == email(name) and bool(mail.calendar))
    calendar = icalendar.Calendar.from_ical(mail.calendar)
    assert calendar["METHOD"] == "PUBLISH"
    (event,) = calendar.events
    assert isinstance(event.start, datetime)
    assert event.start.utcoffset() is not None
    assert event.duration == timedelta(hours=2)
    return event


async def sign_in(page: Page, where: dict[str, Any]) -> None:
    await page.goto(f"{where['url']}/stab/")
    await look(page, "sign-in")
    await page.locator("[name=username]").fill(where["staff"]["username"])
    await page.locator("[name=password]").fill(where["staff"]["password"])
    await page.locator("main button").click()
    await expect(page).to_have_url(re.compile("/stab/$"))


async def write_address(page: Page, where: dict[str, Any]) -> None:
    """Staff write where the start meeting is; without it no reminder is sent."""
    await sign_in(page, where)
    await page.goto(f"{where['url']}/stab/grupper")
    await page.locator("main a[href*='/stab/grupper/']").first.click()
    await page.locator("[name=place_text]").fill(ADDRESS)
    await page.get_by_role("button", name="Lagre og gi beskjed").click()
    await expect(page.locator("main")).to_contain_text(ADDRESS)
    await look(page, "group-with-address")
    await page.context.close()


async def look_at_staff_pages(page: Page, where: dict[str, Any]) -> None:
    """Every staff page and one of each kind below it, at a desk and on a phone."""
    await sign_in(page, where)
    await look(page, "staff-overview")
    for path in ("stab/personer", "stab/pamelding", "stab/omrader", "stab/grupper", "stab/post"):
        await page.set_viewport_size({"width": 1280, "height": 800})
        await page.goto(f"{where['url']}/{path}")
        await look(page, path.replace("/", "-"))
        inner = page.locator(f"main a[href*='{path}/']")
        if await inner.count():
            await inner.first.click()
            await look(page, path.replace("/", "-") + "-one")
            await page.set_viewport_size({"width": 360, "height": 640})
            await look(page, path.replace("/", "-") + "-one-phone")
    await page.context.close()


async def test_public_pages_are_accessible_in_every_language(started: Any, visit: Visit) -> None:
    where = started()
    for language in ("", "/nn", "/en"):
        for path in (
            "/",
            "/?sted=5003",
            "/?sted=9999",
            "/pamelding",
            "/takk",
            "/personvern",
            "/passer-det",
            "/se/",
            "/under-18",
            "/informasjon/link-oslo",
            "/link-bergen/",
            "/bekreft/x",
            "/plass/x",
            "/no",
        ):
            page = await visit(width=360)
            await page.goto(f"{where['url']}{language}{path}")
            await look(page, f"public{language}{path}".replace("/", "-").replace("?", "-"))
            assert await page.context.cookies() == []
            await page.context.close()
