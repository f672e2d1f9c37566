"""
Every page of every service in nynorsk and English, as it was last looked at.

`just pages` draws anew what has changed, on purpose. Bokmål is seen by the walk in `test_staff_pages.py`.
"""

from collections.abc import AsyncIterator

import pytest

from tests.browser.chromium import PATIENCE_MS
from tests.browser.seen import ARGUMENTS, EVERY, TRANSLATED, Seen, is_translated
from tests.scenarios.support.desk import desk_of, served
from tests.scenarios.support.furnished import CENTRE, furnished
from tests.scenarios.support.later_pages import later_pages
from tests.scenarios.support.open_pages import AFTER_A_PRESS, open_pages
from tests.scenarios.support.town import URL, Town
from tests.scenarios.test_staff_pages import paths_of

pytestmark = [
    pytest.mark.system,
    pytest.mark.browser,
    pytest.mark.skipif(not EVERY, reason="`just pages-seen` looks at all pages in all languages"),
]


async def test_every_translated_page_looks_as_in_its_pictures(town: Town) -> None:
    centre = await furnished(town)
    paths = await paths_of(centre)
    seen, faults = Seen(TRANSLATED), list[str]()
    async with served(town, *ARGUMENTS) as browser:
        context = await browser.new_context(locale="nb-NO")
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)

        async def look(names: AsyncIterator[str]) -> None:
            async for name in names:
                original = page.url
                if name not in AFTER_A_PRESS and not is_translated(original):
                    faults.extend(await seen.faults(page, name))
                    await page.goto(original)  # what comes next is pressed here

        await look(open_pages(centre, page))
        desk = await desk_of(town, browser, "arne", CENTRE, role="koordinator admin")
        await desk.today()
        for address, name in paths.items():
            if name not in seen.names:
                await desk.page.goto(f"{URL}{address}")
                faults += await seen.faults(desk.page, name)
        await look(later_pages(centre, page))
    faults += seen.left_over()
    assert not faults, "\n".join(faults)
