"""The same act of staff for several people: chosen in a list, seen first, done with one press, told at the end."""

import re
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.intake.support.browser import Browser, forms_of
from tests.intake.support.world import World
from tests.intake.test_people_search import SEARCH
from tests.intake.test_several_people import acts_of, asked, crowd, paused, states, unconfirmed, waiting, withdrawn

LIST = "/stab/personer"
SEVERAL = f"{LIST}/flere"
DO = f"{SEVERAL}/gjor"


def words(page: httpx.Response) -> str:
    """Return what is read on a page."""
    main = page.text.partition("<main")[2]
    return " ".join(re.sub(r"<[^>]+>", "", main).split())


def fields(page: httpx.Response, action: str = DO) -> dict[str, list[str]]:
    return next(form.fields for form in forms_of(page) if form.action == action)


async def ask(browser: Browser, act: str, ids: list[UUID], path: str = LIST) -> httpx.Response:
    """Tick people in the list and press a button below it."""
    return await browser.press(await browser.get(path), SEVERAL, gjor=act, person=[str(each) for each in ids])


async def everything(world: World) -> list[Any]:
    return [await states(world), await world.all_events(), await world.audit_entries()]


@pytest.fixture
def staff(browser: Browser) -> Browser:
    browser.sign_in_as_member("link-bergen")
    return browser


async def test_list_has_a_box_for_each_person_told_apart(staff: Browser, world: World) -> None:
    ids = await waiting(world, "Kari", "Ola")
    page = await staff.get(LIST)
    boxes = re.findall(r'type="checkbox" form="several" name="person" value="([^"]+)" aria-label="([^"]+)"', page.text)
    assert [(UUID(value), label) for value, label in boxes] == [
        (ids[0], "Velg personen, Kari"), (ids[1], "Velg personen, Ola"),
    ]  # fmt: skip
    for name in ("Vil fortsatt ha en gruppe …", "Har lest informasjonen …", "Ta en pause …", "Meld av …"):
        assert name in page.text


async def test_preview_names_who_is_left_out_and_changes_nothing(staff: Browser, world: World) -> None:
    ids = await waiting(world, "Kari", "Ola", "Per", "Siv")
    await paused(world, ids[0])
    await paused(world, ids[1])
    await withdrawn(world, ids[2])
    chosen = [*ids, await unconfirmed(world, "Una"), uuid4()]
    before, readings = await everything(world), await world.count("contact_readings")

    page = await ask(staff, "pause", chosen)

    text = words(page)
    assert page.status_code == 200
    assert "Gi 1 person en pause?" in text
    assert "Det gjelder 1 av de 6 du valgte." in text
    assert "Har pause nå: Kari, Ola" in text
    assert "Meldt av før: Per" in text
    assert "Har ikke bekreftet påmeldingen: Una" in text
    assert "1 påmelding finnes ikke lenger hos dere." in text
    assert fields(page)["person"] == [f"{ids[3]}.ready"]
    assert await everything(world) == before
    assert await world.count("contact_readings") == readings + 5 + 5  # the list, and the preview


@pytest.mark.parametrize(
    ("act", "question", "action"),
    [
        ("fortsatt", "Skrive ned at 2 personer fortsatt vil ha en gruppe?", "signup.renewed"),
        ("pause", "Gi 2 personer en pause?", "signup.paused"),
        ("avmeld", "Melde av 2 personer?", "signup.withdrawn"),
    ],
)
async def test_act_is_done_with_one_press_and_the_list_tells(
    staff: Browser, world: World, act: str, question: str, action: str
) -> None:
    ids = await waiting(world, "Kari", "Ola")
    await asked(world)
    page = await ask(staff, act, ids, f"{LIST}?tilstand=ready&rekke=-dato")
    assert question in words(page)
    done = await staff.press(page, DO)
    assert (done.status_code, done.headers["location"]) == (303, f"{LIST}?tilstand=ready&rekke=-dato&gjort=2")
    assert len(await acts_of(world, action)) == 2
    shown = await staff.get(done.headers["location"])
    assert "Det er gjort for 2 personer." in words(shown)
    assert "undo-form" not in shown.text
    assert "gjort=" not in shown.text.partition("<main")[2].partition("</main>")[0]


async def test_search_offers_the_same_acts_for_its_people(staff: Browser, world: World) -> None:
    ids = await waiting(world, "Kari", "Ola")
    found = await staff.send(await staff.get(LIST), SEARCH, tekst="Kari")
    page = await staff.press(found, SEVERAL, gjor="pause", person=[str(ids[0])])
    done = await staff.press(page, DO)
    assert done.headers["location"] == f"{LIST}?gjort=1"
    assert await states(world) == [("ready", True), ("ready", False)]


