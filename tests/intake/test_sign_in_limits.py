"""Wrong attempts: names rest, nobody is locked out, and a flood of passwords does not stop others."""

import asyncio
import threading
from datetime import timedelta
from typing import Any

import httpx
import pytest

from intake.domain.sign_in import FREE_FAILURES, REST_MAX, rest_after
from intake.usecases import password_hashes
from intake.usecases.password_hashes import PasswordHashes, QueueFull
from intake.usecases.staff import add_staff
from shared.kit.web.csrf import FIELD
from tests.intake.support.browser import Browser, add_berit
from tests.intake.support.staff import ACCOUNT, PASSWORD, SIGN_IN, Desk, another
from tests.intake.support.world import World


@pytest.fixture
async def desk(browser: Browser, world: World) -> Desk:
    """A browser at which nobody has signed in."""
    await add_berit(world, "link-bergen")
    return Desk(browser)


async def fail(desk: Desk, times: int, username: str = "berit") -> list[int]:
    """Sign in with a wrong password, from another network each time."""
    return [(await another(desk, f"100.64.{n}.1").sign_in("feil passord", username)).status_code for n in range(times)]


@pytest.mark.asvs("6.3.1")
async def test_name_rests_after_wrong_passwords_from_any_network(desk: Desk) -> None:
    assert await fail(desk, FREE_FAILURES + 2) == [422] * FREE_FAILURES + [429, 429]
    answer = await desk.sign_in()
    assert answer.status_code == 429
    assert answer.headers["retry-after"].isdigit()
    assert 'value="berit"' in answer.text
    desk.pass_time(timedelta(seconds=2))
    assert (await desk.sign_in()).status_code == 303


def test_rest_grows_to_a_quarter_of_an_hour() -> None:
    rests = [rest_after(failures) for failures in range(40)]
    assert rests == sorted(rests)
    assert rests[FREE_FAILURES - 1] == timedelta()
    assert rests[FREE_FAILURES : FREE_FAILURES + 4] == [timedelta(seconds=each) for each in (1, 2, 4, 8)]
    assert rests[-1] == rest_after(10_000_000) == REST_MAX


def test_ten_thousand_tries_in_a_day_check_a_hundred() -> None:
    """As many networks as an attacker likes: the name is what rests."""
    now, rests_until, checked = timedelta(), timedelta(), 0
    for number in range(10_000):
        now = number * timedelta(days=1) / 10_000
        if now >= rests_until:
            checked += 1
            rests_until = now + rest_after(checked)
    assert checked <= 115


@pytest.mark.parametrize("username", ["ingen", "BERIT", "berit2", "", "x" * 63])
async def test_name_that_nobody_has_rests_as_one_of_a_user(desk: Desk, username: str) -> None:
    """Status, page and headers tell nothing about who has an account."""

    async def answers(name: str) -> list[tuple[int, str, str | None]]:
        found = []
        for number in range(FREE_FAILURES + 1):
            visitor = another(desk, f"100.64.{number}.1")
            answer = await visitor.sign_in("feil passord", name)
            text = answer.text.split(FIELD)[0] + answer.text.split("</form>")[-1]
            found.append((answer.status_code, text.replace(f'value="{name}"', ""), answer.headers.get("retry-after")))
        return found

    assert await answers("berit") == await answers(username)


async def test_known_browser_gets_in_while_strangers_guess(desk: Desk) -> None:
    await desk.sign_in()
    await desk.send("/stab/", "/stab/logg-ut")
    for _ in range(5):
        desk.pass_time(timedelta(seconds=1))
        await fail(desk, 3)
    assert (await another(desk).sign_in()).status_code == 429
    assert (await desk.sign_in()).status_code == 303


async def test_known_browser_has_a_limit_of_its_own(desk: Desk) -> None:
    await desk.sign_in()
    statuses = [(await desk.sign_in("feil passord")).status_code for _ in range(FREE_FAILURES + 1)]
    assert statuses == [422] * FREE_FAILURES + [429]
    assert (await another(desk).sign_in()).status_code == 303


