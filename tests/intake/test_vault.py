"""The vault: sealing, wrapping, spare keys, and rows that were swapped."""

import base64
from itertools import pairwise
from uuid import uuid4

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from intake.vault.kek import Kek
from intake.vault.person_key import PersonKeyMissing, Tampered
from intake.vault.tables import person_keys
from intake.vault.vault import BATCH, SPARE_SECONDS, Vault
from shared.kit.clock import ManualClock
from tests.intake.support.world import INDEX_KEY, KEK, World, vault_on

TWO = "two:" + base64.b64encode(bytes(range(32))).decode()


@pytest.mark.asvs("11.3.2")
async def test_open_other_key_or_column_raises_tampered(world: World) -> None:
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


@pytest.mark.asvs("11.3.3")
async def test_open_thousand_swapped_values_all_raise_tampered(world: World) -> None:
    keys = [await world.vault.new_key() for _ in range(1001)]
    sealed = [key.seal("people", "first_name", "Kari") for key in keys]
    assert len(set(sealed)) == 1001
    refused = 0
    for (_, mine), (theirs, _) in pairwise(zip(keys, sealed, strict=True)):
        with pytest.raises(Tampered):
            theirs.open("people", "first_name", mine)
        refused += 1
    assert refused == 1000


async def test_key_swapped_wrapped_key_raises_tampered(world: World) -> None:
    kari, ola = await world.vault.new_key(), await world.vault.new_key()
    async with world.keys.transaction() as session:
        wrapped_of_ola = sa.select(person_keys.c.wrapped).where(person_keys.c.person_id == ola.person_id)
        wrapped = (await session.scalars(wrapped_of_ola)).one()
        await session.execute(
            sa.update(person_keys).where(person_keys.c.person_id == kari.person_id).values(wrapped=wrapped)
        )
    with pytest.raises(Tampered):
        await world.vault.key(kari.person_id)


async def test_destroy_deletes_key_and_journals_person(world: World, manual_clock: ManualClock) -> None:
    key = await world.vault.new_key()
    await world.vault.destroy(key.person_id, manual_clock.now())
    await world.vault.destroy(key.person_id, manual_clock.now())
    with pytest.raises(PersonKeyMissing):
        await world.vault.key(key.person_id)
    assert {key.person_id} == await world.vault.journal()


async def test_rewrap_replaces_kek_while_both_are_valid(world: World) -> None:
    key = await world.vault.new_key()
    sealed = key.seal("people", "email", "kari@example.org")
    both = vault_on(world.keys, f"{TWO}, {KEK}")
    assert (await both.key(key.person_id)).open("people", "email", sealed) == "kari@example.org"
    stale = await both.stale_keys()
    assert len(stale) == BATCH
    for person_id in stale * 2:
        await both.rewrap(person_id)
    assert await both.stale_keys() == []
    new = vault_on(world.keys, TWO)
    assert (await new.key(key.person_id)).open("people", "email", sealed) == "kari@example.org"
    with pytest.raises(Tampered):
        await world.vault.key(key.person_id)


async def test_new_key_spare_older_than_an_hour_is_skipped(world: World) -> None:
    seconds = 0.0
    vault = Vault(world.keys.transaction, Kek.parse(KEK), INDEX_KEY, lambda: seconds)
    first = await vault.new_key()
    assert vault.spare == BATCH - 1
    vault.return_unused(first)
    seconds = SPARE_SECONDS + 1
    second = await vault.new_key()
    assert first.person_id != second.person_id
    assert vault.spare == BATCH - 1


async def test_old_keys_returns_keys_older_than_a_day(world: World) -> None:
    key = await world.vault.new_key()
    assert await world.vault.old_keys(None, 1000) == []
    async with world.keys.transaction() as session:
        await session.execute(sa.text("update person_keys set created_at = now() - interval '25 hours'"))
    assert key.person_id in await world.vault.old_keys(None, 1000)


@pytest.mark.parametrize("text", ["", "one:AAAA", "one:not base64!", "one:" + base64.b64encode(bytes(16)).decode()])
def test_kek_parse_bad_key_raises_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match="key") as refused:
        Kek.parse(text)
    assert "AAAA" not in str(refused.value)


def test_index_depends_on_key_and_kind() -> None:
    kek = Kek.parse(KEK)
    vault = Vault(None, kek, INDEX_KEY)  # type: ignore[arg-type]
    other_vault = Vault(None, kek, SecretStr("x" * 32))  # type: ignore[arg-type]
    assert vault.index("email", "a") == vault.index("email", "a")
    assert len({vault.index("email", "a"), vault.index("form", "a"), other_vault.index("email", "a")}) == 3


async def test_key_unknown_person_raises_key_missing(world: World) -> None:
    with pytest.raises(PersonKeyMissing):
        await world.vault.key(uuid4())
