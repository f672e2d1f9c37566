"""Accounts of igangsettere: their part in the register, and their own pages."""

from itertools import permutations
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI

from grouping.store import Igangsetter, IgangsetterAccount
from shared.events.people import Erased, IgangsetterChanged
from shared.kit.messaging.causes import Cause
from shared.kit.staff import StaffMember
from tests.grouping.support.browser import KARI, Browser, words
from tests.grouping.support.pages import IGANGSETTER, IGANGSETTERE
from tests.grouping.support.world import World

TIMES: dict[str, str | list[str]] = {name: value for name, value in IGANGSETTER.items() if name != "centre"}


def changed(
    account_id: UUID, version: int = 1, *, active: bool = True, centre: str = "link-bergen", by_mail: bool = True
) -> IgangsetterChanged:
    return IgangsetterChanged.model_validate(
        {
            "event_id": uuid4(),
            "occurred_at": "2026-01-05T11:00:00Z",
            "correlation_id": uuid4(),
            "account_id": account_id,
            "version": version,
            "centre": centre,
            "active": active,
            "by_mail": by_mail,
            "language": "nb",
        }
    )


def erased(account_id: UUID, world: World) -> Erased:
    return Erased(**Cause.fresh().stamp(Erased, account_id, world.clock.now()), person_id=account_id, signup_ids=())


def helper(account_id: UUID, centre: str = "link-bergen") -> StaffMember:
    return StaffMember(str(account_id), frozenset({"igangsetter"}), frozenset({centre}), f"session-{account_id}")


async def registered(world: World, app: FastAPI) -> Igangsetter:
    """Register an igangsetter as staff do, without an account."""
    await Browser(app, KARI).press(f"{IGANGSETTERE}/ny", f"{IGANGSETTERE}/ny", **IGANGSETTER)
    row: Igangsetter = (await world.rows(Igangsetter))[0]
    return row


async def test_account_events_in_any_order_leave_the_newest_state(world: World) -> None:
    for order in permutations((1, 2, 3)):
        account_id = uuid4()
        for version in order:
            await world.deliver(changed(account_id, version, active=version != 2))
        (row,) = [row for row in await world.rows(IgangsetterAccount) if row.igangsetter_id == account_id]
        assert (row.version, row.active) == (3, True)


async def test_account_takes_over_who_staff_have_registered(world: World, app: FastAPI) -> None:
    row = await registered(world, app)
    await world.deliver(changed(row.id))
    page = await Browser(app, helper(row.id)).get("/igangsetter/tider")
    for value in ("KN", "5003 Bergen", "20"):
        assert f'value="{value}"' in page.text
    text = words(await Browser(app, KARI).get(f"{IGANGSETTERE}/{row.id}"))
    assert "Har egen konto, og får spørsmål" in text


async def test_account_of_other_centre_touches_no_register(world: World, app: FastAPI) -> None:
    row = await registered(world, app)
    await world.deliver(changed(row.id, centre="link-oslo", active=False))
    assert await world.rows(IgangsetterAccount) == []
    (same,) = await world.rows(Igangsetter)
    assert same.active


async def test_closed_account_takes_no_new_groups_until_it_is_open(world: World, app: FastAPI) -> None:
    row = await registered(world, app)
    for version, active in ((1, True), (2, False), (3, True)):
        await world.deliver(changed(row.id, version, active=active))
        (now,) = await world.rows(Igangsetter)
        assert now.active == active


async def test_pause_of_staff_outlives_a_change_of_the_account(world: World, app: FastAPI) -> None:
    row = await registered(world, app)
    await Browser(app, KARI).press(f"{IGANGSETTERE}/{row.id}", f"{IGANGSETTERE}/{row.id}/pause")
    await world.deliver(changed(row.id))
    (now,) = await world.rows(Igangsetter)
    assert not now.active


async def test_erased_igangsetter_leaves_the_register_and_stays_away(world: World, app: FastAPI) -> None:
    row = await registered(world, app)
    for event in (changed(row.id), erased(row.id, world), changed(row.id, 2), erased(row.id, world)):
        await world.deliver(event)
    assert await world.rows(Igangsetter) == []
    assert await world.rows(IgangsetterAccount) == []


async def test_own_times_register_an_igangsetter_by_themselves(world: World, app: FastAPI) -> None:
    account_id = uuid4()
    await world.deliver(changed(account_id))
    reader = Browser(app, helper(account_id))
    assert "Fortell først når og hvor du kan" in words(await reader.get("/igangsetter"))
    answer = await reader.press("/igangsetter/tider", "/igangsetter/tider", **TIMES)
    assert (answer.status_code, answer.headers["location"]) == (303, "/igangsetter?gjort=tider")
    (row,) = await world.rows(Igangsetter)
    assert (row.id, row.label, row.centre, row.groups_at_once) == (account_id, "KN", "link-bergen", 2)
    assert "Tidene dine er lagret." in words(await reader.get("/igangsetter?gjort=tider"))
    await reader.press("/igangsetter/tider", "/igangsetter/tider", **(TIMES | {"reach_km": "50"}))
    (row,) = await world.rows(Igangsetter)
    assert row.reach_km == 50
    await reader.press("/igangsetter", "/igangsetter/pause")
    (row,) = await world.rows(Igangsetter)
    assert not row.active
    await reader.press("/igangsetter", "/igangsetter/tilbake")
    (row,) = await world.rows(Igangsetter)
    assert row.active


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"label": ""}, "Skriv noe senteret kjenner deg igjen på."),
        ({"label": "iga@example.org"}, "Skriv initialer eller et kallenavn"),
        ({"place": "xyzzy"}, "Vi finner ikke stedet."),
        ({"slots": []}, "Kryss av for minst én tid."),
        ({"languages": []}, "Kryss av for minst ett språk."),
        ({"groups_at_once": "0"}, "må være minst 1."),
    ],
)
async def test_own_times_explain_and_keep_what_was_typed(
    world: World, app: FastAPI, fields: dict[str, str | list[str]], said: str
) -> None:
    account_id = uuid4()
    await world.deliver(changed(account_id))
    reader = Browser(app, helper(account_id))
    answer = await reader.press("/igangsetter/tider", "/igangsetter/tider", **(TIMES | fields))
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="20"' in answer.text
    assert await world.rows(Igangsetter) == []


@pytest.mark.parametrize("member", ["nobody", "koordinator", "closed", "stranger"])
async def test_own_pages_are_for_the_igangsetter_only(world: World, app: FastAPI, member: str) -> None:
    account_id = uuid4()
    await world.deliver(changed(account_id, active=member != "closed"))
    who = {
        "nobody": None,
        "koordinator": KARI,
        "closed": helper(account_id),
        "stranger": helper(uuid4()),
    }[member]
    reader = Browser(app, who)
    if member in ("nobody", "koordinator"):
        answer = await reader.get("/igangsetter/tider")
        assert answer.status_code == (303 if who is None else 403)
        if who is None:
            assert answer.headers["location"] == "/igangsetter/logg-inn"
    else:
        # Intake gives a closed account no session; should one be left for a minute, it changes nothing.
        answer = await reader.press("/igangsetter/tider", "/igangsetter/tider", **TIMES)
        assert answer.status_code == 404
    assert await world.rows(Igangsetter) == []
