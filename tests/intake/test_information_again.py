"""An information that was changed is read again before the waiting list, unless the change is only in the words."""

from typing import Any

import pytest

from shared.events.signups import Confirmed
from shared.reference import installation, texts
from tests.intake.support.browser import Browser
from tests.intake.support.world import World
from tests.intake.test_centres import with_policy

OLD, NEW = "2026-11-2", "2026-12-1"


def change_information(monkeypatch: pytest.MonkeyPatch, world: World, same: dict[str, list[str]]) -> None:
    """Let link-oslo have a new information, and say which versions have the same content."""
    shipped = installation.shipped

    def changed(name: str) -> Any:
        content = shipped(name)
        if name != "texts.yaml":
            return content
        new = dict.fromkeys((OLD, "2026-11-9", NEW), content["information"][OLD])
        return {**content, "information": new, "information_same": same}

    monkeypatch.setattr(installation, "shipped", changed)
    world.directory.replace(with_policy(world.centres, "link-oslo", information_version=NEW))


MATERIAL: list[dict[str, list[str]]] = [{}, {NEW: []}, {NEW: ["2026-11-9"]}, {OLD: [NEW]}, {"2026-11-9": [OLD]}]
SAME: list[dict[str, list[str]]] = [
    {NEW: [OLD]},
    {NEW: ["2026-11-9", OLD]},
    {NEW: ["2026-11-9"], "2026-11-9": [OLD]},
    {NEW: [OLD], OLD: [NEW]},
    {NEW: [OLD, NEW]},
]


@pytest.mark.parametrize("same", MATERIAL)
async def test_changed_information_is_read_before_the_list(
    browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch, same: dict[str, list[str]]
) -> None:
    await world.signed_up(place="0150")
    change_information(monkeypatch, world, same)
    browser.app.state.deps.directory.replace(world.centres)
    await world.confirm_newest()
    (event,) = [event for event in await world.events() if isinstance(event, Confirmed)]
    assert event.awaits == ("read",)
    assert "ready" not in await world.subjects()
    link = f"{browser.app.state.deps.links.url('', 'nb', 'still_waiting', event.signup_id)}/les"
    page = await browser.get(link)
    assert (await browser.press(page, "/les")).status_code == 303
    assert "ready" in await world.subjects()
    assert await world.rows("select state, read_version from signups") == [("ready", NEW)]


@pytest.mark.parametrize("same", SAME)
async def test_information_in_other_words_counts_as_read(
    world: World, monkeypatch: pytest.MonkeyPatch, same: dict[str, list[str]]
) -> None:
    await world.signed_up(place="0150")
    change_information(monkeypatch, world, same)
    await world.confirm_newest()
    assert await world.rows("select state, read_version from signups") == [("ready", OLD)]


async def test_information_changed_while_waiting_leaves_the_list_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.confirmed(place="0150")
    change_information(monkeypatch, world, {})
    assert await world.rows("select state from signups") == [("ready",)]


def test_every_declared_version_of_the_information_exists() -> None:
    for version, older in installation.shipped("texts.yaml")["information_same"].items():
        assert {version, *older} <= set(texts.information_versions())
