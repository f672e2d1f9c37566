"""Keys in versions: who holds them, and what holds while one takes the place of another."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from grouping.settings import Settings as GroupingSettings
from intake.settings import Settings as IntakeSettings
from notify.settings import Settings as NotifySettings
from shared.kit.ids import new_id
from shared.kit.keys import KeyVersion, Live, Ring, parse_versions
from shared.kit.links import Links
from shared.kit.settings import ServiceSettings
from shared.reference.key_rings import FORM_RINGS, LINK_RINGS, LINKS, RINGS
from shared.reference.link_purposes import CONFIRM, LINK_PATHS, SEAT
from tests.shared.support.links import link_of_before

TODAY = datetime.now(UTC).date()
SETTINGS: dict[str, type[ServiceSettings]] = {
    "intake": IntakeSettings,
    "grouping": GroupingSettings,
    "notify": NotifySettings,
}
OLD = "the-one-key-of-before-that-all-had-1234"


def ring_text(*versions: KeyVersion) -> str:
    return "\n".join(map(str, versions))


def links(ring: Ring) -> Links:
    return Links(dict.fromkeys(LINK_PATHS, ring), LINK_PATHS)


# Who holds what.


@pytest.mark.parametrize("purpose", LINK_PATHS)
def test_link_key_is_held_by_makers_and_verifier_only(purpose: str) -> None:
    ring, makers, verifier = LINKS[purpose]
    assert RINGS[ring] == makers | {verifier}


@pytest.mark.parametrize("service", SETTINGS)
def test_settings_take_the_rings_of_their_service_only(service: str) -> None:
    assert {ring for ring in RINGS if ring in SETTINGS[service].model_fields} == {
        ring for ring, holders in RINGS.items() if service in holders
    }


@pytest.mark.asvs("13.3.2")
@pytest.mark.parametrize(
    ("service", "purpose"),
    [(service, purpose) for service in SETTINGS for purpose, ring in LINK_RINGS.items() if service not in RINGS[ring]],
)
def test_secrets_of_a_service_make_no_link_of_others(service: str, purpose: str) -> None:
    """With all that a service holds, nobody makes a link whose key it does not hold: grouping none to confirm."""
    rings = {name: Ring(name, str(KeyVersion.new(1, TODAY))) for name in RINGS}
    owner = Links({each: rings[ring] for each, ring in LINK_RINGS.items()}, LINK_PATHS)
    held = {name: ring for name, ring in rings.items() if service in RINGS[name]}
    own = Links({each: held[name] for each, name in LINK_RINGS.items() if name in held}, LINK_PATHS)
    id_ = new_id()
    with pytest.raises(KeyError):
        own.token(purpose, id_)
    forged = [links(ring).token(each, id_) for ring in held.values() for each in LINK_PATHS]
    assert [owner.read(purpose, token) for token in forged] == [None] * len(forged)


def test_shared_forms_are_under_keys_that_are_shared() -> None:
    assert [len(RINGS[ring]) > 1 for _, ring in FORM_RINGS] == [True] * len(FORM_RINGS)


# Versions.


@pytest.mark.parametrize("version", [KeyVersion.new(1, TODAY), KeyVersion(0, None, OLD.encode())])
def test_versions_as_written_are_read_newest_first(version: KeyVersion) -> None:
    newer = KeyVersion.new(7, TODAY)
    assert parse_versions(ring_text(version, newer)) == (newer, version)
    assert OLD not in repr(version)


@pytest.mark.parametrize("purpose", LINK_PATHS)
def test_link_of_a_replaced_key_works_until_it_is_destroyed(purpose: str) -> None:
    old, new, id_ = KeyVersion.new(1, TODAY), KeyVersion.new(2, TODAY), new_id()
    mailed = links(Ring("key", str(old))).token(purpose, id_)

    assert links(Ring("key", ring_text(new, old))).read(purpose, mailed) == id_
    assert links(Ring("key", str(new))).read(purpose, mailed) is None
    assert links(Ring("key", ring_text(new, old))).token(purpose, id_) != mailed


@pytest.mark.parametrize("purpose", LINK_PATHS)
def test_link_mailed_before_there_were_versions_works(purpose: str) -> None:
    id_ = uuid4()
    ring = Ring("key", ring_text(KeyVersion.new(1, TODAY), KeyVersion(0, None, OLD.encode())))

    assert links(ring).read(purpose, link_of_before(OLD, purpose, id_)) == id_


@pytest.mark.parametrize("number", [0, 1])
def test_replaced_key_makes_no_link_to_a_younger_question(number: int) -> None:
    """A key that leaked is of no use for what is asked after another has taken its place."""
    old = KeyVersion(0, None, OLD.encode()) if number == 0 else KeyVersion.new(1, date(2020, 1, 1))
    new = KeyVersion.new(2, TODAY - timedelta(days=3))
    forged = links(Ring("key", str(old))).token(SEAT, new_id())

    assert links(Ring("key", ring_text(new, old))).read(SEAT, forged) is None


def test_keys_of_purposes_differ() -> None:
    ring = Ring("key", str(KeyVersion.new(1, TODAY)))
    assert len({ring.keys(purpose).newest for purpose in ("form", "votes", "return-ticket")}) == 3


# Files that change.


def rewrite(path: Path, text: str) -> None:
    """Write a file in place, as a mounted one must be, with a later time than before."""
    at = path.stat().st_mtime_ns + 1_000_000_000
    path.write_text(text)
    os.utime(path, ns=(at, at))


def test_ring_reads_a_changed_file_before_it_refuses(tmp_path: Path) -> None:
    """Another service has read the new key already and mails a link with it."""
    old, new, id_ = KeyVersion.new(1, TODAY), KeyVersion.new(2, TODAY), new_id()
    path = tmp_path / "key"
    path.write_text(str(old))
    reader = links(Ring("key", str(old), path))
    rewrite(path, ring_text(new, old))

    mailed = links(Ring("key", path.read_text())).token(CONFIRM, id_)

    assert reader.read(CONFIRM, mailed) == id_
    assert reader.token(CONFIRM, id_) == mailed


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: rewrite(path, ""),
        lambda path: rewrite(path, path.read_text()[:30]),
        lambda path: rewrite(path, "2@2026-01-01:"),
        lambda path: path.write_bytes(b"\xff\xfe" * 30),
    ],
)
def test_ring_keeps_its_keys_while_the_file_is_unusable(damage: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(str(KeyVersion.new(1, TODAY)))
    ring = Ring("key", path.read_text(), path)
    before = ring.value
    damage(path)

    assert not ring.refresh()
    assert ring.value == before
    path.write_text(text := str(KeyVersion.new(2, TODAY)))
    os.utime(path, ns=(1, 1))
    assert ring.refresh()
    assert ring.value == parse_versions(text)


def test_value_that_is_given_directly_never_changes() -> None:
    assert not Live("key", "a", str).refresh()


def test_read_of_a_forged_token_is_none() -> None:
    ring = Ring("key", str(KeyVersion.new(1, TODAY)))
    assert links(ring).read(SEAT, links(Ring("key", str(KeyVersion.new(1, TODAY)))).token(SEAT, UUID(int=1))) is None
