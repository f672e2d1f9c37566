"""What is done before a form is answered is the same for everybody: the time of an answer tells nothing."""

from collections.abc import Awaitable, Callable

import pytest

from intake.usecases import accounts
from intake.usecases.accounts import AccountDetails
from tests.intake.support.browser import Browser
from tests.intake.support.world import World
from tests.intake.test_api import body
from tests.intake.test_meeting_guests import PAGE, announce
from tests.shared.support.statements import statements_of

ADDRESS = "kari@example.org"
STRANGER = "eva@example.org"


async def is_a_person(world: World, _: Browser) -> None:
    await world.confirmed(email=ADDRESS)


async def waits_for_an_answer(world: World, _: Browser) -> None:
    await world.signed_up(email=ADDRESS)


async def was_asked_often(world: World, _: Browser) -> None:
    for day in ("mon", "tue", "wed"):
        await world.signed_up(email=ADDRESS, slots=[f"{day}-day"])


async def is_a_guest(_: World, browser: Browser) -> None:
    await browser.send(await browser.get(PAGE), 0, email=ADDRESS)


async def is_an_igangsetter(world: World, _: Browser) -> None:
    async with world.transaction() as session:
        details = AccountDetails("Iga", ADDRESS, None, "nb")
        await accounts.invite(session, world.vault, "link-bergen", details, actor=world.actor())


KNOWN = [is_a_person, waits_for_an_answer, was_asked_often, is_a_guest, is_an_igangsetter]


async def at_the_api(browser: Browser, email: str) -> int:
    return (await browser.client.post("/api/v1/signups", json=await body(browser, email=email))).status_code


def at_a_page(path: str) -> Callable[[Browser, str], Awaitable[int]]:
    async def send(browser: Browser, email: str) -> int:
        return (await browser.send(await browser.get(path), 0, email=email)).status_code

    return send


DOORS = {
    "api": at_the_api,
    "own page": at_a_page("/min-side"),
    "igangsetter": at_a_page("/igangsetter/logg-inn"),
    "meeting": at_a_page(PAGE),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.__name__)
async def test_door_asks_the_database_the_same_for_known_and_unknown(
    browser: Browser, world: World, door: str, known: Callable[[World, Browser], Awaitable[None]]
) -> None:
    await announce(world)
    await known(world, browser)
    browser.client.event_hooks["response"].clear()  # the worker decides afterwards
    send = DOORS[door]
    await send(browser, "first@example.org")  # what a first request prepares is prepared
    done = []
    with statements_of(browser.app.state.deps.database) as statements:
        for email in (STRANGER, ADDRESS):
            statements.clear()
            done.append((await send(browser, email), list(statements)))
    assert done[0][0] in {202, 303}
    assert done[0][1]
    assert done[0] == done[1]