async def test_who_changed_meanwhile_is_left_out_and_named(staff: Browser, world: World) -> None:
    ids = await waiting(world, "Kari", "Ola", "Per")
    page = await ask(staff, "avmeld", ids)
    await paused(world, ids[0])
    await withdrawn(world, ids[1])
    done = await staff.press(page, DO)
    text = words(done)
    assert done.status_code == 200
    assert "Gjort, men ikke for alle" in text
    assert "Det er gjort for 1 person." in text
    assert "Disse er som før" in text
    assert "Meldt av før: Ola" in text
    assert "Har skiftet tilstand siden du så siden: Kari" in text
    assert len(await acts_of(world, "signup.withdrawn")) == 1


async def test_same_press_twice_says_that_nothing_changed(staff: Browser, world: World) -> None:
    page = await ask(staff, "pause", await waiting(world, "Kari", "Ola"))
    await staff.press(page, DO)
    before = await everything(world)
    again = words(await staff.press(page, DO))
    assert "Det ble ikke gjort" in again
    assert "Ingenting er endret." in again
    assert "Har pause nå: Kari, Ola" in again
    assert await everything(world) == before


@pytest.mark.parametrize("path", [SEVERAL, DO])
@pytest.mark.parametrize(
    ("sent", "status", "told"),
    [
        ({"gjor": "pause", "person": []}, 303, f"{LIST}?gjort=0"),
        ({"gjor": "slett", "person": ["{ola}"]}, 422, "Noe må rettes"),
        ({"gjor": "", "person": ["{ola}"]}, 422, "Noe må rettes"),
        ({"gjor": "pause", "person": ["x"]}, 422, "Noe må rettes"),
        ({"gjor": "pause", "person": ["{ola}", "{ola}.ready' or 1=1"]}, 200, ""),
        ({"gjor": "pause", "person": ["{oslo}"]}, 200, "1 påmelding finnes ikke lenger hos dere."),
        ({"gjor": "fortsatt", "person": ["{oslo}", "{una}"]}, 200, "Har ikke bekreftet påmeldingen: Una"),
        ({"gjor": "pause", "person": ["{una}"], "neste": "//evil.example"}, 200, 'href="/stab/personer"'),
    ],
)
async def test_wrong_press_is_answered_clearly_and_changes_nothing(
    staff: Browser, world: World, path: str, sent: dict[str, Any], status: int, told: str
) -> None:
    (ola,), (oslo,) = await waiting(world, "Ola"), await waiting(world, "Nora", place="0150")
    ids = {"ola": ola, "oslo": oslo, "una": await unconfirmed(world, "Una")}
    page = await ask(staff, "pause", [ola])
    before = await everything(world)
    token = fields(page)["_csrf"]
    people = [text.format(**ids) for text in sent["person"]]
    data = {**sent, "person": people, "_csrf": token}
    answer = await staff.client.post(path, data=data, headers={"Origin": "http://selvhjelp.example"})
    assert answer.status_code == status
    assert told in (answer.headers.get("location", "") if status == 303 else words(answer) + answer.text)
    assert "Nora" not in answer.text
    assert await everything(world) == before


async def test_nobody_chosen_leads_back_to_the_same_list(staff: Browser, world: World) -> None:
    await waiting(world, "Kari")
    answer = await ask(staff, "pause", [], f"{LIST}?tilstand=ready")
    assert answer.headers["location"] == f"{LIST}?tilstand=ready&gjort=0"
    assert "Ingenting er endret. Velg først hvem det gjelder." in words(await staff.get(answer.headers["location"]))
    assert (await staff.get(SEVERAL)).headers["location"] == LIST


async def test_more_people_than_one_press_takes_are_done_in_turn(staff: Browser, world: World) -> None:
    """The form is longer than any other, and nobody is lost on the way."""
    chosen = await crowd(world, 420)
    page = await ask(staff, "pause", chosen)
    for now, left in ((250, 420), (170, 170)):
        assert f"Gi {now} personer en pause?" in words(page)
        assert len(fields(page)["person"]) == left
        page = await staff.press(page, DO)
    assert page.headers["location"] == f"{LIST}?gjort=170"
    assert len(await acts_of(world, "signup.paused")) == 420


@pytest.mark.parametrize("role", ["admin", "leser"])
async def test_other_roles_reach_neither_preview_nor_act(browser: Browser, world: World, role: str) -> None:
    ids = await waiting(world, "Kari")
    browser.sign_in_as_member("link-bergen")
    page = await ask(browser, "pause", ids)
    browser.sign_in_as_member("link-bergen", roles=[role])
    before = await everything(world)
    for path in (SEVERAL, DO):
        assert (await browser.send(page, -1, path)).status_code == 403
    assert await everything(world) == before


async def test_pages_speak_all_three_languages(staff: Browser, world: World) -> None:
    ids = await waiting(world, "Kari")
    for prefix, question in (("/nn", "Gi 1 person ein pause?"), ("/en", "Pause 1 person?")):
        page = await ask(staff, "pause", ids, f"{prefix}{LIST}")
        assert question in words(page)
