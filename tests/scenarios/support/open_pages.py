"""The pages that need no session of staff: the public ones, the sign-up, those behind links, and people's own pages."""

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from playwright.async_api import Page, expect

from shared.reference.access import LINES
from shared.reference.access.lines import Visitor
from shared.reference.link_purposes import GROUP, LINK_PATHS, SEAT, STILL_WAITING
from tests.scenarios.support.furnished import CENTRE, Centre
from tests.scenarios.support.people import Participant
from tests.scenarios.support.people import Visitor as Browser
from tests.scenarios.support.town import URL, Town

PUBLIC: Final[Mapping[str, str]] = {
    "forside": "/",
    "forside-sted": "/?sted=5003",
    "forside-ukjent-sted": "/?sted=9999",
    "forside-nn": "/nn/",
    "forside-en": "/en/",
    "senter": f"/{CENTRE}/",
    "nordsamisk": "/se/",
    "akutt": "/akutt",
    "informasjon": f"/informasjon/{CENTRE}",
    "moter": f"/moter/{CENTRE}",
    "passer-det": "/passer-det",
    "personvern": "/personvern",
    "under-18": "/under-18",
    "utenfor": "/pamelding/utenfor",
    "takk": "/takk",
    "min-side": "/min-side",
    "min-side-sendt": "/min-side/sendt",
    "igangsetter-logg-inn": "/igangsetter/logg-inn",
    "igangsetter-logg-inn-sendt": "/igangsetter/logg-inn/sendt",
    "stab-logg-inn": "/stab/logg-inn",
    "lenke-ukjent": "/bekreft/x",
    "finnes-ikke": "/no",
}
"""Pages with a plain address, by name."""

OWN: Final = ("oversikt", "endre", "hensyn", "slett")

PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    GROUP: ("slutte", "opplos", "taushet", "tider"),
    SEAT: ("startark",),
    STILL_WAITING: ("endre", "les", "tekst"),
}
"""Pages below one behind a link."""

ONCE: Final = frozenset({"my_page", "account"})
"""Links of these purposes are asked for and open once."""

NO_PAGE: Final = frozenset({"calendar"})
"""Links to a file."""


AFTER_A_PRESS: Final = frozenset(
    {
        "pamelding-1-sted-valg",
        "pamelding-2-tider-feil",
        "pamelding-3-om-deg-feil",
        "min-side-billett",
        "min-side-slettet",
        "gruppe-vil-slutte",
        "videre-pause",
        "igangsettersvar-ja",
        "avstemning-svart",
        "stab-personer-flere-pause",
        "stab-personer-flere-avmeld",
        "stab-omrader-area-id-flere",
    }
)
"""Pages that answer a form, and cannot be opened again in another language."""

NOT_LOOKED_AT: Final = frozenset(
    {
        "/api/openapi.json",
        "/api/v1/centres",
        "/kalender/{token}",
        "/kvittering/nokkel",
        "/kvittering/{token}/fil",
        "/merke/{centre_id}/{name}",
        "/moter/{centre_id}/kalender.ics",
        "/plass/{token}/startark.pdf",
        "/ramme.js",
        "/se",
        "/ut",
        "/{centre_id}",
    }
)
"""Files, and addresses that lead to a page."""


async def open_pages(centre: Centre, page: Page) -> AsyncIterator[str]:
    """Go to each page; yield its name while it is on screen."""
    for name, path in [*PUBLIC.items(), *await linked(centre)]:
        await page.goto(f"{URL}{path}")
        yield name
    for walk in (own_pages(centre, page), igangsetter_pages(centre, page), signing_up(page)):
        async for name in walk:
            yield name


def unopened(addresses: Iterable[str]) -> list[str]:
    """Return the pages without a session of staff, by the table of access, that none of these addresses is of."""
    plain = {re.sub(r"^(/nn|/en)(?=/)", "", urlsplit(address).path) for address in addresses}
    paths = {
        line.path
        for line in LINES
        if line.method == "GET" and not line.path.startswith("/stab") and set(line.readers) != {Visitor.INSIDE}
    }
    exact = {path for path in paths if path in plain}
    left = plain - exact
    return sorted(
        path
        for path in paths - exact - NOT_LOOKED_AT
        if not any(re.fullmatch(re.sub(r"{\w+}", "[^/]+", path), address) for address in left)
    )


