"""The look of a centre on its pages: each key shows, and nothing is loaded from elsewhere."""

import re
from typing import Any, Final

import pytest

from intake.web import export_pdf, figure_files
from shared.kit.pdf import Document
from shared.kit.staff import StaffMember
from shared.reference.branding import Branding
from shared.reference.centres import Centres
from shared.reference.link_purposes import LEAVE, STILL_WAITING
from tests.intake.support.browser import Browser
from tests.intake.support.world import World
from tests.intake.test_accounts import invitation_page, invited
from tests.intake.test_figures import a_year
from tests.intake.test_own_pages import opened
from tests.intake.test_public import signed_up
from tests.shared.support.staff import signed
from tests.shared.test_reference_branding import ALT, GOOD

KEYS: Final = {
    "color": '<link rel="stylesheet" href="/merke/link-bergen/colors?v=',
    "color_dark": '<link rel="stylesheet" href="/merke/link-bergen/colors?v=',
    "logo": '<img class="logo" src="/merke/link-bergen/logo?v=',
    "logo_dark": '<source media="(prefers-color-scheme: dark)" srcset="/merke/link-bergen/logo_dark?v=',
    "picture": '<img class="centre-picture" src="/merke/link-bergen/picture?v=',
    "picture_alt": f'alt="{ALT["nb"]}"',
}
"""By key: what the page of the centre has with it."""


def with_look(centres: Centres, **look: Any) -> Centres:
    """Return the centres, with this look for the one in Bergen."""
    change = {"branding": Branding.model_validate(look)}
    return Centres(tuple(each.model_copy(update=change) if each.id == "link-bergen" else each for each in centres.all))


def branded(browser: Browser, **look: Any) -> None:
    directory = browser.app.state.deps.directory
    directory.replace(with_look(directory.current(), **look))


async def test_each_key_of_the_look_shows_on_the_page_of_the_centre(browser: Browser) -> None:
    plain = await browser.get("/link-bergen/")
    branded(browser, **GOOD)
    page = await browser.get("/link-bergen/")
    assert set(KEYS) == set(Branding.model_fields)
    for key, shown in KEYS.items():
        assert shown not in plain.text, key
        assert shown in page.text, key


async def test_logo_without_a_twin_for_the_dark_lies_on_a_light_plate(browser: Browser) -> None:
    plate = '<picture class="on-plate">'
    branded(browser, **GOOD)
    assert plate not in (await browser.get("/link-bergen/")).text
    branded(browser, logo=GOOD["logo"])
    assert plate in (await browser.get("/link-bergen/")).text


async def test_form_and_thanks_have_the_look_of_the_centre(browser: Browser) -> None:
    branded(browser, **GOOD)
    for page in (
        await browser.times_page(),
        await browser.about_page(),
        await browser.get("/informasjon/link-bergen"),
        await browser.get((await signed_up(browser)).headers["location"]),
    ):
        assert KEYS["color"] in page.text
        assert KEYS["logo"] in page.text
    assert "/merke/" not in (await browser.get("/informasjon/link-oslo")).text


async def test_pages_of_a_person_have_the_look_of_their_centre(browser: Browser, world: World) -> None:
    branded(browser, **GOOD)
    signup_id = await world.confirmed()
    deps = browser.app.state.deps
    await opened(browser, world)
    for path in (
        "/min-side/oversikt",
        "/min-side/endre",
        "/min-side/hensyn",
        "/min-side/slett",
        deps.links.url("", "nb", LEAVE, signup_id),
        deps.links.url("", "nb", STILL_WAITING, signup_id),
    ):
        page = await browser.get(path)
        assert KEYS["color"] in page.text, path
        assert KEYS["logo"] in page.text, path
    ticket = await browser.press(await browser.get("/min-side/oversikt"), "/billett")
    assert KEYS["logo"] in ticket.text
    gone = await browser.send(await browser.get("/min-side/slett"), 1)
    assert "Alt om deg er slettet" in gone.text
    assert KEYS["logo"] in gone.text
    assert "/merke/" not in (await browser.get("/min-side")).text


async def test_pages_of_an_igangsetter_have_the_look_of_their_centre(browser: Browser, world: World) -> None:
    branded(browser, **GOOD)
    account_id = await invited(browser, world)
    invitation = await browser.get(await invitation_page(browser, world))
    await browser.send(invitation, 0, svar="ja")
    helper = StaffMember(str(account_id), frozenset({"igangsetter"}), frozenset({"link-bergen"}), session_id="s")
    browser.client.headers.update(signed(helper, "intake"))
    for page in (
        invitation, await browser.get("/igangsetter/konto"), await browser.get("/igangsetter/konto/slett"),
    ):  # fmt: skip
        assert KEYS["color"] in page.text
        assert KEYS["logo"] in page.text


async def test_prints_have_the_centre_in_its_colour_on_top(browser: Browser, world: World, monkeypatch: Any) -> None:
    """Of a person's own data, and of the figures of a year."""
    branded(browser, **GOOD)
    made: list[tuple[str, str | None]] = []

    def document(*arguments: Any, owner: str = "", color: str | None = None) -> Document:
        made.append((owner, color))
        return Document(*arguments, owner=owner, color=color)

    for module in (export_pdf, figure_files):
        monkeypatch.setattr(module, "Document", document)
    await world.confirmed()
    await opened(browser, world)
    await browser.press(await browser.get("/min-side/oversikt"), "/eksport", som="pdf")
    await a_year(world)
    browser.sign_in_as_member("link-bergen", roles=["leser"])
    await browser.get("/stab/tall/link-bergen/2025/tall.pdf")
    assert made == [("LINK Bergen", GOOD["color"])] * 2


async def test_files_of_the_look_do_nothing_and_are_kept_by_version(browser: Browser) -> None:
    branded(browser, **GOOD)
    page = await browser.get("/link-bergen/")
    addresses = set(re.findall(r'"(/merke/[^"]+)"', page.text))
    assert len(addresses) == 4
    for address in addresses:
        file = await browser.get(address)
        assert file.status_code == 200
        assert "immutable" in file.headers["cache-control"]
        assert file.headers["content-security-policy"].startswith("default-src 'none'")
        assert "sandbox" in file.headers["content-security-policy"]
        assert file.headers["x-content-type-options"] == "nosniff"
    assert "immutable" not in (await browser.get("/merke/link-bergen/logo?v=other")).headers["cache-control"]
    assert "//" not in re.sub(
        r'"https?://link-bergen[^"]*"|https?://www\.yr\.no|http://www\.w3', "", page.text.partition("<main")[0]
    )


@pytest.mark.parametrize(
    "path", ["link-bergen/x", "link-bergen/logo", "nobody/logo", "link-bergen/..%2flogo", "link-bergen/colors"]
)
async def test_file_that_is_not_there_is_404(browser: Browser, path: str) -> None:
    assert (await browser.get(f"/merke/{path}")).status_code == 404
