"""Limits by network: shared by copies, kept over restarts, and never a lock for those who have done nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from intake import jobs
from intake.app import build, warn_of_callers
from intake.domain.networks import is_private
from intake.usecases import network_limits
from selvhjelp.operations.checks.callers import check_callers
from shared.kit.staff import wall_now
from shared.reference.limits import ALIKE_FACTOR, ALIKE_FORMS, SIGNUPS
from tests.intake.support.browser import Browser, add_berit, limit, settings
from tests.intake.support.world import World
from tests.intake.test_api import body
from tests.intake.test_staff import sign_in

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
FLOOD, NEIGHBOUR, PROXY = "203.0.113.9", "198.51.100.7", "172.18.0.1"


async def take(world: World, address: str, now: datetime = NOON, figure: int = 3) -> network_limits.Headroom:
    return await network_limits.take(world.db, world.vault, SIGNUPS, figure, address, now=now)


@pytest.mark.parametrize(
    ("address", "near"),
    [
        *[
            (address, True)
            for address in ("127.0.0.1", PROXY, "10.1.2.3", "192.168.0.9", "100.64.0.1", "fd00::1", "", None)
        ],
        *[(address, False) for address in (FLOOD, NEIGHBOUR, "193.157.1.1", "2001:700::1")],
    ],
)
def test_is_private_is_true_for_what_only_a_proxy_has(address: str | None, near: bool) -> None:
    assert is_private(address) == near


async def test_take_refuses_one_network_and_no_other(world: World) -> None:
    await take(world, NEIGHBOUR)
    rooms = [await take(world, f"203.0.113.{n}", NOON + timedelta(minutes=n)) for n in range(5)]
    assert [room.wait_seconds for room in rooms] == [0, 0, 0, 7 * 60 + 1, 6 * 60 + 1]
    assert (await take(world, NEIGHBOUR)).wait_seconds == 0
    assert (await take(world, FLOOD, NOON + timedelta(minutes=10, seconds=1))).wait_seconds == 0


async def test_take_counts_over_midnight(world: World) -> None:
    midnight = datetime(2026, 11, 27, tzinfo=UTC)
    await take(world, NEIGHBOUR, midnight)
    for minutes in (-3, -2, 1):
        assert (await take(world, FLOOD, midnight + timedelta(minutes=minutes))).wait_seconds == 0
    assert (await take(world, FLOOD, midnight + timedelta(minutes=2))).wait_seconds == 5 * 60 + 1


@pytest.mark.parametrize(("address", "others"), [(FLOOD, False), (PROXY, True), (PROXY, False)])
async def test_take_where_all_look_alike_has_a_larger_limit(world: World, address: str, others: bool) -> None:
    if others:
        await take(world, NEIGHBOUR)
    rooms = [await take(world, address, figure=2) for _ in range(2 * ALIKE_FACTOR + 1)]
    assert [room.wait_seconds for room in rooms[:-1]] == [0] * (2 * ALIKE_FACTOR)
    assert rooms[-1].wait_seconds
    assert all(room.alike for room in rooms)


@pytest.mark.parametrize(
    "before", [timedelta(minutes=11), timedelta(hours=8), timedelta(hours=13), timedelta(hours=35)]
)
async def test_take_of_one_who_is_alone_at_night_has_the_usual_limit(world: World, before: timedelta) -> None:
    await take(world, NEIGHBOUR, NOON - before)
    rooms = [await take(world, FLOOD, figure=2) for _ in range(3)]
    assert [bool(room.wait_seconds) for room in rooms] == [False, False, True]
    assert not any(room.alike for room in rooms)


async def test_guesses_of_one_network_are_429_though_no_other_guesses(browser: Browser, world: World) -> None:
    await add_berit(world)
    await take(world, NEIGHBOUR, wall_now())
    await limit(browser, alone=True, sign_in_limit=2)
    assert [await sign_in(browser, "feil") for _ in range(4)] == [422, 422, 429, 429]


async def test_limit_is_shared_by_copies_and_kept_over_restarts(world: World) -> None:
    def copy() -> Browser:
        return Browser(build(settings(world, signups_per_address=2), world.clock), FLOOD)

    first = copy()
    await limit(first, signup_limit=2)
    visitors = [first, copy(), copy()]
    codes = [
        (await visitor.post_json(await body(visitor, email=f"kari{n}@example.org"))).status_code
        for n, visitor in enumerate(visitors)
    ]
    for visitor in visitors:
        await visitor.close()
    assert codes == [202, 202, 429]


async def test_limit_rows_hold_no_address_and_go_with_the_window(world: World) -> None:
    await take(world, FLOOD)
    await take(world, FLOOD, NOON + timedelta(days=1))
    hashes = await world.rows("select distinct key_hash from limit_hits")
    assert len(hashes) == 2, "the hash of a network is another one each day"
    ((text,),) = await world.rows("select string_agg(h::text || c::text, '') from limit_hits h, caller_networks c")
    assert "203.0.113" not in text
    assert b"203.0.113".hex() not in text
    async with world.transaction() as session:
        await network_limits.delete_old(session, now=NOON, wall=NOON + timedelta(days=1, minutes=5))
    assert (await world.count("limit_hits"), await world.count("caller_networks")) == (1, 2)
    async with world.transaction() as session:
        await network_limits.delete_old(session, now=NOON, wall=NOON + timedelta(days=2, minutes=11))
    assert (await world.count("limit_hits"), await world.count("caller_networks")) == (0, 1)
    await next(job for job in jobs.CLEANUPS if job.name == "delete_limit_hits").run(world.jobs)


@pytest.mark.asvs("2.4.1")
async def test_flood_of_forms_stops_neither_staff_nor_neighbours(browser: Browser, world: World) -> None:
    await add_berit(world)
    await limit(browser, signup_limit=1, sign_in_limit=1)
    assert await sign_in(browser) == 303
    codes = [(await browser.post_json(await body(browser, email=f"k{n}@example.org"))).status_code for n in range(3)]
    assert codes == [202, 429, 429]
    await browser.app.state.service.security.flush()
    assert await world.rows("select reason, sum(count) from security_events where kind = 'limit_hit' group by 1") == [
        ("signups", 2)
    ]
    assert (await browser.get("/-/session/intake")).status_code == 204, "a session is not asked for its network"
    assert await sign_in(browser) == 303, "a right password counts for nothing"


async def test_callers_are_alike_after_many_forms_of_one_network(world: World) -> None:
    async def alike(now: datetime = NOON) -> bool:
        async with world.transaction() as session:
            return await network_limits.all_callers_alike(session, now)

    assert not await alike()
    for _ in range(ALIKE_FORMS):
        assert not await alike()
        await take(world, PROXY, figure=100)
    assert await alike()
    assert await alike(NOON + timedelta(days=1))
    await take(world, NEIGHBOUR)
    assert not await alike()


async def test_overview_tells_admins_that_all_callers_look_alike(browser: Browser, world: World) -> None:
    browser.sign_in_as_member("link-bergen", roles=["koordinator", "admin"])
    assert "TRUSTED_PROXIES" not in (await browser.get("/stab/")).text
    for _ in range(ALIKE_FORMS):
        await take(world, PROXY, wall_now(), figure=100)
    assert "TRUSTED_PROXIES" in (await browser.get("/stab/")).text
    browser.sign_in_as_member("link-bergen")
    assert "TRUSTED_PROXIES" not in (await browser.get("/stab/")).text


async def test_start_and_check_report_that_all_callers_look_alike(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(ALIKE_FORMS):
        await take(world, PROXY, wall_now(), figure=100)
    await warn_of_callers(world.db)
    assert "callers_alike" in capsys.readouterr().out
    async with world.transaction() as session:
        (finding,) = await check_callers(session)
    assert (finding.level, "TRUSTED_PROXIES" in finding.remedy) == ("warning", True)
    await take(world, NEIGHBOUR, wall_now())
    async with world.transaction() as session:
        assert await check_callers(session) == []
