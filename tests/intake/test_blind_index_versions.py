"""The key of the blind indexes is replaced: every row is found under the new one, and an address stays one person."""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from intake.jobs import compute_indexes
from intake.store import MeetingGuest, meeting_guests, people, sealed_addresses
from intake.usecases import sealed_addresses as sealed
from intake.usecases.blind_indexes import SETTLED_AFTER
from intake.vault.blind_index import BlindIndex
from intake.vault.kek import Kek
from intake.vault.vault import Vault
from shared.kit.keys import KeyVersion, Ring
from shared.kit.staff import wall_now
from tests.intake.support.world import INDEX_KEY, KEK, World

OLD = KeyVersion(0, None, INDEX_KEY.get_secret_value().encode())
ADDRESSES = ["kari@example.org", "ola@example.org", "per@example.org", "siri@example.org", "anne@example.org"]
INDEXES = "address_index is not null and substr(address_index, 1, 2) = '\\x0001' and length(address_index) = 34"


def replaced(world: World, *versions: KeyVersion) -> None:
    """Let the world's vault read a key file with these versions."""
    vault = world.vault
    vault._index_ring = Ring("blind_index_key", "\n".join(map(str, versions)))


def new(made: date | None = None) -> KeyVersion:
    return KeyVersion.new(1, made or wall_now().date())


async def test_people_are_found_under_the_new_key_and_no_other(world: World) -> None:
    signups = {email: await world.confirmed(email=email, mobile="91234567") for email in ADDRESSES}
    waiting = await world.signed_up(email="venter@example.org")
    replaced(world, new(), OLD)

    await compute_indexes(world.jobs)
    await compute_indexes(world.jobs)

    assert world.vault.blind.number == 1
    assert await world.count("people", INDEXES) == len(ADDRESSES) + 1
    assert await world.count("people", "mobile_bucket >> 16 = 1") == len(ADDRESSES)
    for email, signup_id in signups.items():
        assert await world.confirmed(email=email, first_name="Ny") is not None
        assert await world.person_of(signup_id) in await owners(world, email)
        assert len(await owners(world, email)) == 1
    assert await world.confirm(await confirmation_of(world, waiting)) is not None


async def owners(world: World, email: str) -> list[Any]:
    async with world.transaction() as session:
        rows = await people.owners(session, world.vault.index("email", email))
        return [row.person_id for row in rows]


async def confirmation_of(world: World, signup_id: object) -> Any:
    rows = await world.rows(f"select confirmation_id from confirmations where signup_id = '{signup_id}'")
    return rows[0][0]


@pytest.mark.parametrize("turn", range(4))
async def test_two_posts_of_one_address_meanwhile_make_one_person(world: World, turn: int) -> None:
    """The two are stored and pressed before, between and after, in each order."""
    steps: list[Callable[[], Any]] = [
        lambda: world.submit(email=ADDRESSES[0], first_name="Kari"),
        lambda: world.submit(email=ADDRESSES[0], first_name="Kari To"),
    ]
    steps.insert(turn % 3, lambda: compute_indexes(world.jobs))
    if turn < 3:
        replaced(world, new(), OLD)
        for step in steps:
            await step()
    else:  # all at once
        replaced(world, new(), OLD)
        await asyncio.gather(*(step() for step in steps))
    await world.decide()
    for row in await world.rows("select confirmation_id from confirmations order by asked_at, confirmation_id"):
        await world.confirm(row[0])
    assert len({row[0] for row in await world.rows("select person_id from people where confirmed_at is not null")}) == 1


async def test_row_of_a_moment_before_is_found_at_the_press(world: World) -> None:
    """Another copy of intake has stored it with the key that it still had."""
    await world.confirmed(email=ADDRESSES[0])
    before = world.vault.blind
    replaced(world, new(), OLD)
    await compute_indexes(world.jobs)
    after = world.vault.blind
    world.vault.blind = before
    await world.signed_up(email=ADDRESSES[0], first_name="Kari To")
    world.vault.blind = after

    await world.confirm_newest()

    assert await world.count("people", "confirmed_at is not null") == 1


async def test_guests_and_sealed_addresses_follow(world: World) -> None:
    person_id = await world.person_of(await world.confirmed(email=ADDRESSES[0]))
    group_id, kontaktmote_id = uuid4(), uuid4()
    key = await world.vault.groups.ensure(group_id)
    async with world.transaction() as session:
        tag = sealed.tag_of(world.vault, group_id, ADDRESSES[0])
        content = key.seal("sealed_addresses", "sealed", f'{{"email": "{ADDRESSES[0]}", "language": "nb"}}')
        await sealed_addresses.add(session, group_id, "link-bergen", tag, content or b"")
        guest = MeetingGuest(
            person_id=person_id,
            kontaktmote_id=kontaktmote_id,
            mailbox_index=world.vault.index("mailbox", ADDRESSES[0]),
            asked_at=world.clock.now(),
        )
        session.add(guest)
    replaced(world, new(), OLD)
    await compute_indexes(world.jobs)

    async with world.transaction() as session:
        assert await meeting_guests.is_guest(session, kontaktmote_id, world.vault.index("mailbox", ADDRESSES[0]))
        assert await sealed.delete_of_mailbox(session, world.vault, ADDRESSES[0]) == 1


@pytest.mark.parametrize("days", [0, 1, 2, 3])
async def test_rows_are_left_alone_once_the_key_is_old(world: World, days: int) -> None:
    """Every few seconds nobody looks at all people for a key that was replaced long ago; a start does."""
    await world.confirmed(email=ADDRESSES[0])
    replaced(world, new(wall_now().date() - timedelta(days=days)), OLD)
    world.vault.blind = world.vault.newest_blind()
    await compute_indexes(world.jobs)
    assert await world.count("people", INDEXES) == (timedelta(days=days) <= SETTLED_AFTER)
    await compute_indexes(world.jobs, at_start=True)
    assert await world.count("people", INDEXES) == 1


@pytest.mark.parametrize("text", ["", "kari@example.org", "91234567", "æøå", "x" * 300])
def test_index_tells_its_version_and_differs_with_it(text: str) -> None:
    ring = Ring("blind_index_key", f"{new()}\n{OLD}")
    newest, oldest = (BlindIndex(ring, version) for version in ring.value)
    assert newest.is_own(newest.index("email", text))
    assert oldest.is_own(oldest.index("email", text))
    assert not newest.is_own(oldest.index("email", text))
    assert not oldest.is_own(newest.index("email", text))
    assert newest.bucket(text) >> 16 == 1
    assert oldest.bucket(text) >> 16 == 0
    assert Vault(None, Kek.parse(KEK), INDEX_KEY).index("email", text) == oldest.index("email", text)  # type: ignore[arg-type]
