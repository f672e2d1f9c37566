"""The page on which people name whom they must not meet: one answer for everything, and no trace of it elsewhere."""

import json
import logging
import re
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from shared.reference.limits import QUIET_NAMES
from tests.intake.support.browser import Browser
from tests.intake.support.quiet import KARI, NUMBER, OLA, give, name, told
from tests.intake.support.world import World
from tests.intake.test_own_pages import opened
from tests.shared.support.plain import without_tokens

PAGE = "/min-side/hensyn"


async def test_press_asks_the_database_the_same_for_everybody(browser: Browser, world: World) -> None:
    """Of a known address, an unknown one, one that was given before, and a number."""
    await world.confirmed(email=OLA, mobile="91234567")
    await world.confirmed()
    await opened(browser, world)
    page = await browser.get(PAGE)
    browser.client.event_hooks["response"].clear()
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    engine = browser.app.state.deps.database.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", note)
    done = []
    for contact in ("eva@example.org", OLA, "eva@example.org", OLA, NUMBER, "+4799999999"):
        statements.clear()
        answer = await browser.press(page, "/hensyn", quiet_name=contact)
        done.append((answer.status_code, answer.headers["location"], list(statements)))
    sa.event.remove(engine, "before_cursor_execute", note)
    assert done[0][2]
    assert all(each == done[0] for each in done)


async def shown(browser: Browser, world: World, *signup_ids: UUID) -> list[str]:
    """Return what the two people and staff can open or download, without tokens."""
    browser.sign_in_as_member("link-bergen")
    ids = [await world.person_of(signup_id) for signup_id in signup_ids]
    pages = [await browser.get(path) for path in ("/stab/", "/stab/personer", "/stab/tall", "/stab/forsamtaler")]
    for person_id in ids:
        page = await browser.get(f"/stab/personer/{person_id}")
        export = await browser.press(page, "/eksport")
        pages.append(page)
        data = json.loads(export.text)
        data.pop("contact_read")
        pages.append(type("Page", (), {"text": json.dumps(data), "status_code": export.status_code})())
    assert {page.status_code for page in pages} == {200}
    plain = [re.sub(r'name="_csrf" value="[^"]*"', "", page.text) for page in pages]
    looks = r"<li>[^<]*berit (åpnet siden|hentet ut alt) om personen</li>|\d+ linjer? til"
    return [without_tokens(re.sub(looks, "", text)) for text in plain]


async def test_nothing_that_anybody_opens_shows_a_name(
    browser: Browser, world: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    first = await world.confirmed(email=KARI, mobile="91234567")
    second = await world.confirmed(email=OLA)
    await shown(browser, world, first, second)
    before = await shown(browser, world, first, second)
    entries, mails = await world.audit_entries(), len(await world.task_events())
    capsys.readouterr()
    caplog.clear()

    await give(world, await world.person_of(first), OLA)

    assert "ola" not in (written := capsys.readouterr().out + caplog.text)
    assert not re.search("quiet|apart", written)
    assert await world.audit_entries() == entries
    assert len(await world.task_events()) == mails
    assert await shown(browser, world, first, second) == before


async def test_page_answers_everything_alike_and_the_address_tells_nothing(browser: Browser, world: World) -> None:
    """Known, unknown, given again, taken back: one address, one title, one sentence that is shown once."""
    await world.confirmed(email=OLA)
    await world.confirmed()
    assert PAGE in await opened(browser, world)
    answers = set()
    for contact in (OLA, "eva@example.org", "91234567", OLA, KARI, None):
        page = await browser.get(PAGE)
        assert "Det er lagret" not in page.text
        done = await (
            browser.press(page, "/hensyn", quiet_name=contact) if contact else browser.press(page, "/hensyn/fjern")
        )
        after = await browser.get(done.headers["location"])
        assert "Det er lagret" in after.text
        answers.add((done.status_code, done.headers["location"], re.sub(r'value="[^"]*"', "", after.text)))
    assert len(answers) == 1
    ((_, location, text),) = answers
    assert location == PAGE
    assert "ola" not in text
    assert "møte" not in re.findall("<title>(.*?)</title>", text)[0]
    assert "slettet hos oss og melder seg på igjen" in text
    assert "kontaktmøter" in text
    assert len(set(await told(world))) == 1


async def test_page_that_is_full_says_whom_to_call(browser: Browser, world: World) -> None:
    signup_id = await world.confirmed()
    for _ in range(QUIET_NAMES.figure):
        await name(world, await world.person_of(signup_id), OLA)
    await opened(browser, world)
    answer = await browser.press(await browser.get(PAGE), "/hensyn", quiet_name=OLA)
    assert 'id="error-summary"' in answer.text
    assert 'href="tel:' in answer.text


async def test_confirmation_says_where_to_name_somebody(browser: Browser, world: World) -> None:
    await world.signed_up()
    link = browser.app.state.deps.links.url("", "nb", "confirm", await world.newest_confirmation())
    done = await browser.send(await browser.get(link))
    assert "Er det noen du ikke bør møte i en gruppe?" in done.text
    assert 'href="/min-side"' in done.text


@pytest.mark.parametrize("text", ["", "ola", "ola@", "12", "+47 1", "@example.org"])
async def test_page_explains_what_is_no_address_and_no_number(browser: Browser, world: World, text: str) -> None:
    await world.confirmed()
    await opened(browser, world)
    answer = await browser.press(await browser.get(PAGE), "/hensyn", quiet_name=text)
    assert 'id="error-summary"' in answer.text
    assert await world.count("quiet_names") == 0


async def test_page_without_session_asks_for_the_link(browser: Browser, world: World) -> None:
    assert (await browser.get(PAGE)).headers["location"] == "/min-side"
