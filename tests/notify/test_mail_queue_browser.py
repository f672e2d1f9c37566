"""A coordinator works through the queue in a real browser: narrows it, holds, releases and calls instead."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page

from notify.domain.delivery import OutcomeUnknown, SmtpRejected
from notify.domain.refusals import About
from shared.kit.staff import StaffMember
from tests.browser import axe
from tests.browser.chromium import launched
from tests.notify.support import queue
from tests.notify.support.desk import Desk
from tests.notify.support.events import Group, Person
from tests.shared.support.staff import signed

pytestmark = pytest.mark.browser

KEEP = os.environ.get("KEEP_SCREENSHOTS", "")
"""A folder for screenshots, to look at."""
MEMBER = StaffMember("kari", frozenset({"koordinator"}), frozenset({"link-bergen", "link-oslo"}), "session-1")


async def look(page: Page, name: str) -> None:
    """Check the page for barriers and for its width, and keep a picture of it."""
    assert await axe.violations(page) == [], name
    size = page.viewport_size
    assert size is not None
    assert await page.evaluate("document.documentElement.scrollWidth") == size["width"], name
    if KEEP:
        await page.screenshot(path=Path(KEEP) / f"{name}.png", full_page=True)


async def busy(desk: Desk) -> None:
    """A queue as after a day with an outage: sent, failed, unknown, refused and waiting mails."""
    now = desk.clock.now()
    people = [desk.intake.add(Person()) for _ in range(6)]
    group = Group(people)
    await desk.deliver(*(person.ready() for person in people))
    await desk.mailer()
    await desk.deliver(*(group.offered(person) for person in people[:2]))
    await desk.mailer(SmtpRejected(550, About.MAILBOX))
    await desk.deliver(*(group.taken(person, now) for person in people), group.called())
    await desk.mailer(OutcomeUnknown())
    desk.clock.move(timedelta(minutes=2))
    await desk.mailer(OutcomeUnknown())
    for days in range(1, 10):
        await queue.fill(desk, 5 * days % 17, "sent", first_at=now - timedelta(days=days))
        await queue.fill(desk, days % 4, "failed", first_at=now - timedelta(days=days))
    await queue.fill(desk, 60, group_id=group.id, kind="meeting_tomorrow", first_at=now - timedelta(days=3))


@pytest.mark.parametrize("width", [320, 1280])
async def test_queue_is_worked_through_in_a_browser(desk: Desk, url: str, width: int) -> None:
    await busy(desk)
    headers = signed(MEMBER, "notify")
    async with launched() as browser:
        context = await browser.new_context(
            viewport={"width": width, "height": 700}, extra_http_headers=headers, locale="nb-NO"
        )
        page = await context.new_page()
        page.set_default_timeout(60_000)
        await page.goto(f"{url}/stab/post")
        await page.get_by_text("Tallene dag for dag").click()
        await look(page, f"queue-{width}")
        await page.get_by_role("link", name="Neste side").click()
        await look(page, f"queue-next-{width}")
        for language in ("nn", "en"):
            await page.goto(f"{url}/{language}/stab/post?vis=feil")
            await look(page, f"failed-{language}-{width}")
        await page.goto(f"{url}/stab/post?vis=uvisst")
        await look(page, f"unknown-{width}")
        await page.get_by_role("button", name="Ring i stedet").first.click()
        await page.get_by_role("button", name="Ja, jeg ringer").click()
        assert "/stab/ring/" in page.url
        await look(page, f"call-{width}")
        await page.goto(f"{url}/stab/post?sok=påminnelse")
        await look(page, f"search-{width}")
        await page.get_by_role("link", name="Hold alle disse tilbake").click()
        await look(page, f"hold-all-{width}")
        await page.get_by_role("button", name="Hold dem tilbake").click()
        await page.get_by_text("66 e-poster er holdt tilbake").wait_for()
        await page.goto(f"{url}/stab/post?vis=holdt")
        await look(page, f"held-{width}")
        await page.locator("tbody tr a").first.click()
        await look(page, f"held-mail-{width}")
        await page.get_by_role("button", name="Slipp den").click()
        await page.get_by_role("button", name="Hold den tilbake").wait_for()
        await page.goto(f"{url}/stab/post?vis=sendt&hva=seat_offered")
        await page.goto(f"{url}/stab/post?vis=feil&fra=i dag")
        await look(page, f"failed-slip-{width}")
        await page.goto(f"{url}/stab/post?vis=sendt&hva=on_the_list")
        await page.locator("tbody tr a").last.click()
        await page.get_by_role("button", name="Se innholdet").click()
        await look(page, f"preview-{width}")