async def linked(centre: Centre) -> list[tuple[str, str]]:
    """Return a page behind a link for each purpose and heading, by name: of all that the mails have."""
    town = centre.town
    await town.rest()
    pages: dict[str, str] = {}
    client = town.client()
    for purpose, address in _links(town):
        answer = await client.get(address)
        heading = re.search(r"<h1[^>]*>(.*?)</h1>", answer.text, re.DOTALL)
        if answer.status_code != 200 or not heading:
            continue
        name = f"{LINK_PATHS[purpose].strip('/').replace('/', '-')}-{_slug(heading[1])}"
        pages.setdefault(name, address)
        for part in PARTS.get(purpose, ()):
            if f"{name}-{part}" not in pages and (await client.get(f"{address}/{part}")).status_code == 200:
                pages[f"{name}-{part}"] = f"{address}/{part}"
    return sorted(pages.items())


def _links(town: Town) -> Iterator[tuple[str, str]]:
    """Yield purpose and path of each link in bokmål, by address and then in the order in which they were sent."""
    purposes = {path: purpose for purpose, path in LINK_PATHS.items() if purpose not in ONCE | NO_PAGE}
    for address in sorted({summary.recipients[0] for summary in town.mailbox.newest_first()}):
        for mail in town.mails(address):
            for path, token in re.findall(rf"{re.escape(URL)}(/[a-z/-]+)/([\w-]+)", mail.text):
                if path in purposes:
                    yield purposes[path], f"{path}/{token}"


def _slug(heading: str) -> str:
    words = re.sub(r"<[^>]+>", "", heading).lower().translate(str.maketrans("æøå", "eoa"))
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-")[:40]


async def signing_up(page: Page) -> AsyncIterator[str]:
    """Go through the sign-up, with a mistake at each step; yield the name of each page while it is on screen."""
    button = page.locator("#signup .actions button").first
    await page.goto(f"{URL}/pamelding")
    yield "pamelding-1-sted"
    await page.locator("#place").fill("Nes")
    await button.click()
    await expect(page).to_have_title(re.compile("^Feil:"))
    yield "pamelding-1-sted-valg"
    await page.locator("#place").fill("5003")
    await button.click()
    await expect(page).to_have_url(re.compile("/tider$"))
    yield "pamelding-2-tider"
    times = page.url
    await page.goto(times.replace("/tider", "/akutt"))
    yield "pamelding-akutt"
    await page.goto(times)
    await button.click()
    await expect(page).to_have_title(re.compile("^Feil:"))
    yield "pamelding-2-tider-feil"
    await page.locator("[name=slots][value=sun-day]").check()
    await button.click()
    await expect(page).to_have_url(re.compile("/om-deg$"))
    yield "pamelding-3-om-deg"
    await button.click()
    await expect(page).to_have_title(re.compile("^Feil:"))
    yield "pamelding-3-om-deg-feil"
    await page.locator("#first_name").fill("Torill")
    await page.locator("#channel").check()
    await page.locator("#email").fill("torill@example.org")
    for tick in await page.locator("#adult, #consent_version, #information_version").all():
        await tick.check()
    while "/takk/" not in page.url:  # a form that comes at once is asked for once more
        async with page.expect_navigation():
            await button.click()
    yield "takk-etter-pamelding"


async def own_pages(centre: Centre, page: Page) -> AsyncIterator[str]:
    """Open somebody's own pages by a mailed link; yield the name of each while it is on screen."""
    visitor = Browser(centre.town)
    mai = Participant(centre.town, "Mai", "mai@example.org")
    await visitor.open("/min-side")
    _form, button = next(pair for pair in visitor.page.buttons() if "email" in pair[0].fields)
    await visitor.press(button.label, email=mai.email)
    await centre.town.run_jobs()
    await centre.town.at_rest()
    await page.goto(f"{URL}{mai.link('min-side')}")
    yield "min-side-lenke"
    async with page.expect_navigation():
        await page.locator("main form button").first.click()
    for part in OWN:
        await page.goto(f"{URL}/min-side/{part}")
        yield f"min-side-{part}"


async def igangsetter_pages(centre: Centre, page: Page) -> AsyncIterator[str]:
    """Sign in as the igangsetter of the centre; yield the name of each of their pages while it is on screen."""
    visitor = Browser(centre.town)
    helper = Participant(centre.town, "Iga", "iga@example.org")
    await visitor.open("/igangsetter/logg-inn")
    await visitor.press("Send meg lenken", email=helper.email)
    await centre.town.at_rest()
    await page.goto(f"{URL}{helper.link('igangsetter/apne')}")
    yield "igangsetter-lenke"
    async with page.expect_navigation():
        await page.locator("main form button").first.click()
    for name, path in (("i-dag", ""), ("tider", "/tider"), ("konto", "/konto"), ("konto-slett", "/konto/slett")):
        await page.goto(f"{URL}/igangsetter{path}")
        yield f"igangsetter-{name}"
