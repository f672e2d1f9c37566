"""The list of people, and the search among sealed names."""

import re
from uuid import UUID

import pytest

from intake.domain.people_search import PeopleSearch
from tests.intake.support.browser import Browser, forms_of
from tests.intake.support.world import World

SEARCH = 1
"""The number of the search form on the list of people."""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("kari", True),
        ("KARI", True),
        (" Kari  anne ", True),
        ("anne", True),
        ("Kari-Anne", True),
        ("ari", False),
        ("567", True),
        ("12 34 567", True),
        ("+47 912 34 567", True),
        ("004791234567", True),
        ("912", False),
        ("kari@example.org", True),
        ("Kari@", True),
        ("@example.org", True),
        ("ola@example.org", False),
    ],
)
def test_search_means_name_last_digits_or_address(text: str, found: bool) -> None:
    search = PeopleSearch.parse(text)
    assert search is not None
    assert search.matches("Kari Anne", "+4791234567", "kari@example.org") == found


@pytest.mark.parametrize(("text", "name"), [("øys", "Øystein"), ("ØYS", "øystein"), ("Ýr", "ýr"), ("A\u030age", "Åge")])
def test_search_folds_letters_of_names(text: str, name: str) -> None:
    search = PeopleSearch.parse(text)
    assert search is not None
    assert search.matches(name, None, None)


@pytest.mark.parametrize("text", ["", " ", "k", "12", "@", "4 2", "\u00b2"])
def test_search_too_short_means_nobody(text: str) -> None:
    assert PeopleSearch.parse(text) is None


async def people(world: World, count: int = 3) -> list[UUID]:
    """Sign up people called Kari in Bergen, each with a number of their own."""
    return [
        await world.person_of(await world.confirmed(email=f"kari{number}@example.org", mobile=f"+479123450{number}"))
        for number in range(count)
    ]


def shown(text: str) -> list[str]:
    return re.findall(r'href="/stab/personer/([0-9a-f-]{36})"', text)


async def test_search_finds_people_and_records_no_text(browser: Browser, world: World) -> None:
    ids = await people(world)
    await world.confirmed(email="ola@example.org", first_name="Ola", mobile="+4791999999")
    browser.sign_in_as_member("link-bergen")
    listing = await browser.get("/stab/personer")
    for text, expected in (("kari", set(ids)), ("501", {ids[1]}), ("kari2@example.org", {ids[2]}), ("ingen", set())):
        page = await browser.send(listing, SEARCH, tekst=text)
        assert page.status_code == 200
        assert {UUID(id_) for id_ in shown(page.text)} == expected
        assert str(page.url).endswith("/stab/personer/sok")
    entries = [entry for entry in await world.audit_entries() if entry[1] == "people.searched"]
    assert entries == [("berit", "people.searched", "link-bergen")] * 4
    assert "kari" not in str(await world.rows("select * from audit_log"))


async def test_search_leads_to_groups_and_rooms_with_its_text(browser: Browser, world: World) -> None:
    """The form is grouping's, under a key that both services hold; no text is in an address."""
    browser.sign_in_as_member("link-bergen")
    page = await browser.send(await browser.get("/stab/personer"), SEARCH, tekst='"tirsdag" <sentrum>')
    form = next(form for form in forms_of(page) if form.action == "/stab/grupper/sok")
    assert form.fields["tekst"] == ['"tirsdag" <sentrum>']
    keys = browser.app.state.web.form_keys
    assert keys.of(form.action) is not keys.own
    assert keys.of("/stab/grupper/soknad") is keys.own


async def test_three_of_one_name_are_told_apart(browser: Browser, world: World) -> None:
    await people(world)
    browser.sign_in_as_member("link-bergen")
    page = await browser.send(await browser.get("/stab/personer"), SEARCH, tekst="Kari")
    for digits in ("500", "501", "502"):
        assert f"… {digits}" in page.text
    assert "Bergen" in page.text
    assert "05.01.2026" in page.text


async def test_search_of_other_centres_people_finds_nobody(browser: Browser, world: World) -> None:
    await people(world, 1)
    browser.sign_in_as_member("link-oslo")
    page = await browser.send(await browser.get("/stab/personer"), SEARCH, tekst="Kari")
    assert shown(page.text) == []
    assert await world.count("contact_readings") == 0


async def test_search_of_unconfirmed_signup_knows_typed_values_only(browser: Browser, world: World) -> None:
    await world.confirmed(place="0150", mobile="+4791234567")
    await world.register(first_name="Noen", mobile="+4798765432")
    browser.sign_in_as_member("link-bergen")
    listing = await browser.get("/stab/personer")
    for text, count in (("Kari", 0), ("Noen", 1), ("567", 0), ("432", 1)):
        assert len(shown((await browser.send(listing, SEARCH, tekst=text)).text)) == count


