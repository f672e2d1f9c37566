"""
The pages that come late in the life of a group, a person or an igangsetter.

They change the furnished centre and let time pass, so they are looked at after all others.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final

from playwright.async_api import Page

from tests.scenarios.support.furnished import CENTRE, Centre
from tests.scenarios.support.igangsettere import joined
from tests.scenarios.support.people import Participant, Visitor, confirmed_group, signed_in
from tests.scenarios.support.town import URL, Town

VOTING: Final = ("Ane", "Bent", "Carl", "Dina", "Elin")
"""Members of a group of a centre whose groups decide on newcomers."""


async def later_pages(centre: Centre, page: Page) -> AsyncIterator[str]:
    """Go to each page, in the browser in which Mai has opened her own page; yield its name while it is on screen."""
    town = centre.town
    for walk in (leaving(page), invited(centre, page), guests(centre, page), ended(town, page), started(town, page)):
        async for name in walk:
            yield name
    async for name in voting(town, page):
        yield name


async def leaving(page: Page) -> AsyncIterator[str]:
    """Take a return ticket from one's own page, open it, and have everything deleted."""
    await page.goto(f"{URL}/min-side/oversikt")
    await pressed(page, "Vis returbilletten")
    yield "min-side-billett"
    await page.get_by_role("link", name="Lenken i billetten").click()
    yield "tilbake"
    await pressed(page)
    yield "pamelding-3-om-deg-tilbake"
    await page.goto(f"{URL}/min-side/slett")
    await pressed(page, "Ja, slett for godt")
    yield "min-side-slettet"


async def invited(centre: Centre, page: Page) -> AsyncIterator[str]:
    """Open the invitation to become an igangsetter, and the receipt for what was deleted."""
    await centre.town.at_rest()
    await page.get_by_role("link", name="Se en signert kvittering").click()
    yield "kvittering"
    await centre.staff.open("/stab/kontoer/ny")
    await centre.staff.press("Inviter", name="Ina Inasen", email="ina@example.org")
    await centre.town.at_rest()
    await page.goto(f"{URL}{Participant(centre.town, 'Ina', 'ina@example.org').link('igangsetter/invitasjon')}")
    yield "igangsetter-invitasjon"


async def guests(centre: Centre, page: Page) -> AsyncIterator[str]:
    """Sign up for a meeting that is open to everybody."""
    day = (centre.town.clock.now() + timedelta(days=20)).date().isoformat()
    plan = {"for_whom": "waiting", "day": day, "begins": "18:00", "ends": "20:00", "is_public": "true"}
    await centre.staff.open("/stab/moter/nytt")
    await centre.staff.press("Lagre og se hvem det gjelder", place="Strandgaten 6", capacity="10", **plan)
    await centre.staff.press("Send invitasjonene")
    await centre.town.at_rest()
    await page.goto(f"{URL}/moter/{CENTRE}")
    yield "moter-apent"
    await page.get_by_role("link", name="Meld deg på").first.click()
    yield "orienteringsmote"
    await page.locator("[name=email]").fill("eva@example.org")
    await pressed(page, "Send meg e-posten")
    yield "orienteringsmote-sendt"


async def ended(town: Town, page: Page) -> AsyncIterator[str]:
    """Move a meeting of a group that has started, get its calendar, end it, and choose the way on."""
    sol = Participant(town, "Sol", "sol@example.org")
    for text, name in (("Flytt møtet", "gruppe-flytt"), ("Få møtene i kalenderen", "kalenderlenke")):
        await page.goto(f"{URL}{sol.link('gruppe')}")
        await page.get_by_role("link", name=text).first.click()
        yield name
    await page.goto(f"{URL}{sol.link('gruppe')}")
    await page.get_by_role("link", name="Gruppa er ferdig").click()
    await pressed(page, "Ja, gruppa skal slutte")
    yield "gruppe-vil-slutte"
    for name in ("Siv", "Stig", "Sara", "Svein"):
        visitor = Visitor(town)
        await visitor.open(f"{Participant(town, name, f'{name.lower()}@example.org').link('gruppe')}/opplos")
        await visitor.press("Ja, gruppa skal slutte")
    await town.move(timedelta(minutes=20))
    await page.goto(f"{URL}{sol.link('videre')}")
    yield "videre"
    await pressed(page, "Ta en pause")
    yield "videre-pause"


