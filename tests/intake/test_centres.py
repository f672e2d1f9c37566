"""Centres and policies are asked for at each use, and hold at once when they are replaced."""

from typing import Any

import pytest

from intake import jobs
from shared.reference import retention
from shared.reference.centres import Centres
from tests.intake.support.browser import Browser
from tests.intake.support.world import World
from tests.intake.test_public import signed_up


def with_policy(centres: Centres, centre_id: str, **changes: Any) -> Centres:
    """Return the centres with another policy for one of them."""
    return Centres(
        tuple(
            centre.model_copy(update={"policy": centre.policy.model_copy(update=changes)})
            if centre.id == centre_id
            else centre
            for centre in centres.all
        )
    )


def with_centre(centres: Centres, centre_id: str, **changes: Any) -> Centres:
    """Return the centres with other facts about one of them."""
    return Centres(
        tuple(centre.model_copy(update=changes) if centre.id == centre_id else centre for centre in centres.all)
    )


async def test_pages_show_replaced_policy_at_once(browser: Browser) -> None:
    directory = browser.app.state.deps.directory
    assert "wish" not in (await browser.times_page()).text
    directory.replace(with_policy(directory.current(), "link-bergen", wishes=("women",)))
    assert "wish_women" in (await browser.times_page()).text
    centres = (await browser.get("/api/v1/centres")).json()
    assert [centre["wishes"] for centre in centres if centre["id"] == "link-bergen"] == [["women"]]


HOURS = {"nb": "tirsdag kl. 10–14", "nn": "tysdag kl. 10–14", "en": "Tuesday 10–14"}


@pytest.mark.parametrize(("prefix", "language"), [("", "nb"), ("/nn", "nn"), ("/en", "en")])
@pytest.mark.parametrize("phone", ["00 00 00 00", None])
async def test_opening_hours_stand_beside_the_number(
    browser: Browser, phone: str | None, prefix: str, language: str
) -> None:
    directory = browser.app.state.deps.directory
    assert "10–14" not in (await browser.times_page(prefix=prefix)).text
    directory.replace(with_centre(directory.current(), "link-bergen", hours=HOURS, phone=phone))
    pages = [
        await browser.times_page(prefix=prefix),
        await browser.get((await signed_up(browser, prefix=prefix)).headers["location"]),
        await browser.get(f"{prefix}/informasjon/link-bergen"),
    ]
    for page in pages:
        assert (f"({HOURS[language]})" in page.text) is (phone is not None)
        assert "10–14" not in page.text or phone


async def test_place_of_removed_centre_is_uncovered_at_once(browser: Browser) -> None:
    directory = browser.app.state.deps.directory
    directory.replace(Centres(tuple(centre for centre in directory.current().all if centre.id != "link-bergen")))
    page = await browser.follow(await browser.get("/pamelding"), place="5003")
    assert "Vi har ikke lagret noe" in page.text


async def test_signup_of_removed_centre_is_deleted_on_default_terms(world: World) -> None:
    signup_id = await world.confirmed()
    await world.withdraw(signup_id)
    world.directory.replace(Centres(tuple(centre for centre in world.centres.all if centre.id != "link-bergen")))
    world.clock.move(retention.kept_for(retention.Data.WITHDRAWN_SIGNUP))
    await jobs.DELETE_DUE_SIGNUPS.run(world.jobs)
    assert await world.count("people") == 0
