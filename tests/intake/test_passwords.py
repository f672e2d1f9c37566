"""Passwords: what may be chosen, one-time passwords, and the change by oneself."""

from datetime import timedelta

import pytest

from intake.domain.passwords import fault_of
from intake.usecases.staff import add_staff, new_one_time_password, password_fault
from tests.intake.support.browser import Browser, add_berit
from tests.intake.support.staff import ACCOUNT, NEW_PASSWORD, PASSWORD, Desk, another
from tests.intake.support.world import World

PAGES = ("/stab/", "/stab/personer", "/stab/pamelding", "/stab/regler", "/stab/forsamtaler", "/stab/igangsettere")


@pytest.mark.asvs("6.2.1")
@pytest.mark.parametrize("password", ["", "kort", "elleve tegn", "æøå æøå æø", "🙂🙂🙂"])
def test_password_of_less_than_twelve_characters_is_refused(password: str) -> None:
    assert password_fault(password, "berit") == "password_short"


@pytest.mark.asvs("6.2.4", "6.2.12")
@pytest.mark.parametrize(
    "password",
    ["passwordpassword", "1234567890123", "Password1234", "qwertyuiop12", "iloveyouforever", "MANCHESTERUNITED"],
)
def test_password_on_the_list_is_refused(password: str) -> None:
    assert password_fault(password, "berit") == "password_common"


@pytest.mark.asvs("6.1.2", "6.2.11")
@pytest.mark.parametrize(
    "password",
    [
        "berit-hansen-1",
        "B3r1t Hansen 26",
        "selvhjelp-2026",
        "Selvhj3lpsgruppe!",
        "link-bergen-link",
        "sommer2026sommer",
        "passordpassordpassord",
        "aaaabbbbccccdddd",
        "koordinator1!",
    ],
)
def test_password_of_known_words_is_refused(password: str) -> None:
    words = ("berit hansen", "LINK Bergen")
    assert fault_of(password, words, lambda _: False) == "password_guessable"


@pytest.mark.asvs("6.2.5")
@pytest.mark.parametrize(
    "password",
    [
        NEW_PASSWORD,
        "  blanke først og sist  ",
        "kv8#qm2!zz9p",
        "ni ting jeg glemte i går kveld",
        "pålegg🙂syltetøy🙂brød",
        "fjellet ved havet " * 8,
        "a1b2c3d4e5f6g7h8" * 16,
    ],
)
def test_password_that_nobody_would_guess_is_taken(password: str) -> None:
    assert password_fault(password, "berit", ["LINK Bergen"]) is None


@pytest.mark.asvs("6.2.9")
def test_password_longer_than_the_limit_is_refused_not_cut() -> None:
    assert password_fault("x1y2z3" * 43, "berit") == "password_long"


@pytest.mark.asvs("6.4.1", "11.5.1")
def test_one_time_password_has_128_bits_and_is_never_the_same() -> None:
    passwords = {new_one_time_password() for _ in range(5)}
    assert len(passwords) == 5
    for password in passwords:
        assert len(password.replace("-", "")) * 5 >= 128
        assert password_fault(password, "berit") is None


@pytest.fixture
async def first_time(browser: Browser, world: World) -> tuple[Desk, str]:
    """Somebody who was given a one-time password."""
    desk, password = Desk(browser), new_one_time_password()
    async with world.transaction() as session:
        await add_staff(session, "berit", password, ["koordinator"], ["link-bergen"], desk.now, one_time=True)
    return desk, password


@pytest.mark.asvs("6.2.6", "6.2.7")
async def test_one_time_password_opens_only_the_choice_of_another(first_time: tuple[Desk, str]) -> None:
    desk, password = first_time
    assert (await desk.sign_in(password)).headers["location"] == f"{ACCOUNT}/passord"
    for page in PAGES:
        assert (await desk.open(page)).headers["location"] == f"{ACCOUNT}/passord"
    choice = await desk.open(f"{ACCOUNT}/passord")
    assert "Velg ditt eget passord" in choice.text
    assert 'autocomplete="new-password"' in choice.text
    done = await desk.browser.press(choice, "/passord", new=NEW_PASSWORD, repeated=NEW_PASSWORD)
    assert (done.status_code, done.headers["location"]) == (303, "/stab/")
    assert await desk.is_signed_in()
    other = another(desk)
    assert (await other.sign_in(password)).status_code == 422
    assert (await other.sign_in(NEW_PASSWORD)).status_code == 303


