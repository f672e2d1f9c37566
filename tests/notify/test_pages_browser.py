"""The page of a call in a real browser: nobody kept out, on a phone as on a desk, by keyboard."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.browser import axe
from tests.browser.chromium import launched
from tests.notify.support.browser import KARI
from tests.notify.support.desk import Desk
from tests.notify.support.events import Group
from tests.notify.test_calls import called, phone_only
from tests.shared.support.staff import signed

pytestmark = pytest.mark.browser


async def test_call_page_passes_axe_and_fits_a_phone(desk: Desk, url: str, tmp_path: Path) -> None:
    person = phone_only(desk)
    await called(desk, person)
    other = Group([person])
    await desk.deliver(other.offered(person))
    await desk.mailer()
    mail = await desk.call(person, "seat_offered")
    for _ in range(2):
        await desk.press(mail, "ikke-svar", igjen="snart")
        desk.clock.move(timedelta(hours=2))
    headers = signed(KARI, "notify")
    async with launched() as browser:
        for width in (320, 1280):
            context = await browser.new_context(viewport={"width": width, "height": 640}, extra_http_headers=headers)
            page = await context.new_page()
            for path in (f"/stab/ring/{mail.id}", f"/en/stab/ring/{mail.id}", "/stab/post?vis=ring"):
                await page.goto(url + path)
                assert await axe.violations(page) == [], path
                assert await page.evaluate("document.documentElement.scrollWidth") == width, path
            await page.goto(f"{url}/stab/ring/{mail.id}")
            await page.screenshot(path=tmp_path / f"call-{width}.png", full_page=True)
            await context.close()
