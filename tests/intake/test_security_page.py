"""Refusals by pages are kept as security events, and admins read them."""

import re
from uuid import uuid4

import pytest

from intake.usecases.network_limits import IN_REAL_TIME
from shared.kit.staff import StaffMember
from shared.kit.web.security_page import REASONS
from shared.reference import limits
from tests.intake.support.browser import Browser
from tests.intake.support.world import World
from tests.shared.support.staff import signed

CENTRES = frozenset({"link-bergen"})


def as_member(browser: Browser, username: str, *roles: str) -> None:
    member = StaffMember(username, frozenset(roles), CENTRES, "session")
    browser.client.headers.update(signed(member, "intake"))


@pytest.mark.asvs("16.2.1", "16.3.1", "16.3.2")
async def test_refusals_are_kept_and_shown_to_admins(browser: Browser, world: World) -> None:
    as_member(browser, "kari", "koordinator")
    person_id = await world.person_of(await world.confirmed(place="0150"))
    assert (await browser.get(f"/stab/personer/{uuid4()}")).status_code == 404
    assert (await browser.get(f"/stab/personer/{person_id}")).status_code == 404
    assert (await browser.get("/stab/stoppet")).status_code == 403
    assert (await browser.client.post("/stab/pamelding", data={"_csrf": "forged"})).status_code == 403
    assert (await browser.get("/stab/hendelser")).status_code == 403

    rows = await world.rows("SELECT kind, reason, route, account, count FROM security_events ORDER BY kind, route")
    assert [tuple(row) for row in rows] == [
        ("access_denied", "", "GET /stab/hendelser", "kari", 1),
        ("access_denied", "", "GET /stab/stoppet", "kari", 1),
        ("form_refused", "", "POST /stab/pamelding", "kari", 1),
        ("object_not_found", "unknown_person", "GET /stab/personer/{person_id}", "kari", 2),
    ], "an unknown person and another centre's are the same"

    as_member(browser, "ada", "admin")
    page = await browser.get("/stab/hendelser")
    assert page.status_code == 200
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))
    for words in ("Side uten tilgang", "Skjema fra et annet sted", "/stab/personer/…", "kari"):
        assert words in text
    assert str(person_id) not in page.text
    chosen = await browser.get("/stab/hendelser?slag=form_refused")
    assert "/stab/pamelding" in re.sub(r"<nav.*?</nav>", "", chosen.text, flags=re.DOTALL)
    assert "/stab/stoppet" not in chosen.text


@pytest.mark.parametrize(
    "query",
    ["?dag=2000-01-01", "?dag=0001-01-01", "?dag=9999-12-31", "?dag=x", "?slag=x&dag=%00", "?slag=" + "x" * 500],
)
async def test_odd_filters_of_security_events_show_a_page(browser: Browser, query: str) -> None:
    as_member(browser, "ada", "admin")
    assert (await browser.get(f"/stab/hendelser{query}")).status_code == 200


async def test_visitor_without_a_session_leaves_no_name(browser: Browser, world: World) -> None:
    assert (await browser.client.post("/pamelding", data={"first_name": "Kari"})).status_code == 403
    assert (await browser.get("/stab/hendelser")).status_code == 303
    rows = await world.rows("SELECT kind, route, account FROM security_events")
    assert [tuple(row) for row in rows] == [("form_refused", "POST /pamelding", "")]


def test_every_limit_of_a_network_has_words() -> None:
    assert {limit.name for limit in limits.LIMITS if limit.key in IN_REAL_TIME} <= set(REASONS)


LINKS = ("/bekreft", "/min-side", "/meld-av", "/fortsatt", "/prat", "/igangsetter/apne", "/igangsetter/invitasjon")


@pytest.mark.parametrize("path", LINKS)
async def test_forged_link_is_a_security_event_without_its_token(browser: Browser, world: World, path: str) -> None:
    for token in ("forged", "a%00b", "x" * 3000):
        await browser.get(f"{path}/{token}")
    await browser.app.state.service.security.flush()
    rows = await world.rows("SELECT kind, reason, route, account, sum(count) FROM security_events GROUP BY 1, 2, 3, 4")
    assert [tuple(row) for row in rows] == [("link_refused", "", f"GET {path}/{{token}}", "", 3)]
