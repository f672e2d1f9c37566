"""The page of the audit log: the acts that concern one's own centres, without names of participants."""

import re
from datetime import UTC, datetime

import pytest

from intake.store import audit_log
from shared.kit.audit import Actor, AuditFilter
from shared.kit.messaging.causes import Cause
from shared.kit.staff import StaffMember
from shared.kit.web.audit_page import PAGES, actor_word
from tests.intake.support.browser import Browser
from tests.intake.support.world import World
from tests.shared.support.staff import signed

PAGE = "/stab/historikk"


def as_member(browser: Browser, role: str, *centres: str) -> None:
    member = StaffMember("kari", frozenset({role}), frozenset(centres), "session")
    browser.client.headers.update(signed(member, "intake"))


async def record(world: World, actor: str, action: str, kind: str, object_id: str, scope: str | None, day: int) -> None:
    at = datetime(2026, 3, day, 12, tzinfo=UTC)
    async with world.transaction() as session:
        await audit_log.record(session, Actor(actor, at, Cause.fresh()), action, kind, object_id, scope=scope)


@pytest.fixture
async def acts(world: World) -> str:
    person_id = str(await world.person_of(await world.confirmed(first_name="Ingeborg")))
    await record(world, "berit", "person.viewed", "person", person_id, "link-bergen", 1)
    await record(world, "owner", "signup.texts_accepted", "person", person_id, "link-bergen", 2)
    await record(world, "ola", "person.erased", "person", person_id, "link-oslo", 3)
    await record(world, "tora", "people.searched", "centre", "link-bergen,link-oslo", None, 4)
    return person_id


def lines(html: str) -> list[str]:
    body = html.partition("<tbody>")[2].partition("</tbody>")[0]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in body.split("</tr>")[:-1]]


@pytest.mark.parametrize(
    ("centres", "query", "who"),
    [
        (("link-bergen",), "", ["tora", "Personen selv", "berit"]),
        (("link-oslo",), "", ["tora", "ola"]),
        (("link-bergen", "link-oslo"), "", ["tora", "ola", "Personen selv", "berit"]),
        (("link-bergen",), f"?hvem={actor_word('berit')}", ["berit"]),
        (("link-bergen",), f"?hvem={actor_word('ola')}", ["tora", "Personen selv", "berit"]),
        (("link-bergen",), "?fra=2026-03-02&til=2026-03-02", ["Personen selv"]),
        (("link-bergen",), "?fra=x&til=9999-12-31&side=7&per=x", ["tora", "Personen selv", "berit"]),
        (("selvhjelp-norge",), "", []),
    ],
)
async def test_audit_page_shows_acts_of_own_centres(
    browser: Browser, acts: str, centres: tuple[str, ...], query: str, who: list[str]
) -> None:
    as_member(browser, "koordinator", *centres)
    text = (await browser.get(PAGE + query)).text
    assert [next(name for name in who if name in line) for line in lines(text)] == who
    assert "Ingeborg" not in text


@pytest.mark.parametrize(("role", "linked"), [("koordinator", True), ("admin", False)])
async def test_audit_page_links_only_what_the_role_opens(browser: Browser, acts: str, role: str, linked: bool) -> None:
    as_member(browser, role, "link-bergen")
    page = await browser.get(PAGE)
    assert page.status_code == 200
    assert (f"/stab/personer/{acts}" in page.text) == linked


@pytest.mark.parametrize("role", ["leser", "igangsetter"])
async def test_audit_page_is_closed_to_others(browser: Browser, role: str) -> None:
    as_member(browser, role, "link-bergen")
    assert (await browser.get(PAGE)).status_code == 403
    assert (await browser.client.post(PAGE)).status_code == 403


async def test_audit_log_as_file_is_recorded_and_has_no_ids(browser: Browser, world: World, acts: str) -> None:
    as_member(browser, "admin", "link-bergen")
    page = await browser.get(f"{PAGE}?hvem={actor_word('berit')}")
    answer = await browser.press(page, f"{PAGE}?hvem={actor_word('berit')}", som="csv")
    assert answer.content.decode("utf-8-sig").splitlines()[1].endswith(";berit;Åpnet siden om personen;Person")
    assert acts not in answer.text
    assert ("kari", "list.exported", "link-bergen") in await world.audit_entries()


def test_every_kind_of_object_has_a_name() -> None:
    assert set(PAGES) >= {"person", "group", "signup", "mail", "staff", "room", "kontaktmote", "message", "account"}


async def test_act_about_many_centres_concerns_each_of_them(world: World) -> None:
    centres = [f"link-number-{number:02}" for number in range(1, 31)]
    async with world.transaction() as session:
        actor = Actor("berit", world.clock.now(), Cause.fresh())
        await audit_log.record_for(session, actor, "people.searched", centres)
        await audit_log.record_for(session, actor, "people.searched", centres[:1])
        found = {
            centre: len(await audit_log.of_centres(session, [centre], AuditFilter(), limit=9)) for centre in centres
        }
        others = await audit_log.count_of_centres(session, ["link-bergen", "link-number-3"], AuditFilter())
    assert found == {**dict.fromkeys(centres, 1), centres[0]: 2}
    assert others == 0