@pytest.mark.asvs("6.4.1")
async def test_one_time_password_is_never_kept_as_the_own(first_time: tuple[Desk, str], world: World) -> None:
    desk, password = first_time
    await desk.sign_in(password)
    choice = await desk.open(f"{ACCOUNT}/passord")
    kept = await desk.browser.press(choice, "/passord", new=password, repeated=password)
    assert kept.status_code == 422
    assert "det samme passordet" in kept.text
    assert password not in kept.text
    assert (await desk.open("/stab/")).headers["location"] == f"{ACCOUNT}/passord"
    assert await world.count("staff_users", "one_time_until is not null") == 1


@pytest.mark.asvs("6.4.1")
@pytest.mark.parametrize("hours", [72, 73, 100, 24 * 30, 24 * 365])
async def test_one_time_password_is_void_after_three_days(first_time: tuple[Desk, str], hours: int) -> None:
    desk, password = first_time
    desk.pass_time(timedelta(hours=hours))
    answer = await desk.sign_in(password)
    assert answer.status_code == 422
    assert "Engangspassordet gikk ut" in answer.text
    assert "Engangspassordet" not in (await desk.sign_in(f"{password}x")).text


async def test_one_time_password_works_until_three_days(first_time: tuple[Desk, str]) -> None:
    desk, password = first_time
    desk.pass_time(timedelta(hours=71, minutes=59))
    assert (await desk.sign_in(password)).status_code == 303


@pytest.mark.asvs("6.2.3")
@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"current": "feil", "new": NEW_PASSWORD, "repeated": NEW_PASSWORD}, "Passordet stemmer ikke"),
        ({"current": "", "new": NEW_PASSWORD, "repeated": NEW_PASSWORD}, "Passordet stemmer ikke"),
        ({"current": PASSWORD, "new": "kort", "repeated": "kort"}, "minst 12 tegn"),
        ({"current": PASSWORD, "new": "Password1234", "repeated": "Password1234"}, "Mange bruker"),
        ({"current": PASSWORD, "new": "beritberit12", "repeated": "beritberit12"}, "lett å gjette"),
        ({"current": PASSWORD, "new": NEW_PASSWORD, "repeated": PASSWORD}, "ikke like"),
        ({"current": PASSWORD, "new": PASSWORD, "repeated": PASSWORD}, "det samme passordet"),
    ],
)
async def test_change_of_password_with_a_fault_changes_nothing(
    browser: Browser, world: World, fields: dict[str, str], sentence: str
) -> None:
    await add_berit(world, "link-bergen")
    desk = Desk(browser)
    await desk.sign_in()
    before = await world.rows("select password_hash from staff_users")
    answer = await desk.send(f"{ACCOUNT}/passord", **fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert await world.rows("select password_hash from staff_users") == before
    assert all(value not in answer.text for value in fields.values() if len(value) > 5)


@pytest.mark.asvs("6.2.2", "7.4.3")
async def test_changed_password_ends_other_sessions_and_renews_this(browser: Browser, world: World) -> None:
    await add_berit(world, "link-bergen")
    desk, other = Desk(browser), another(Desk(browser))
    await desk.sign_in()
    await other.sign_in()
    old = desk.cookies()["selvhjelp"]
    done = await desk.send(f"{ACCOUNT}/passord", current=PASSWORD, new=NEW_PASSWORD, repeated=NEW_PASSWORD)
    assert (done.status_code, done.headers["location"]) == (303, ACCOUNT)
    assert desk.cookies()["selvhjelp"] != old
    assert await desk.is_signed_in()
    assert not await other.is_signed_in()
    assert await world.count("staff_sessions") == 1


@pytest.mark.asvs("6.2.8")
async def test_password_is_compared_whole(browser: Browser, world: World) -> None:
    long = "a1b2c3d4e5f6g7h8" * 16
    await add_berit(world, "link-bergen", password=long)
    desk = Desk(browser)
    for wrong in (long[:-1], f"{long}x", long * 2, long.upper(), f" {long}"):
        assert (await desk.sign_in(wrong)).status_code == 422
    desk.pass_time(timedelta(minutes=1))
    assert (await desk.sign_in(long)).status_code == 303
