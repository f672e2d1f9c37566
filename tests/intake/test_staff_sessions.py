"""Sessions of staff: what ends them, who sees them, and what a cookie of another has no use for."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from intake.app import build
from intake.domain.sign_in import SESSIONS_MAX
from intake.usecases import password_hashes
from intake.usecases.staff import add_staff, disable_staff, reset_password
from tests.intake.support.browser import Browser, add_berit, settings
from tests.intake.support.staff import ACCOUNT, PASSWORD, SECOND_STEP, SIGN_IN, Desk, another, hidden
from tests.intake.support.world import World

TOKEN_CHARACTERS = 43  # 256 bits in base64


@pytest.fixture
async def desk(browser: Browser, world: World) -> Desk:
    """Somebody who has signed in."""
    await add_berit(world, "link-bergen")
    desk = Desk(browser)
    await desk.sign_in()
    return desk


@pytest.mark.asvs("7.2.4")
async def test_sign_in_again_ends_the_session_before(desk: Desk, world: World) -> None:
    old = desk.cookies()["selvhjelp"]
    await desk.sign_in()
    assert desk.cookies()["selvhjelp"] != old
    assert await world.count("staff_sessions") == 1
    await desk.send("/stab/", "/stab/logg-ut")
    assert await world.count("staff_sessions") == 0
    thief = another(desk)
    thief.browser.client.cookies.set("selvhjelp", old)
    assert not await thief.is_signed_in()


async def test_refused_sign_in_leaves_the_session_open(desk: Desk) -> None:
    await desk.sign_in("feil passord")
    assert await desk.is_signed_in()


@pytest.mark.parametrize(
    "planted", ["x", "", "0" * 43, "' or 1=1 --", "\t", "planted-by-somebody-else-in-this-browser"]
)
async def test_planted_cookie_is_never_made_a_session(browser: Browser, world: World, planted: str) -> None:
    await add_berit(world, "link-bergen")
    desk = Desk(browser)
    desk.browser.client.headers["Cookie"] = f"selvhjelp={planted}"
    answer = await desk.sign_in()
    given = answer.headers.get_list("set-cookie")[0].split(";")[0].removeprefix("selvhjelp=")
    assert len(given) == TOKEN_CHARACTERS
    assert given != planted
    del desk.browser.client.headers["Cookie"]
    thief = another(desk)
    thief.browser.client.headers["Cookie"] = f"selvhjelp={planted}"
    assert not await thief.is_signed_in()


async def _roles(world: World, desk: Desk) -> None:
    async with world.transaction() as session:
        await add_staff(session, "berit", PASSWORD, ["admin"], ["link-bergen"], desk.now)


async def _centres(world: World, desk: Desk) -> None:
    async with world.transaction() as session:
        await add_staff(session, "berit", PASSWORD, ["koordinator"], ["link-oslo"], desk.now)


async def _disable(world: World, desk: Desk) -> None:
    async with world.transaction() as session:
        assert await disable_staff(session, "berit", desk.now)


async def _reset(world: World, desk: Desk) -> None:
    new = password_hashes.make_now("et annet og langt")
    async with world.transaction() as session:
        assert await reset_password(session, "berit", new, factors=False, now=desk.now)


async def _sign_out(_world: World, desk: Desk) -> None:
    await desk.send("/stab/", "/stab/logg-ut")


async def _end_all_elsewhere(_world: World, desk: Desk) -> None:
    other = another(desk)
    await other.sign_in()
    await other.send(ACCOUNT, "/avslutt-andre")


async def _idle(_world: World, desk: Desk) -> None:
    desk.pass_time(timedelta(minutes=31))


@pytest.mark.asvs("7.4.1", "7.4.2", "14.3.1")
@pytest.mark.parametrize("end", [_roles, _centres, _disable, _reset, _sign_out, _end_all_elsewhere, _idle])
async def test_session_is_dead_at_once_after(
    desk: Desk, world: World, end: Callable[[World, Desk], Awaitable[None]]
) -> None:
    token = desk.cookies()["selvhjelp"]
    assert await desk.is_signed_in()
    await end(world, desk)
    desk.browser.client.cookies.set("selvhjelp", token)
    for path in ("/stab/", "/stab/personer", ACCOUNT):
        assert (await desk.open(path)).headers["location"] == SIGN_IN


@pytest.mark.asvs("3.3.1", "3.3.2", "3.3.3", "3.3.4")
@pytest.mark.parametrize(
    ("url", "prefix"), [("http://selvhjelp.example", ""), ("https://selvhjelp.example", "__Host-")]
)
async def test_cookies_cannot_be_read_by_scripts_or_sent_elsewhere(world: World, url: str, prefix: str) -> None:
    await add_berit(world, "link-bergen")
    app = build(settings(world, public_url=url), world.clock)
    browser = Browser(app)
    try:
        page = await browser.get(SIGN_IN)
        browser.client.headers["Sec-Fetch-Site"] = "same-origin"
        answer = await browser.send(page, username="berit", password=PASSWORD)
    finally:
        await browser.close()
    session, known = sorted(answer.headers.get_list("set-cookie"), key=len)
    assert session.startswith(f"{prefix}selvhjelp=")
    assert known.startswith(f"{prefix}selvhjelp-kjent=")
    for cookie, same_site in ((session, "lax"), (known, "strict")):
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"httponly", "path=/", f"samesite={same_site}"} <= parts
        assert ("secure" in parts) == bool(prefix)
        assert not any(part.startswith("domain") for part in parts)
    assert "max-age" not in session.lower()


async def test_sixth_session_ends_the_one_used_longest_ago(desk: Desk) -> None:
    others = []
    for number in range(4):
        desk.pass_time(timedelta(minutes=2))
        other = another(desk, f"198.51.100.{number}")
        await other.sign_in()
        others.append(other)
    assert await desk.is_signed_in()  # now used more recently than the second
    desk.pass_time(timedelta(minutes=2))
    sixth = another(desk)
    await sixth.sign_in()
    assert [await each.is_signed_in() for each in (desk, *others, sixth)] == [True, False, True, True, True, True]


@pytest.mark.parametrize("times", [1, 4, 5, 6, 12])
async def test_password_alone_ends_no_session(desk: Desk, world: World, times: int) -> None:
    """Who has got hold of the password, and not of the second factor, cannot sign the user out."""
    app, _ = await desk.add_app()
    other = another(desk)
    other.pass_time(timedelta(seconds=30))
    assert (await other.sign_in(code=app.at(other.now))).headers["location"] == "/stab/"
    for _ in range(times):
        assert (await another(other).sign_in()).headers["location"] == SECOND_STEP
    assert [await each.is_signed_in() for each in (desk, other)] == [True, True]
    assert await world.count("staff_sessions") == 2 + min(times, SESSIONS_MAX)


@pytest.mark.asvs("7.5.2")
async def test_own_sessions_are_listed_and_ended_one_by_one(desk: Desk, world: World) -> None:
    first, second = another(desk), another(desk)
    for other in (first, second):
        await other.sign_in()
    page = await desk.open(ACCOUNT)
    assert page.text.count("Denne nettleseren") == 1
    assert page.text.count("med passord") == 3
    ids = hidden(page, "session_id")
    assert len(ids) == 2
    done = await desk.browser.press(page, "/okter/avslutt", session_id=ids[0])
    assert (done.status_code, done.headers["location"]) == (303, ACCOUNT)
    assert await world.count("staff_sessions") == 2
    assert sorted([await first.is_signed_in(), await second.is_signed_in()]) == [False, True]
    await desk.send(ACCOUNT, "/avslutt-andre")
    assert [await each.is_signed_in() for each in (desk, first, second)] == [True, False, False]


async def test_session_of_another_user_is_404_and_stays(desk: Desk, world: World) -> None:
    async with world.transaction() as session:
        await add_staff(session, "ola", PASSWORD, ["koordinator"], ["link-oslo"], desk.now)
    ola = another(desk)
    await ola.sign_in(username="ola")
    ((foreign,),) = await world.rows("select session_id from staff_sessions where username = 'ola'")
    other = another(desk)
    await other.sign_in()
    page = await desk.open(ACCOUNT)
    for session_id in (foreign, UUID(int=0), UUID(int=7), UUID(int=1 << 127), UUID(int=(1 << 128) - 1)):
        answer = await desk.browser.press(page, "/okter/avslutt", session_id=str(session_id))
        assert answer.status_code == 404
    assert await ola.is_signed_in()
