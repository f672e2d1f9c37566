from datetime import timedelta

import pytest

from shared.kit import staff
from shared.kit.staff import StaffMember
from tests.shared.web_demo import demo
from tests.shared.web_demo.client import KARI, NOON, Wall, client, signed

KEY = "k" * 40


def test_what_is_signed_can_be_read_for_a_minute() -> None:
    header = staff.sign(KARI, KEY, NOON)

    assert staff.verify(header, KEY, NOON + timedelta(seconds=59)) == KARI
    assert staff.verify(header, KEY, NOON + timedelta(seconds=60)) is None


def test_a_signature_from_the_future_is_refused() -> None:
    assert staff.verify(staff.sign(KARI, KEY, NOON + timedelta(hours=1)), KEY, NOON) is None


@pytest.mark.parametrize("position", range(0, 200, 7))
def test_no_changed_letter_is_accepted(position: int) -> None:
    header = staff.sign(KARI, KEY, NOON)
    place = position % len(header)
    forged = header[:place] + ("A" if header[place] != "A" else "B") + header[place + 1 :]

    assert staff.verify(forged, KEY, NOON) is None


@pytest.mark.parametrize("header", ["", ".", "x", "æøå.æøå", "e30.", "e30.AAAA", "." * 300])
def test_rubbish_is_refused_quietly(header: str) -> None:
    assert staff.verify(header, KEY, NOON) is None


def test_another_key_is_refused() -> None:
    assert staff.verify(staff.sign(KARI, KEY, NOON), "l" * 40, NOON) is None


async def test_nobody_is_sent_to_sign_in_in_the_language_of_the_page() -> None:
    async with client(demo.build(wall=Wall())) as reader:
        assert (await reader.get("/stab/")).headers["location"] == "/stab/logg-inn"
        answer = await reader.get("/nn/stab/", headers={staff.HEADER: "forged.header"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/nn/stab/logg-inn")


async def test_the_wrong_role_is_told_so() -> None:
    starter = StaffMember("ola", frozenset({"igangsetter"}), frozenset(), "session-2")
    async with client(demo.build(wall=Wall())) as reader:
        answer = await reader.get("/stab/", headers=signed(starter))

    assert answer.status_code == 403
    assert "ikke tilgang" in answer.text


async def test_the_right_role_sees_the_page_with_its_label_and_never_from_a_cache() -> None:
    async with client(demo.build(wall=Wall())) as reader:
        answer = await reader.get("/stab/", headers=signed())

    assert answer.status_code == 200
    assert "Øving" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert 'aria-current="page">Oversikt' in answer.text


def test_somebody_covers_only_their_own_centres() -> None:
    assert KARI.covers("link-bergen")
    assert not KARI.covers("link-oslo")
    assert not KARI.covers(None)
