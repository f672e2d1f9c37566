from datetime import timedelta

import pytest

from shared.kit import staff
from shared.kit.staff import StaffMember
from tests.shared.support.web_demo import demo
from tests.shared.support.web_demo.client import KARI, NOON, Wall, client, signed

KEY = "k" * 40
LIFETIME = staff.ASSERTION_LIFETIME  # before the tests of pages make it longer


@pytest.fixture(autouse=True)
def real_lifetime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staff, "ASSERTION_LIFETIME", LIFETIME)


def test_verify_signed_assertion_is_valid_for_a_minute() -> None:
    header = staff.sign(KARI, KEY, NOON)

    assert staff.verify(header, KEY, NOON + timedelta(seconds=59)) == KARI
    assert staff.verify(header, KEY, NOON + timedelta(seconds=60)) is None


def test_verify_assertion_from_the_future_is_none() -> None:
    assert staff.verify(staff.sign(KARI, KEY, NOON + timedelta(hours=1)), KEY, NOON) is None


@pytest.mark.parametrize("position", range(0, 200, 7))
def test_verify_changed_character_is_none(position: int) -> None:
    header = staff.sign(KARI, KEY, NOON)
    place = position % len(header)
    forged = header[:place] + ("A" if header[place] != "A" else "B") + header[place + 1 :]

    assert staff.verify(forged, KEY, NOON) is None


@pytest.mark.parametrize("header", ["", ".", "x", "æøå.æøå", "e30.", "e30.AAAA", "." * 300])
def test_verify_rubbish_is_none(header: str) -> None:
    assert staff.verify(header, KEY, NOON) is None


def test_verify_other_key_is_none() -> None:
    assert staff.verify(staff.sign(KARI, KEY, NOON), "l" * 40, NOON) is None


async def test_staff_page_without_session_redirects_in_its_language() -> None:
    async with client(demo.build(wall=Wall())) as reader:
        assert (await reader.get("/stab/")).headers["location"] == "/stab/logg-inn"
        answer = await reader.get("/nn/stab/", headers={staff.HEADER: "forged.header"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/nn/stab/logg-inn")


async def test_staff_page_with_wrong_role_is_403() -> None:
    starter = StaffMember("ola", frozenset({"igangsetter"}), frozenset(), "session-2")
    async with client(demo.build(wall=Wall())) as reader:
        answer = await reader.get("/stab/", headers=signed(starter))

    assert answer.status_code == 403
    assert "ikke tilgang" in answer.text


async def test_staff_page_with_role_has_label_and_no_store() -> None:
    async with client(demo.build(wall=Wall())) as reader:
        answer = await reader.get("/stab/", headers=signed())

    assert answer.status_code == 200
    assert "Øving" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert 'aria-current="page">I dag' in answer.text


def test_covers_own_tenants_only() -> None:
    assert KARI.covers("link-bergen")
    assert not KARI.covers("link-oslo")
    assert not KARI.covers(None)
