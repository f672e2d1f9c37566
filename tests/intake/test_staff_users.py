"""Admins at the accounts of others: what they may do, what it ends, and that they never get more than they have."""

import asyncio
import re
from typing import Any

import httpx
import pytest

from intake.domain.sign_in import FRESH, Proof
from intake.domain.staff import Access, fault_of_act, fault_of_change, fault_of_entry
from intake.store import staff, staff_sessions
from intake.usecases import staff_access as commands
from intake.usecases import staff_sessions as sessions
from intake.usecases.staff import add_staff
from shared.errors import DomainError, NotFoundError
from shared.kit.audit import Actor
from shared.kit.messaging.causes import Cause
from shared.kit.staff import wall_now
from tests.intake.support.browser import Browser
from tests.intake.support.staff import NEW_PASSWORD, PASSWORD, Desk, another
from tests.intake.support.world import World

USERS = "/stab/brukere"
BERGEN, OSLO = "link-bergen", "link-oslo"


def access(roles: str, *centres: str) -> Access:
    return Access.of(roles.split(), centres, all_centres=not centres)


async def add(world: World, username: str, roles: str, *centres: str) -> str:
    """Add a user with a password of their own; return the id."""
    async with world.transaction() as session:
        now = world.clock.now()
        await add_staff(session, username, PASSWORD, roles.split(), centres, now, all_centres=not centres)
        user = await staff.get(session, username)
        assert user is not None
        return str(user.user_id)


@pytest.fixture
async def desk(browser: Browser, world: World) -> Desk:
    """An admin of Bergen who also coordinates there, signed in."""
    await add(world, "berit", "koordinator admin", BERGEN)
    desk = Desk(browser)
    await desk.sign_in()
    return desk


async def press(desk: Desk, user_id: str, act: str, **fields: Any) -> httpx.Response:
    return await desk.send(f"{USERS}/{user_id}/{act}", f"/{act}", **fields)


@pytest.mark.parametrize(
    ("admin", "user", "own", "acts", "enters"),
    [
        (access("admin", BERGEN), access("leser", BERGEN), False, "", "staff_more_roles"),
        (access("admin leser", BERGEN), access("leser", BERGEN), False, "", ""),
        (access("admin leser", BERGEN), access("leser", BERGEN, OSLO), False, "staff_beyond", "staff_more_roles"),
        (access("admin leser", BERGEN), access("leser"), False, "staff_beyond", "staff_more_roles"),
        (access("admin"), access("admin", OSLO), False, "", ""),
        (access("admin"), access("koordinator"), False, "", "staff_more_roles"),
        (access("admin"), access("admin"), True, "staff_own", ""),
    ],
)
def test_admin_enters_only_what_own_access_includes(
    admin: Access, user: Access, own: bool, acts: str, enters: str
) -> None:
    assert fault_of_act(admin, user, own=own) == acts
    assert fault_of_entry(admin, user, second_factor_stays=False) == enters
    assert not fault_of_entry(admin, user, second_factor_stays=True)


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        (access("leser", BERGEN), access("admin", BERGEN), ""),
        (access("leser", BERGEN), access("koordinator", BERGEN), "staff_more_roles"),
        (access("koordinator", BERGEN), access("koordinator admin", BERGEN), ""),
        (access("leser", BERGEN), access("leser", BERGEN, OSLO), "staff_beyond"),
        (access("leser", BERGEN), access("leser"), "staff_beyond"),
        (access("koordinator leser", BERGEN), access("leser", BERGEN), ""),
    ],
)
def test_change_gives_nothing_that_the_admin_lacks(before: Access, after: Access, fault: str) -> None:
    assert fault_of_change(access("admin", BERGEN), before, after) == fault


