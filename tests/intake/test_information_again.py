"""A text whose content was changed is asked again, before the waiting list and on it; other words are not."""

from typing import Any

import pytest
import sqlalchemy as sa

from intake import jobs
from intake.usecases import pauses, withdraw
from shared.events.signups import Confirmed, TextsAsked
from shared.kit.messaging.causes import Cause
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


async def run_job(world: World) -> list[tuple[str, ...]]:
    """Run the job twice, and return the texts that were asked."""
    before = len(await world.events())
    for _ in range(2):
        await jobs.ASK_TEXTS.run(world.jobs)
    return [event.texts for event in (await world.events())[before:] if isinstance(event, TextsAsked)]


def change_texts(
    monkeypatch: pytest.MonkeyPatch, world: World, versions: dict[str, str], *, same: bool = False
) -> None:
    """Let link-oslo have new texts by their kind, in other words or with another content."""
    shipped = installation.shipped
    kinds = {"consent_version": "consent", "information_version": "information"}

    def changed(name: str) -> Any:
        content = shipped(name)
        if name != "texts.yaml":
            return content
        for field, version in versions.items():
            kind = kinds[field]
            content = {
                **content,
                kind: {**content[kind], version: content[kind][OLD]},
                f"{kind}_same": {version: list(content[kind])} if same else {},
            }
        return content

    monkeypatch.setattr(installation, "shipped", changed)
    world.directory.replace(with_policy(world.centres, "link-oslo", **versions))


CHANGES: list[tuple[dict[str, str], tuple[str, ...]]] = [
    ({"consent_version": NEW}, ("consent",)),
    ({"information_version": NEW}, ("information",)),
    ({"consent_version": NEW, "information_version": NEW}, ("consent", "information")),
]


@pytest.mark.parametrize(("versions", "asked"), CHANGES)
async def test_changed_text_is_asked_once_of_people_who_wait(
    browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch, versions: dict[str, str], asked: tuple[str, ...]
) -> None:
    signup_id = await world.confirmed(place="0150")
    await world.confirmed(place="5003", email="eva@example.org")
    assert await run_job(world) == []
    change_texts(monkeypatch, world, versions)
    browser.app.state.deps.directory.replace(world.centres)
    assert await run_job(world) == [asked]
    assert await world.count("signups", "state = 'ready'") == 2  # both keep waiting

    url = browser.app.state.deps.links.url("", "nb", "still_waiting", signup_id)
    assert "Les den nye teksten" in (await browser.get(url)).text
    page = await browser.get(f"{url}/tekst")
    if "consent" in asked:
        unticked = await browser.press(page, "/tekst")
        assert unticked.status_code == 422
        assert "Kryss av" in unticked.text
    done = await browser.press(page, "/tekst", **({"consent": NEW} if "consent" in asked else {}))
    assert done.status_code == 303
    assert "Takk" in (await browser.get(done.headers["location"])).text
    assert (await world.subjects())[-1] == "texts_accepted"
    before = await world.rows("select text_version, how from consents order by given_at")
    assert await browser.press(page, "/tekst", consent=NEW)  # pressed twice
    assert await world.rows("select text_version, how from consents order by given_at") == before
    assert ((NEW, "web") in before) is ("consent" in asked)
    assert await run_job(world) == []


@pytest.mark.parametrize("versions", [versions for versions, _ in CHANGES])
async def test_text_in_other_words_is_not_asked_again(
    world: World, monkeypatch: pytest.MonkeyPatch, versions: dict[str, str]
) -> None:
    await world.confirmed(place="0150")
    change_texts(monkeypatch, world, versions, same=True)
    assert await run_job(world) == []


@pytest.mark.parametrize("state", ["offered", "seated", "member", "withdrawn", "received", "paused"])
async def test_changed_text_is_asked_only_of_those_on_the_list(
    world: World, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    signup_id = await (world.signed_up if state == "received" else world.confirmed)(place="0150")
    async with world.transaction() as session:
        if state == "withdrawn":
            await withdraw.withdraw(session, signup_id, now=world.clock.now(), cause=Cause.fresh())
        elif state == "paused":
            await pauses.pause(session, signup_id, now=world.clock.now(), cause=Cause.fresh())
        elif state != "received":
            await session.execute(sa.text(f"update signups set state = '{state}'"))
    change_texts(monkeypatch, world, {"consent_version": NEW, "information_version": NEW})
    assert await run_job(world) == []
    if state == "offered":
        async with world.transaction() as session:
            await session.execute(sa.text("update signups set state = 'ready'"))
        assert await run_job(world) == [("consent", "information")]


async def test_new_form_answers_the_question_about_changed_texts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.confirmed(place="0150")
    change_texts(monkeypatch, world, {"consent_version": NEW})
    await run_job(world)
    world.later(minutes=5)
    await world.confirmed(place="0150", slots=["mon-day"], consent_version=NEW)
    assert await run_job(world) == []
    assert (await world.subjects())[-1] == "texts_accepted"


async def test_changed_again_text_is_asked_again_with_its_new_version(
    browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    signup_id = await world.confirmed(place="0150")
    change_texts(monkeypatch, world, {"consent_version": NEW})
    await run_job(world)
    browser.app.state.deps.directory.replace(world.centres)
    url = browser.app.state.deps.links.url("", "nb", "still_waiting", signup_id)
    page = await browser.get(f"{url}/tekst")
    world.later(minutes=5)
    change_texts(monkeypatch, world, {"consent_version": "2027-01-1"})
    browser.app.state.deps.directory.replace(world.centres)
    assert (await browser.press(page, "/tekst", consent=NEW)).status_code == 422  # the text they saw is old
    assert await run_job(world) == [("consent",)]


async def test_staff_store_a_consent_that_they_read_aloud(
    browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    signup_id = await world.confirmed(place="0150")
    change_texts(monkeypatch, world, {"consent_version": NEW, "information_version": NEW})
    await run_job(world)
    browser.app.state.deps.directory.replace(world.centres)
    browser.sign_in_as_member("link-oslo")
    person_id = await world.person_of(signup_id)
    page = await browser.get(f"/stab/personer/{person_id}")
    assert "må si ja på nytt" in page.text
    assert (await browser.press(page, f"/stab/personer/{person_id}/tekst")).status_code == 303
    assert (await world.subjects())[-1] == "texts_accepted"
    assert ("oral", NEW) in [tuple(row) for row in await world.rows("select how, text_version from consents")]
    assert [action for _, action, _ in await world.audit_entries()][-1] == "signup.texts_accepted"


def test_every_declared_version_of_the_information_exists() -> None:
    for version, older in installation.shipped("texts.yaml")["information_same"].items():
        assert {version, *older} <= set(texts.information_versions())
    for version, older in installation.shipped("texts.yaml")["consent_same"].items():
        assert {version, *older} <= set(texts.consent_versions())
