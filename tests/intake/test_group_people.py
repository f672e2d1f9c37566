"""The people of a group, and the contact sheet."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from intake.handlers import consumers
from intake.store import inbox
from intake.usecases.group_events import delete_old_meetings
from shared.events import group_life, groups
from shared.events.base import GroupEvent
from tests.intake.support.browser import Browser
from tests.intake.support.world import World
from tests.shared.support.plain import without_tokens

GROUP = UUID(int=70)
PAGE = f"/stab/grupper/{GROUP}/personer"
SHEET = f"{PAGE}/kontaktark"


async def deliver(world: World, *events: GroupEvent) -> None:
    consumer = next(consumer for consumer in consumers(world.clock) if consumer.durable == "intake-groups")
    for event in [event for event in events for _ in range(2)]:
        async with world.transaction() as session:
            await consumer.handle(session, inbox, event)


def of_group(world: World, kind: type[GroupEvent], version: int, **fields: Any) -> Any:
    return kind(
        event_id=uuid4(),
        occurred_at=world.clock.now(),
        correlation_id=uuid4(),
        group_id=GROUP,
        version=version,
        centre="link-bergen",
        area="bergen",
        **fields,
    )


async def seat(world: World, signup_id: UUID) -> groups.Seat:
    return groups.Seat(seat_id=uuid4(), signup_id=signup_id, person_id=await world.person_of(signup_id), language="nb")


def meeting(world: World, version: int, days: float) -> groups.MeetingCalled:
    starts_at = world.clock.now() + timedelta(days=days)
    event: groups.MeetingCalled = of_group(
        world,
        groups.MeetingCalled,
        version,
        meeting_id=UUID(int=71),
        sequence=0,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        place_text="Storgata 1",
        seats=(),
    )
    return event


async def a_group(world: World) -> list[UUID]:
    """Kari by mail and Ola by phone have said yes; Eva has an offer."""
    signup_ids = [
        await world.confirmed(mobile="+4791234567"),
        await world.confirmed(email="ola@example.org", first_name="Ola"),
        await world.confirmed(email="eva@example.org", first_name="Eva"),
    ]
    seats = [await seat(world, signup_id) for signup_id in signup_ids]
    await deliver(
        world,
        *(of_group(world, groups.SeatTaken, 1 + number, seat=seats[number]) for number in range(2)),
        of_group(
            world, groups.SeatOffered, 3, seat=seats[2], slot="tue-evening", spoken_language="nb", size=3,
            deadline=world.clock.now() + timedelta(days=3),
        ),
    )  # fmt: skip
    return [seat.person_id for seat in seats]


async def test_people_of_group_are_shown_and_recorded(browser: Browser, world: World) -> None:
    person_ids = await a_group(world)
    browser.sign_in_as_member("link-bergen")
    text = (await browser.get(PAGE)).text
    for word in ("Kari", "Ola", "Eva", "+4791234567", "tel:+4791234567", "ola@example.org", "Har tilbud om plass"):
        assert word in text
    assert f'href="/stab/grupper/{GROUP}"' in text
    for person_id in person_ids:
        assert f'href="/stab/personer/{person_id}"' in text
    assert [("berit", "group.people_viewed", str(GROUP))] == await world.audit_entries()
    assert await world.count("contact_readings", "reader = 'berit' and purpose = 'list'") == 3
    person = (await browser.get(f"/stab/personer/{person_ids[0]}")).text
    assert f'href="/stab/grupper/{GROUP}"' in person
    assert 'href="/stab/omrader/bergen/personer/' in person


@pytest.mark.parametrize("path", [PAGE, SHEET])
async def test_people_of_other_centres_group_are_404(browser: Browser, world: World, path: str) -> None:
    await a_group(world)
    browser.sign_in_as_member("link-oslo")
    assert (await browser.get(path)).status_code == 404
    browser.sign_in_as_member("link-bergen", roles=["admin"])
    assert (await browser.get(path)).status_code == 403
    assert await world.count("contact_readings") == 0


@pytest.mark.parametrize(("days", "is_open"), [(7.1, False), (7, True), (1, True), (0, True), (-3, True), (30, False)])
async def test_sheet_opens_seven_days_before_the_meeting(
    browser: Browser, world: World, days: float, is_open: bool
) -> None:
    await a_group(world)
    await deliver(world, meeting(world, 5, days))
    browser.sign_in_as_member("link-bergen")
    text = (await browser.get(SHEET)).text
    assert ("Kari" in without_tokens(text)) == is_open
    assert ("kontaktark" in (await browser.get(PAGE)).text) == is_open
    if is_open:
        assert "kari@example.org" in text
        assert "+4791234567" not in text
        assert "Eva" not in without_tokens(text)
        assert ("berit", "group.sheet_viewed", str(GROUP)) in await world.audit_entries()


async def test_sheet_of_postponed_meeting_is_closed_in_any_order(browser: Browser, world: World) -> None:
    await a_group(world)
    postponed = of_group(
        world, groups.MeetingPostponed, 6, meeting_id=UUID(int=71), sequence=1, starts_at=world.clock.now(), seats=()
    )
    await deliver(world, postponed, meeting(world, 5, 3))
    browser.sign_in_as_member("link-bergen")
    assert "Kari" not in without_tokens((await browser.get(SHEET)).text)
    await deliver(world, meeting(world, 7, 3))
    assert "Kari" in (await browser.get(SHEET)).text


@pytest.mark.parametrize("path", [PAGE, SHEET])
async def test_nobody_is_shown_after_the_handover(browser: Browser, world: World, path: str) -> None:
    """Also where members are kept for a return visit, nobody looks at who they are."""
    await a_group(world)
    browser.sign_in_as_member("link-bergen")
    assert (await browser.get(PAGE)).status_code == 200
    recorded = await world.count("audit_log")

    handed_over = of_group(
        world,
        group_life.HandedOver,
        90,
        by="members",
        handed_over_at=world.clock.now(),
        memory="sealed_alias",
        return_id=uuid4(),
        followed_up=True,
        size=3,
        seats=(),
    )
    await deliver(world, handed_over)

    assert (await browser.get(path)).status_code == 404
    assert await world.count("audit_log") == recorded


async def test_old_meetings_are_deleted(world: World) -> None:
    await deliver(world, meeting(world, 5, 3))
    for days, left in ((30, 1), (2, 0)):
        world.later(days=days)
        async with world.transaction() as session:
            await delete_old_meetings(session, world.centres, world.clock.now())
        assert await world.count("group_meetings") == left