@pytest.mark.asvs("6.4.3", "7.4.5")
async def test_one_time_password_by_admin_opens_the_account_again(desk: Desk, world: World) -> None:
    user_id = await add(world, "ola", "koordinator", BERGEN)
    ola = another(desk)
    await ola.sign_in(username="ola")
    assert await ola.is_signed_in()
    page = await press(desk, user_id, "passord")
    found = re.search(r"<code>([a-z2-7-]+)</code>", page.text)
    assert found, page.status_code
    assert not await ola.is_signed_in()
    assert (await ola.sign_in(username="ola")).status_code == 422
    answer = await ola.sign_in(found[1], username="ola")
    assert answer.headers["location"] == "/stab/konto/passord"
    await ola.send("/stab/konto/passord", new=NEW_PASSWORD, repeated=NEW_PASSWORD)
    assert await ola.is_signed_in()
    account = await ola.open("/stab/konto")
    assert "Laget et engangspassord til brukeren (berit)" in account.text
    assert [("berit", "staff.password_reset", user_id)] == await world.audit_entries()
    events = await world.rows("select kind, reason, account from security_events where reason = 'admin'")
    assert [tuple(row) for row in events] == [("credential_reset", "admin", "ola")]


async def test_factors_removed_by_admin_leave_the_password(desk: Desk, world: World) -> None:
    user_id = await add(world, "ola", "koordinator", BERGEN)
    ola = another(desk)
    await ola.sign_in(username="ola")
    app, _ = await ola.add_app()
    assert (await press(desk, user_id, "sikring")).status_code == 303
    assert not await ola.is_signed_in()
    assert (await ola.sign_in(username="ola")).headers["location"] == "/stab/"
    assert app is not None
    assert [("berit", "staff.factors_removed", user_id)] == await world.audit_entries()


@pytest.mark.parametrize(
    ("act", "action", "stays"), [("okter", "staff.sessions_ended", True), ("steng", "staff.disabled", False)]
)
async def test_session_ended_by_admin_is_dead_at_once(
    desk: Desk, world: World, act: str, action: str, stays: bool
) -> None:
    user_id = await add(world, "ola", "koordinator", BERGEN)
    ola = another(desk)
    await ola.sign_in(username="ola")
    assert (await press(desk, user_id, act)).status_code == 303
    assert not await ola.is_signed_in()
    assert ((await ola.sign_in(username="ola")).status_code == 303) is stays
    assert [("berit", action, user_id)] == await world.audit_entries()
    if not stays:
        assert (await press(desk, user_id, "apne")).status_code == 303
        assert (await ola.sign_in(username="ola")).status_code == 303
        assert (await world.audit_entries())[-1] == ("berit", "staff.enabled", user_id)


async def test_access_changed_by_admin_holds_from_the_next_sign_in(desk: Desk, world: World) -> None:
    user_id = await add(world, "ola", "koordinator", BERGEN)
    ola = another(desk)
    await ola.sign_in(username="ola")
    assert (await press(desk, user_id, "tilgang", roles=["admin"], centres=[BERGEN])).status_code == 303
    assert not await ola.is_signed_in()
    await ola.sign_in(username="ola")
    assert (await ola.open("/stab/personer")).status_code == 403
    assert (await ola.open(USERS)).status_code == 200
    ((scope, details),) = await world.rows("select scope, details from audit_log")
    assert (scope, details) == (BERGEN, {"roles": "admin", "centres": BERGEN})
    assert (await press(desk, user_id, "tilgang", roles=["admin"], centres=[BERGEN])).status_code == 303
    assert await world.count("audit_log") == 1


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"roles": ["admin"], "centres": [OSLO]}, 409),
        ({"roles": ["admin"], "centres": [BERGEN, OSLO]}, 409),
        ({"roles": ["admin"], "centres": [], "all_centres": "true"}, 409),
        ({"roles": ["leser", "admin"], "centres": [BERGEN]}, 409),
        ({"roles": ["igangsetter"], "centres": [BERGEN]}, 404),
        ({"roles": ["sjef"], "centres": [BERGEN]}, 404),
        ({"roles": ["admin"], "centres": ["ingen"]}, 404),
        ({"roles": [], "centres": [BERGEN]}, 422),
        ({"roles": ["admin"], "centres": []}, 422),
    ],
)
async def test_access_beyond_the_admin_is_refused(
    desk: Desk, world: World, fields: dict[str, Any], status: int
) -> None:
    user_id = await add(world, "ola", "koordinator", BERGEN)
    assert (await press(desk, user_id, "tilgang", **fields)).status_code == status
    ((roles, centres),) = await world.rows("select roles, centres from staff_users where username = 'ola'")
    assert (roles, centres) == (["koordinator"], [BERGEN])
    assert await world.count("audit_log") == 0


