"""Wishes about the group: asked only if the centre offers them, and never about the person."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import yaml

from intake.app import build
from intake.domain.form import FormInvalid, parse_form
from intake.usecases import export
from intake.usecases.signup_rows import Source
from shared.events import signups
from shared.reference import centres, installation
from tests.intake.support.browser import Browser, forms_of, settings
from tests.intake.support.world import BERGEN, World
from tests.intake.test_form import GOOD
from tests.intake.test_public import ANSWERS, papers

OFFERED = ["women", "young"]
NOT_OFFERED = "Senteret kan ikke tilby en slik gruppe som du ønsker"


@pytest.fixture
def centres_file(tmp_path: Path) -> Path:
    """Return the file of an installation where LINK Bergen alone offers wishes, for women and for young adults."""
    (bergen,) = (centre for centre in installation.shipped("centres.yaml")["centres"] if centre["id"] == "link-bergen")
    policy = bergen["policy"] | {"version": "2027-1-1", "wishes": OFFERED, "consent_version": "2026-11-2"}
    file = tmp_path / "centres.yaml"
    file.write_text(yaml.safe_dump({"centres": [bergen | {"policy": policy}]}), encoding="utf-8")
    return file


@pytest.fixture
def offering(world: World, centres_file: Path) -> World:
    world.directory.replace(centres.load(centres_file))
    return world


@pytest_asyncio.fixture
async def pages(offering: World, centres_file: Path) -> AsyncIterator[Browser]:
    visitor = Browser(build(settings(offering, centres_file=centres_file), offering.clock))
    yield visitor
    await visitor.close()


async def stored(world: World) -> list[tuple[list[str], list[str]]]:
    return [
        tuple(row) for row in await world.rows("select groups_also, groups_only from signups order by signed_up_at")
    ]


async def last_wishes(world: World, kind: type[signups.Wishes]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    event = (await world.events())[-1]
    assert isinstance(event, kind)
    return event.groups_also, event.groups_only


async def signed_up(browser: Browser, page: httpx.Response, **changes: Any) -> httpx.Response:
    """Send the second step and the third; the third twice, because a form that is sent too fast is shown again."""
    page = await browser.follow(page, **{"slots": ["tue-evening"], **changes})
    page = await browser.follow(page, **ANSWERS | await papers(browser, "5003"))
    return await browser.send(page)


# The form


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"women": "yes"}, "not_a_choice"),
        ({"women": None}, "not_a_choice"),
        ({"drinkers": "only"}, "not_a_choice"),
        (["women"], "wrong_type"),
        ("women", "wrong_type"),
        ({"women": "only", "men": "only"}, "contradict"),
        ({"women": "also", "men": "only"}, "contradict"),
    ],
)
def test_parse_form_bad_wishes_raises_form_invalid(wishes: Any, code: str) -> None:
    with pytest.raises(FormInvalid) as refused:
        parse_form(GOOD | {"wishes": wishes})
    assert {error.field: error.code for error in refused.value.errors} == {"wishes": code}


def test_form_json_ignores_order_of_wishes_and_leaves_out_none() -> None:
    wishes, reordered = {"young": "only", "women": "also"}, {"women": "also", "young": "only"}
    assert (
        parse_form(GOOD | {"wishes": wishes}).model_dump_json()
        == parse_form(GOOD | {"wishes": reordered}).model_dump_json()
    )
    assert parse_form(GOOD | {"wishes": {"men": "also", "women": "also"}}).wishes == {"women": "also", "men": "also"}
    assert parse_form(GOOD | {"wishes": {}}).model_dump_json() == parse_form(GOOD).model_dump_json()
    assert "wishes" not in parse_form(GOOD).model_dump_json()


# Web pages


@pytest.mark.parametrize("prefix", ["", "/nn", "/en"])
async def test_form_page_without_offered_wishes_asks_nothing(
    browser: Browser, pages: Browser, world: World, prefix: str
) -> None:
    for page in (await browser.times_page(prefix=prefix), await pages.times_page("0150", prefix)):
        assert page.status_code == 200
        assert "wish" not in page.text
    assert "wish" in (await pages.times_page("5003", prefix)).text


async def test_form_page_offered_wishes_default_to_ordinary_group(pages: Browser, offering: World) -> None:
    page = await pages.times_page()
    for text in (
        "En gruppe med bare kvinner?", "En gruppe for unge voksne, 18 til 30 år?", "Dette er frivillig",
    ):  # fmt: skip
        assert text in page.text
    assert "En gruppe med bare menn?" not in page.text
    form = forms_of(page)[0]
    assert {name: form.fields[name] for name in form.fields if "wish" in name} == {
        "wish_women": [""],
        "wish_young": [""],
    }
    about = await pages.follow(page, slots=["mon-day"])
    assert "og hvem du vil være i gruppe med, hvis du velger å svare på det" in about.text
    assert (await signed_up(pages, page)).status_code == 303
    assert await stored(offering) == [([], [])]


async def test_form_page_keeps_wishes_through_errors_and_stores_them(pages: Browser, offering: World) -> None:
    page = await pages.follow(await pages.times_page(), wish_women="only", wish_young="also")
    assert "Velg minst ett tidspunkt" in page.text
    page = await pages.follow(page, 0, f"/en{forms_of(page)[0].action}", _switch="en")
    form = forms_of(page)[0]
    assert (form.fields["wish_women"], form.fields["wish_young"]) == (["only"], ["also"])
    assert (await signed_up(pages, page)).status_code == 303
    assert await stored(offering) == [(["women", "young"], ["women"])]


async def test_form_page_wish_not_offered_shows_error(pages: Browser, offering: World) -> None:
    page = await pages.follow(await pages.times_page(), slots=["mon-day"], wish_men="only")
    assert NOT_OFFERED in page.text
    assert 'href="#wishes"' not in page.text
    page = await pages.follow(page, wish_men=None)
    assert 'data-step="3"' in page.text
    page = await pages.follow(await pages.times_page(), slots=["mon-day"], wish_women="only")
    page = await pages.get(forms_of(page)[0].action.replace("om-deg", "sted"))
    page = await pages.follow(page, place="0150")
    assert "det har ikke slike grupper som du ønsket deg" in page.text
    assert await offering.count("people") == 0


async def test_form_page_unknown_answer_shows_error(pages: Browser, offering: World) -> None:
    page = await pages.follow(await pages.times_page(), slots=["mon-day"], wish_women="<b>")
    assert 'href="#wishes"' in page.text
    assert "<b>" not in page.text
    assert await offering.count("people") == 0


async def test_privacy_page_mentions_wishes_only_if_offered(browser: Browser, pages: Browser) -> None:
    assert "Det er frivillig å svare" in (await pages.get("/personvern")).text
    assert "Det er frivillig å svare" not in (await browser.get("/personvern")).text


# API


async def test_api_lists_offered_wishes_and_accepts_them(pages: Browser, offering: World) -> None:
    offered = {centre["id"]: centre["wishes"] for centre in (await pages.get("/api/v1/centres")).json()}
    assert offered == {name: OFFERED if name == "link-bergen" else [] for name in offered}
    policy = offering.location().centre.policy
    body = BERGEN | {"consent_version": policy.consent_version, "information_version": policy.information_version}
    assert (await pages.post_json(body | {"wishes": {"young": "also"}})).status_code == 202
    assert await stored(offering) == [(["young"], [])]


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("nb", "Senteret kan ikke tilby en slik gruppe som du ønsker."),
        ("nn", "Senteret kan ikkje tilby ei slik gruppe som du ønskjer."),
        ("en", "The centre cannot offer a group like the one you wish for."),
    ],
)
async def test_api_wish_not_offered_is_422_in_three_languages(
    pages: Browser, offering: World, language: str, message: str
) -> None:
    policy = offering.location().centre.policy
    body = BERGEN | {"consent_version": policy.consent_version, "information_version": policy.information_version}
    answer = await pages.post_json(body | {"wishes": {"men": "only"}}, {"Accept-Language": language})
    assert answer.status_code == 422
    ((field, said),) = [(error["field"], error["message"]) for error in answer.json()["errors"]]
    assert field == "wishes"
    assert said.startswith(message)
    assert await offering.count("people") == 0


async def test_openapi_lists_possible_wishes(pages: Browser) -> None:
    document = (await pages.get("/api/openapi.json")).json()
    schema = document["paths"]["/api/v1/signups"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    wishes = schema["properties"]["wishes"]
    assert wishes["propertyNames"] == {"enum": ["women", "men", "young"]}
    assert wishes["additionalProperties"]["enum"] == ["also", "only"]
    assert "wishes" not in schema["required"]


# Staff


async def test_phone_signup_stores_and_shows_wishes(pages: Browser, offering: World) -> None:
    pages.sign_in_as_member("link-bergen")
    page = await pages.send(await pages.get("/stab/pamelding"), 1, place="5003")
    consent = offering.location().centre.policy.consent_version
    page = await pages.send(page, 1, wish_women="only", wish_young="also")
    assert forms_of(page)[1].fields["wish_women"] == ["only"]
    whole = {"first_name": "Ola", "mobile": "91234567", "adult": "true", "slots": "mon-day", "consent": consent}
    done = await pages.send(page, 1, **whole)
    assert done.status_code == 303
    person = await pages.get(done.headers["location"])
    assert "gruppe med bare kvinner (bare det), gruppe for unge voksne (gjerne det også)" in person.text
    assert await last_wishes(offering, signups.Ready) == (("women", "young"), ("women",))


# Events, export, erasure


async def test_confirm_publishes_wishes_and_changes(offering: World) -> None:
    await offering.confirmed(wishes={"women": "only", "young": "also"})
    assert await last_wishes(offering, signups.Ready) == (("women", "young"), ("women",))
    await offering.confirmed(wishes={"women": "also"})
    assert await last_wishes(offering, signups.Changed) == (("women",), ())
    offering.later(hours=25)  # no address gets more than two mails a day
    await offering.confirmed(slots=["sun-day"])
    assert await last_wishes(offering, signups.Changed) == ((), ())
    assert await stored(offering) == [([], [])]


async def test_confirm_newest_form_has_its_own_wishes(offering: World) -> None:
    for wishes in ({}, {"women": "only"}, {"women": "also"}):
        await offering.register(wishes=wishes)
    await offering.confirm_newest()
    assert await last_wishes(offering, signups.Ready) == (("women",), ("women",))


async def test_export_has_wishes_and_erasure_deletes_them(offering: World) -> None:
    person_id = await offering.person_of(await offering.confirmed(wishes={"women": "only"}))
    async with offering.transaction() as session:
        data = await export.export_person(session, offering.vault, person_id, reader="berit", now=offering.clock.now())
    (signup,) = data["signups"]
    assert (signup["groups_also"], signup["groups_only"]) == (["women"], ["women"])
    assert await offering.erase(person_id)
    assert await offering.count("signups") == 0


@pytest.mark.parametrize("source", [Source("web"), Source("api"), Source("oral", "berit")])
async def test_register_wish_not_offered_raises_from_every_source(world: World, source: Source) -> None:
    with pytest.raises(FormInvalid, match="wishes: not_offered"):
        await world.register(source, wishes={"women": "also"})
    assert await world.count("people") == 0