@pytest.mark.parametrize("text", ["", "k", "12", "@"])
async def test_search_too_short_asks_for_more(browser: Browser, world: World, text: str) -> None:
    await people(world, 1)
    browser.sign_in_as_member("link-bergen")
    page = await browser.send(await browser.get("/stab/personer"), SEARCH, tekst=text)
    assert page.status_code == 422
    assert "Skriv minst to bokstaver" in page.text
    assert shown(page.text) == []


async def test_search_reads_beyond_one_batch_and_page(
    browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.usecases.people_search.PEOPLE_AT_ONCE", 2)
    monkeypatch.setattr("intake.web.people_search.PAGE_SIZE", 2)
    ids = await people(world, 5)
    browser.sign_in_as_member("link-bergen")
    page = await browser.send(await browser.get("/stab/personer"), SEARCH, tekst="Kari")
    assert "5 personer passer" in page.text
    seen = shown(page.text)
    for side in ("2", "3"):
        seen += shown((await browser.send(page, SEARCH, tekst="Kari", side=side)).text)
    assert sorted(map(UUID, seen)) == sorted(ids)


async def test_list_counts_sorts_and_filters(browser: Browser, world: World) -> None:
    first, *_ = await people(world)
    world.later(days=1)
    newest = await world.person_of(await world.confirmed(email="ny@example.org", place="0150"))
    browser.sign_in_as_member("link-bergen", "link-oslo")
    text = (await browser.get("/stab/personer")).text
    assert "4 påmeldinger" in text
    assert shown(text)[0] == str(first)
    text = (await browser.get("/stab/personer?rekke=-dato")).text
    assert shown(text)[0] == str(newest)
    text = (await browser.get("/stab/personer?senter=link-oslo&rekke=-dato&tilstand=ready")).text
    assert shown(text) == [str(newest)]
    assert "1 påmelding<" in text
    assert 'href="/stab/personer?senter=link-oslo&amp;rekke=-dato"' in text
    for query in (
        "side=x",
        "side=0",
        "side=99999999",
        "senter=link-nord",
        "tilstand=x",
        "rekke=x",
        "per=7",
        "per=x",
        "rekke=-",
    ):
        assert "4 påmeldinger" in (await browser.get(f"/stab/personer?{query}")).text


async def test_people_list_as_file_has_no_addresses_and_is_recorded(browser: Browser, world: World) -> None:
    await people(world)
    browser.sign_in_as_member("link-bergen")
    page = await browser.get("/stab/personer?rekke=-sted&tilstand=ready")
    before = await world.rows("select count(*) from contact_readings")
    answer = await browser.press(page, "/stab/personer?tilstand=ready&rekke=-sted", som="csv")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Fornavn;Nummer;Sted;Meldte seg på;Tilstand"
    assert len(lines) == 4
    assert "@" not in answer.text
    assert "+47" not in answer.text
    after = await world.rows("select count(*) from contact_readings")
    assert after[0][0] == before[0][0] + 3
    rows = await world.rows("select actor, details ->> 'rows' from audit_log where action = 'list.exported'")
    assert [tuple(row) for row in rows] == [("berit", "3")]


@pytest.mark.parametrize("order", ["sted", "-sted", "tilstand", "-tilstand", "dato", "-dato"])
async def test_people_list_is_ordered_in_the_database(browser: Browser, world: World, order: str) -> None:
    for number, place in enumerate(("5003", "0150", "5300", "0150")):
        world.later(days=1)
        await world.confirmed(email=f"p{number}@example.org", place=place)
    browser.sign_in_as_member("link-bergen", "link-oslo")
    text = (await browser.get(f"/stab/personer?rekke={order}")).text
    back = (
        await browser.get(f"/stab/personer?rekke={order.removeprefix('-') if order[0] == '-' else '-' + order}")
    ).text
    assert shown(text) == shown(back)[::-1]
    places = re.findall(r'data-label="Sted">([^,<]+)', text)
    if order == "sted":
        assert places == ["Askøy", "Bergen", "Oslo", "Oslo"]


@pytest.mark.parametrize(
    ("text", "areas"),
    [("bergen", ["bergen"]), ("Askøy", ["bergen"]), ("oslo", []), ("bergen oslo", []), ("Kari", [])],
)
async def test_search_names_areas_of_own_centres_too(browser: Browser, text: str, areas: list[str]) -> None:
    browser.sign_in_as_member("link-bergen")
    answer = await browser.send(await browser.get("/stab/personer"), SEARCH, tekst=text)
    assert re.findall(r'href="/stab/omrader/([^"]+)"', answer.text.partition("<main")[2]) == areas


@pytest.mark.parametrize("role", ["koordinator", "admin", "leser"])
async def test_help_page_tells_every_key_of_the_script(browser: Browser, role: str) -> None:
    browser.sign_in_as_member("link-bergen", roles=[role])
    page = (await browser.get("/stab/hjelp")).text
    script = (await browser.get("/static/staff.js")).text
    told = set(re.findall(r"<kbd>(.)</kbd>", page))
    keys = re.search(r"GOES = {(.*?)}", script)
    assert keys
    assert told == {*re.findall(r"(\w):", keys[1]), "g", "/", "?"}