@pytest.mark.asvs("8.2.2")
async def test_admin_sees_users_of_own_centres_only(desk: Desk, world: World) -> None:
    await add(world, "ola", "leser", BERGEN)
    both = await add(world, "begge", "leser", BERGEN, OSLO)
    other = await add(world, "annen", "leser", OSLO)
    page = (await desk.open(USERS)).text
    assert "ola" in page
    assert "begge" in page
    assert "annen" not in page
    assert (await desk.open(f"{USERS}/{other}")).status_code == 404
    shown = (await desk.open(f"{USERS}/{both}")).text
    assert "sentre som du ikke har" in shown
    for act in ("passord", "sikring", "okter", "steng", "apne", "tilgang"):
        asked = await press(desk, both, act, roles=["leser"], centres=[BERGEN])
        assert (act, 409) == (act, asked.status_code)
    assert await world.count("audit_log") == 0


async def test_admin_never_acts_on_the_own_account(desk: Desk, world: World) -> None:
    user_id = await add(world, "berit", "koordinator admin", BERGEN)
    await desk.sign_in()
    for act in ("passord", "sikring", "okter", "steng", "apne", "tilgang"):
        answer = await press(desk, user_id, act, roles=["admin"], centres=[BERGEN])
        assert (act, 409) == (act, answer.status_code)
    assert await desk.is_signed_in()


async def test_admin_proves_anew_before_an_act(desk: Desk, world: World) -> None:
    user_id = await add(world, "ola", "koordinator", BERGEN)
    desk.pass_time(FRESH * 2)
    answer = await desk.open(f"{USERS}/{user_id}/passord")
    assert answer.headers["location"] == f"/stab/konto/bekreft?til={USERS}"


async def test_two_admins_who_disable_each_other_leave_one(world: World) -> None:
    await add(world, "anne", "admin", BERGEN)
    await add(world, "berit", "admin", BERGEN)

    async def disable(admin: str, other: str) -> bool:
        try:
            async with world.transaction() as session:
                user = await staff.get(session, other)
                assert user is not None
                await commands.disable(session, user, actor=Actor(admin, world.clock.now(), Cause.fresh()))
        except NotFoundError:
            return False
        return True

    done = await asyncio.gather(disable("anne", "berit"), disable("berit", "anne"))
    assert sorted(done) == [False, True]
    assert (await world.rows("select count(*) from staff_users where disabled_at is null"))[0][0] == 1


async def test_admin_without_the_role_resets_only_behind_a_second_factor(world: World) -> None:
    """An admin who sees no participant would see them with the password of a coordinator without a second factor."""
    await add(world, "anne", "admin", BERGEN)
    await add(world, "ola", "koordinator", BERGEN)
    actor = Actor("anne", world.clock.now(), Cause.fresh())
    async with world.transaction() as session:
        user = await staff.get(session, "ola")
        assert user is not None
        await sessions.begin(session, "ola", Proof.PASSWORD, now=wall_now())
        for refused in (
            commands.give_password(session, user, "-", wall=wall_now(), actor=actor),
            commands.remove_factors(session, user, actor=actor),
            commands.enable(session, user, actor=actor),
        ):
            with pytest.raises(DomainError, match="staff_more_roles"):
                await refused
        assert len(await staff_sessions.of_user(session, "ola")) == 1
