"""A place that no centre covers: the centres that accept people from there are offered with their distance."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.reference.centres import load
from tests.intake.support.browser import Browser
from tests.intake.support.world import World
from tests.intake.test_public import ANSWERS

BALSFJORD = "Balsfjord kommune, Troms"


def centre(id_: str, name: str, km: int, latitude: float = 69.65) -> dict[str, Any]:
    kommune = {"link-nord": "5501", "link-sor": "5503"}[id_]
    place = {"id": f"{id_}-1", "name": name, "kommune": kommune, "latitude": latitude, "longitude": 18.96}
    area = {"id": f"{id_}-area", "name": name, "kommuner": [kommune], "places": [{**place, "step_free": True}]}
    return {
        "id": id_,
        "name": name,
        "accepts_within_km": km,
        "areas": [area],
        "policy": {
            "version": "2026-12-1",
            "reading_gate": "required",
            "consent_version": "2026-11-1",
            "information_version": "2026-11-1",
        },
        "meeting_place": {"nb": "Her", "nn": "Her", "en": "Here"},
    }


@pytest.fixture
def near(browser: Browser, world: World, tmp_path: Path) -> Browser:
    """An installation with two centres in the north that accept people from outside."""
    path = tmp_path / "own.yaml"
    own = [centre("link-nord", "LINK Nord", 100), centre("link-sor", "LINK Sør", 200, 68.8)]
    path.write_text(yaml.safe_dump({"keep": ["link-bergen"], "centres": own}), encoding="utf-8")
    browser.app.state.deps.directory.replace(load(path))
    world.directory.replace(load(path))
    return browser


@pytest.mark.parametrize(("prefix", "title"), [("", "LINK Nord, "), ("/nn", "LINK Nord, "), ("/en", "LINK Nord, ")])
async def test_form_uncovered_place_offers_nearest_centres(near: Browser, prefix: str, title: str) -> None:
    page = await near.follow(await near.get(f"{prefix}/pamelding"), place=BALSFJORD)
    assert 'data-step="1"' in page.text
    assert title in page.text
    assert page.text.index("LINK Nord, ") < page.text.index("LINK Sør, ")
    assert "LINK Bergen" not in page.text


@pytest.mark.parametrize("chosen", ["link-nord", "link-sor"])
async def test_form_from_outside_reaches_the_chosen_centre(near: Browser, world: World, chosen: str) -> None:
    page = await near.follow(await near.get("/pamelding"), place=BALSFJORD)
    page = await near.follow(page, nearby=chosen)
    assert 'data-step="2"' in page.text
    page = await near.follow(page, slots=["tue-evening"])
    papers = {"consent": "2026-11-1", "information": "2026-11-1", "adult": "true"}
    page = await near.follow(page, **ANSWERS | papers)
    assert (await near.send(page)).status_code == 303
    rows = await world.rows("select centre, area, kommune from signups")
    assert rows == [(chosen, f"{chosen}-area", "5532")]


@pytest.mark.parametrize("chosen", ["", "link-bergen", "link-mars", "selvhjelp-norge", "5501"])
async def test_form_without_a_centre_that_accepts_stays(near: Browser, chosen: str) -> None:
    page = await near.follow(await near.get("/pamelding"), place=BALSFJORD)
    page = await near.follow(page, nearby=chosen)
    assert 'data-step="1"' in page.text
    assert 'id="error-summary"' in page.text


async def test_form_too_far_from_every_centre_is_uncovered(near: Browser) -> None:
    page = await near.follow(await near.get("/pamelding"), place="0150")
    assert "Vi har ikke lagret noe" in page.text


async def test_choice_is_forgotten_when_the_place_is_covered(near: Browser, world: World) -> None:
    page = await near.follow(await near.get("/pamelding"), place=BALSFJORD)
    page = await near.follow(page, place="5003", nearby="link-nord")
    page = await near.follow(page, slots=["tue-evening"])
    assert "LINK Bergen" in page.text


@pytest.mark.parametrize(
    ("nearby", "status"), [("link-nord", 202), ("link-sor", 202), (None, 422), ("link-bergen", 422), ("link-mars", 422)]
)
async def test_api_from_outside_needs_a_centre_that_accepts(
    near: Browser, world: World, nearby: str | None, status: int
) -> None:
    body = {
        "first_name": "Kari",
        "email": "kari@example.org",
        "place": BALSFJORD,
        "slots": ["tue-evening"],
        "languages": ["nb"],
        "max_travel_km": 100,
        "language": "nb",
        "adult": True,
        "consent_version": "2026-11-1",
        "information_version": "2026-11-1",
        **({"nearby": nearby} if nearby else {}),
    }
    answer = await near.post_json(body)
    assert answer.status_code == status
    if status == 422:
        assert [error["field"] for error in answer.json()["errors"]] == ["nearby"]


async def test_api_centres_tell_how_far_they_accept(near: Browser) -> None:
    centres = (await near.get("/api/v1/centres")).json()
    assert {entry["id"]: entry["accepts_within_km"] for entry in centres} == {
        "link-bergen": 0,
        "link-nord": 100,
        "link-sor": 200,
    }


async def test_staff_sign_up_somebody_from_outside(near: Browser, world: World) -> None:
    near.sign_in_as_member("link-nord", "link-sor")
    page = await near.press(await near.get("/stab/pamelding"), "/stab/pamelding", place=BALSFJORD)
    assert "LINK Nord, " in page.text
    page = await near.press(page, "/stab/pamelding", place=BALSFJORD, nearby="link-nord")
    answers = {"first_name": "Kari", "mobile": "91234567", "slots": ["tue-evening"], "adult": "true"}
    papers = {"consent": "2026-11-1", "information": "2026-11-1"}
    done = await near.press(page, "/stab/pamelding", mail_language="nb", **answers, **papers)
    assert done.status_code == 303
    assert await world.rows("select centre, area from signups") == [("link-nord", "link-nord-area")]