async def test_browser_known_for_one_user_is_unknown_for_another(desk: Desk, world: World) -> None:
    async with world.transaction() as session:
        await add_staff(session, "ola", PASSWORD, ["koordinator"], ["link-oslo"], desk.now)
    await desk.sign_in()
    await fail(desk, FREE_FAILURES, "ola")
    assert (await desk.sign_in(username="ola")).status_code == 429


async def test_right_password_forgets_the_wrong_ones(desk: Desk, world: World) -> None:
    for _ in range(3):
        assert await fail(desk, FREE_FAILURES - 1) == [422] * (FREE_FAILURES - 1)
        assert (await another(desk).sign_in()).status_code == 303
    assert await world.count("sign_in_failures") == 0


async def test_failures_are_kept_without_names(desk: Desk, world: World) -> None:
    await fail(desk, 1)
    await fail(desk, 1, "hemmelig-passord-i-feil-felt")
    rows = await world.rows("select encode(key, 'hex'), failures from sign_in_failures")
    assert [failures for _, failures in rows] == [1, 1]
    assert all(len(key) == 64 for key, _ in rows)


async def test_wrong_passwords_on_own_pages_rest_too(desk: Desk) -> None:
    await desk.sign_in()
    page = f"{ACCOUNT}/bekreft"
    answers = [(await desk.send(page, current="feil passord")).status_code for _ in range(FREE_FAILURES + 1)]
    assert answers == [422] * FREE_FAILURES + [429]


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Passwords that are checked for as long as the event is not set."""
    gate, real = threading.Event(), password_hashes._hasher

    class Hasher:
        def verify(self, password_hash: str, password: str) -> bool:
            assert gate.wait(60)
            return real.verify(password_hash, password)

        def hash(self, password: str) -> str:
            return real.hash(password)

    monkeypatch.setattr(password_hashes, "_hasher", Hasher())
    return gate


@pytest.mark.asvs("6.3.1", "15.2.2")
async def test_flood_of_passwords_is_refused_and_users_get_in(desk: Desk, world: World, slow: threading.Event) -> None:
    slow.set()
    await desk.sign_in()
    await desk.send("/stab/", "/stab/logg-ut")
    object.__setattr__(desk.browser.app.state.deps.users, "hashes", hashes := PasswordHashes(places=2, known_places=1))
    slow.clear()
    strangers = [another(desk, f"100.64.{number}.1") for number in range(4)]
    pages: list[httpx.Response] = [await each.open(SIGN_IN) for each in strangers]

    async def tries(number: int) -> httpx.Response:
        return await strangers[number].browser.send(pages[number], username=f"ingen{number}", password="x" * 20)

    flood = [asyncio.create_task(tries(number)) for number in (0, 1)]
    while hashes._taken < 2:
        await asyncio.sleep(0)
    refused = [await tries(number) for number in (2, 3)]
    assert [(each.status_code, each.headers["retry-after"]) for each in refused] == [(503, "5")] * 2
    assert 'value="ingen2"' in refused[0].text
    assert (await desk.browser.get("/")).status_code == 200
    own = asyncio.create_task(desk.sign_in())
    while hashes._taken < 3:
        await asyncio.sleep(0)
    slow.set()
    assert (await own).status_code == 303
    assert {(await each).status_code for each in flood} == {422}
    assert await world.count("sign_in_failures") == 2  # whom nobody checked has not failed


@pytest.mark.parametrize(
    ("taken", "known", "full"), [(0, False, 0), (1, False, 0), (2, False, 1), (2, True, 0), (3, True, 1)]
)
def test_queue_keeps_places_for_known_browsers(taken: int, known: bool, full: bool) -> None:
    hashes: Any = PasswordHashes(places=2, known_places=1)
    hashes._taken = taken
    if full:
        with pytest.raises(QueueFull):
            hashes.require_place(known=known)
    else:
        hashes.require_place(known=known)