async def started(town: Town, page: Page) -> AsyncIterator[str]:
    """Start a group as its igangsetter, and let it go on alone."""
    helper = Participant(town, "Iga", "iga@example.org")
    await page.goto(f"{URL}{helper.link('igangsettersvar')}")
    await pressed(page, "Ja, jeg starter den")
    yield "igangsettersvar-ja"
    await town.at_rest()
    (row,) = await town.rows(
        "grouping",
        "SELECT group_id, starts_at FROM meetings JOIN groups g ON g.id = group_id"
        " WHERE slot = 'fri-evening' AND kind = 'start'",
    )
    group = f"{URL}/igangsetter/grupper/{row['group_id']}"
    await sign_in(town, helper, page)
    for part in ("", "/ark"):
        await page.goto(f"{group}{part}")
        yield f"igangsetter-gruppe{part.replace('/', '-')}"
    await after(town, row["starts_at"])
    await sign_in(town, helper, page)
    for part in ("", "/forste-mote", "/overlat"):
        await page.goto(f"{group}{part}")
        yield f"igangsetter-gruppe{part.replace('/', '-') or '-startet'}"
    await page.goto(group)
    await page.get_by_role("link", name="Flytt møtet").first.click()
    yield "igangsetter-gruppe-flytt"
    await page.goto(f"{group}/overlat")
    await pressed(page, "Ja, gruppa er enig")
    await town.at_rest()
    await page.goto(group)
    yield "igangsetter-gruppe-ferdig"
    await town.move(timedelta(minutes=20))
    address = Participant(town, "Ada", "ada@example.org").link("gruppelenke")
    for part in ("", "/opplos"):
        await page.goto(f"{URL}{address}{part}")
        yield f"gruppelenke{part.replace('/', '-')}"


async def voting(town: Town, page: Page) -> AsyncIterator[str]:
    """Answer in a secret vote on a new member."""
    staff = await signed_in(town, "trond", "link")
    helper, _ = await joined(town, staff, "Irja", place="7011", slots=["thu-evening"])
    people = await confirmed_group(town, *VOTING, centre="link", place="7011", slots=["thu-evening"])
    await town.run_jobs()
    await town.at_rest()
    await helper.press_link("igangsettersvar", "Ja, jeg starter den")
    (row,) = await town.rows(
        "grouping", "SELECT starts_at FROM meetings JOIN groups g ON g.id = group_id WHERE centre = 'link'"
    )
    await after(town, row["starts_at"])
    await people[0].press_link("gruppe", "Spør alle om en ny deltaker")
    await page.goto(f"{URL}{people[1].link('avstemning')}")
    yield "avstemning"
    await pressed(page, "Ja")
    yield "avstemning-svart"


async def after(town: Town, meeting: datetime) -> None:
    """Let time pass until a group has started after its first meeting."""
    await town.move_to(meeting + timedelta(hours=18), timedelta(days=60))


async def sign_in(town: Town, helper: Participant, page: Page) -> None:
    """Sign in an igangsetter by a mailed link."""
    visitor = Visitor(town)
    await visitor.open("/igangsetter/logg-inn")
    await visitor.press("Send meg lenken", email=helper.email)
    await town.at_rest()
    await page.goto(f"{URL}{helper.link('igangsetter/apne')}")
    await pressed(page)


async def pressed(page: Page, label: str = "") -> None:
    """Press the button with this text, or the first of the page, and wait for the page after it."""
    button = page.get_by_role("button", name=label, exact=True) if label else page.locator("main form button")
    async with page.expect_navigation():
        await button.first.click()
