"""One key for each person, and what holds when keys and rows are mixed up."""

import base64
from itertools import pairwise
from uuid import uuid4

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from intake import vault as vault_module
from intake.vault import BATCH, SPARE_SECONDS, Forgotten, Kek, Tampered, Vault
from shared.kit.clock import ManualClock
from tests.intake.world import INDEX_KEY, KEK, World, vault_on

TWO = "two:" + base64.b64encode(bytes(range(32))).decode()


async def test_a_sealed_value_is_opened_by_its_own_key_and_column_only(world: World) -> None:
    kari, ola = await world.vault.new_key(), await world.vault.new_key()
    sealed = kari.seal("people", "email", "kari@example.org")
    assert sealed is not None
    assert b"kari" not in sealed
    assert (await world.vault.key(kari.person_id)).open("people", "email", sealed) == "kari@example.org"
    for key, table, column in [(ola, "people", "email"), (kari, "people", "mobile"), (kari, "signups", "email")]:
        with pytest.raises(Tampered):
            key.open(table, column, sealed)
    assert kari.seal("people", "email", None) is None
    assert kari.open("people", "email", None) is None


async def test_a_thousand_swaps_are_a_thousand_refusals(world: World) -> None:
    keys = [await world.vault.new_key() for _ in range(1001)]
    sealed = [key.seal("people", "first_name", "Kari") for key in keys]
    assert len(set(sealed)) == 1001
    refused = 0
    for (_, mine), (theirs, _) in pairwise(zip(keys, sealed, strict=True)):
        with pytest.raises(Tampered):
            theirs.open("people", "first_name", mine)
        refused += 1
    assert refused == 1000


async def test_swapped_rows_of_keys_do_not_open_either(world: World) -> None:
    kari, ola = await world.vault.new_key(), await world.vault.new_key()
    async with world.keys.transaction() as session:
        table = vault_module.person_keys
        wrapped = (await session.scalars(sa.select(table.c.wrapped).where(table.c.person_id == ola.person_id))).one()
        await session.execute(sa.update(table).where(table.c.person_id == kari.person_id).values(wrapped=wrapped))
    with pytest.raises(Tampered):
        await world.vault.key(kari.person_id)


async def test_a_destroyed_key_is_gone_and_the_journal_says_so(world: World, manual_clock: ManualClock) -> None:
    key = await world.vault.new_key()
    await world.vault.destroy(key.person_id, manual_clock.now())
    await world.vault.destroy(key.person_id, manual_clock.now())
    with pytest.raises(Forgotten):
        await world.vault.key(key.person_id)
    assert {key.person_id} == await world.vault.journal()


async def test_outer_keys_are_changed_without_a_stop(world: World) -> None:
    key = await world.vault.new_key()
    sealed = key.seal("people", "email", "kari@example.org")
    both = vault_on(world.keys, f"{TWO}, {KEK}")
    assert (await both.key(key.person_id)).open("people", "email", sealed) == "kari@example.org"
    assert await both.rewrap() == BATCH
    assert await both.rewrap() == 0
    new = vault_on(world.keys, TWO)
    assert (await new.key(key.person_id)).open("people", "email", sealed) == "kari@example.org"
    with pytest.raises(Tampered):
        await world.vault.key(key.person_id)


async def test_keys_are_made_ahead_in_batches_and_used_within_the_hour(world: World) -> None:
    seconds = 0.0
    vault = Vault(world.keys.transaction, Kek.parse(KEK), INDEX_KEY, lambda: seconds)
    first = await vault.new_key()
    assert vault.spare == BATCH - 1
    vault.give_back(first)
    seconds = SPARE_SECONDS + 1
    second = await vault.new_key()
    assert first.person_id != second.person_id
    assert vault.spare == BATCH - 1


async def test_a_key_is_an_orphan_only_after_a_day(world: World) -> None:
    key = await world.vault.new_key()
    assert await world.vault.old_keys(None, 1000) == []
    async with world.keys.transaction() as session:
        await session.execute(sa.text("update person_keys set created_at = now() - interval '25 hours'"))
    assert key.person_id in await world.vault.old_keys(None, 1000)


@pytest.mark.parametrize("text", ["", "one:AAAA", "one:not base64!", "one:" + base64.b64encode(bytes(16)).decode()])
def test_a_bad_outer_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match="key") as refused:
        Kek.parse(text)
    assert "AAAA" not in str(refused.value)


def test_blind_indexes_need_the_key_and_keep_kinds_apart() -> None:
    kek = Kek.parse(KEK)
    one = Vault(None, kek, INDEX_KEY)  # type: ignore[arg-type]
    other = Vault(None, kek, SecretStr("x" * 32))  # type: ignore[arg-type]
    assert one.index("email", "a") == one.index("email", "a")
    assert len({one.index("email", "a"), one.index("form", "a"), other.index("email", "a")}) == 3


async def test_nobody_has_no_key(world: World) -> None:
    with pytest.raises(Forgotten):
        await world.vault.key(uuid4())
