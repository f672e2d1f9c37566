import pytest

from shared.kit.assertions import HEADER
from shared.kit.staff import StaffMember
from tests.shared.support.web_demo import demo
from tests.shared.support.web_demo.client import KARI, Wall, client, signed


async def test_staff_page_without_session_redirects_in_its_language() -> None:
    async with client(demo.build(wall=Wall())) as reader:
        assert (await reader.get("/stab/")).headers["location"] == "/stab/logg-inn"
        answer = await reader.get("/nn/stab/", headers={HEADER: "forged.header"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/nn/stab/logg-inn")


async def test_staff_page_with_wrong_role_is_403() -> None:
    starter = StaffMember("ola", frozenset({"igangsetter"}), frozenset(), "session-2")
    async with client(demo.build(wall=Wall())) as reader:
        answer = await reader.get("/stab/", headers=signed(starter))

    assert answer.status_code == 403
    assert "ikke tilgang" in answer.text


@pytest.mark.asvs("14.2.2", "14.3.2")
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
