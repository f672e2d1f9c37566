"""The public pages: a person without JavaScript signs up, confirms and leaves."""

import httpx
import pytest

from intake.usecases.locations import Location as Place
from tests.intake.site import Site, forms_of
from tests.intake.world import World

ANSWERS = {
    "first_name": "Kari",
    "email": "kari@example.org",
    "slots": ["tue-evening", "thu-day"],
    "adult": "true",
}


async def papers(site: Site, place: str) -> dict[str, str]:
    found = site.app.state.intake.map.find(place)
    assert isinstance(found, Place)
    policy = found.centre.policy
    return {"consent": policy.consent_version, "information": policy.information_version or ""}


async def signed_up(site: Site, place: str = "5003", prefix: str = "", **changes: str) -> httpx.Response:
    page = await site.whole_form(place, prefix)
    page = await site.send(page, **ANSWERS | await papers(site, place) | changes)
    assert page.status_code == 422
    return await site.send(page)


async def link(site: Site, world: World, purpose: str) -> str:
    (event,) = [event for event in await world.events() if event.subject == "signups.received.v1"]
    data = event.model_dump()
    links = site.app.state.intake.links
    id_ = data["confirmation_id"] if purpose == "confirm" else data["signup_id"]
    return str(links.url("", "nb", purpose, id_))


@pytest.mark.parametrize("prefix", ["", "/nn", "/en"])
@pytest.mark.parametrize("path", ["/", "/pamelding", "/takk", "/personvern", "/informasjon/link-oslo"])
async def test_every_page_is_there_in_every_language_with_help_lines(site: Site, prefix: str, path: str) -> None:
    page = await site.get(prefix + path)
    assert page.status_code == 200
    assert "116 123" in page.text
    assert f'<html lang="{prefix[1:] or "nb"}"' in page.text
    assert "set-cookie" not in page.headers


@pytest.mark.parametrize("prefix", ["", "/nn", "/en"])
async def test_somebody_signs_up_in_their_language(site: Site, world: World, prefix: str) -> None:
    answer = await signed_up(site, prefix=prefix)
    assert (303, f"{prefix}/takk") == (answer.status_code, answer.headers["location"])
    ((language, slots, languages, km),) = await world.rows(
        "select language, slots, languages, max_travel_km from signups"
    )
    assert (prefix[1:] or "nb", ["tue-evening", "thu-day"], ["nb"], 20) == (language, slots, languages, km)


async def test_known_and_unknown_are_answered_alike(site: Site, world: World) -> None:
    first = await signed_up(site)
    second = await signed_up(site)
    third = await signed_up(site, first_name="Ola", slots="mon-day")
    fourth = await signed_up(site, email="ola@example.org")
    assert len({(a.status_code, a.text, a.headers["location"]) for a in (first, second, third, fourth)}) == 1
    assert await world.count("people") == 2


async def test_a_human_who_is_fast_is_only_asked_to_press_again(site: Site, world: World) -> None:
    page = await site.whole_form()
    page = await site.send(page, **ANSWERS | await papers(site, "5003"))
    assert page.status_code == 422
    assert "Se gjerne over svarene en gang til" in page.text
    assert await world.count("signups") == 0
    assert (await site.send(page)).status_code == 303
    assert await world.count("signups") == 1


async def test_who_fills_in_what_no_person_sees_stays_outside(site: Site, world: World) -> None:
    page = await site.whole_form()
    for _ in range(3):
        page = await site.send(page, nettside="http://spam.example", **ANSWERS | await papers(site, "5003"))
        assert page.status_code == 422
    assert await world.count("signups") == 0
    assert (await site.send(page)).status_code == 303


async def test_a_double_click_is_one_sign_up(site: Site, world: World) -> None:
    page = await site.whole_form()
    page = await site.send(page, **ANSWERS | await papers(site, "5003"))
    assert (await site.send(page)).status_code == 303
    assert (await site.send(page)).status_code == 303
    assert (await site.send(page, first_name="Kari Anne")).status_code == 303  # back, changed, sent again
    assert await world.subjects() == ["received", "received"]


async def test_all_that_is_wrong_is_said_at_once_and_what_was_typed_is_kept(site: Site, world: World) -> None:
    page = await site.whole_form()
    page = await site.send(page, first_name="Kari", email="feil", mobile="12", languages=[], slots=["mon-day"])
    assert page.status_code == 422
    for sentence in (
        "Se over e-postadressen", "Se over mobilnummeret", "Velg minst ett språk", "Gruppene er for voksne",
        "Vi må ha ditt samtykke",
    ):  # fmt: skip
        assert sentence in page.text
    (form,) = forms_of(page)
    assert tuple(form.fields[name] for name in ("first_name", "email", "mobile", "slots")) == (
        ["Kari"],
        ["feil"],
        ["12"],
        ["mon-day"],
    )
    assert await world.count("people") == 0


async def test_no_field_asks_why(site: Site) -> None:
    (form,) = forms_of(await site.whole_form("0150"))
    names = {
        "_csrf",
        "centre",
        "nonce",
        "first_name",
        "email",
        "mobile",
        "place",
        "max_travel_km",
        "languages",
        "nettside",
    }
    assert names == set(form.fields)


async def test_reading_is_asked_for_where_the_centre_asks(site: Site, world: World) -> None:
    page = await site.whole_form("0150")
    page = await site.send(page, **ANSWERS | await papers(site, "0150") | {"information": ""})
    assert "Senteret ber deg lese informasjonen først" in page.text
    assert (await signed_up(site, "0150")).status_code == 303
    assert await world.count("signups", "read_at is not null and centre = 'link-oslo'") == 1


@pytest.mark.parametrize("prefix", ["", "/nn", "/en"])
async def test_the_form_says_that_nobody_watches_it_day_and_night(site: Site, prefix: str) -> None:
    page = (await site.whole_form(prefix=prefix)).text
    assert 0 < page.index('id="not-watched"') < page.index('type="submit"', page.index('id="not-watched"'))


async def test_a_name_that_many_places_have_is_asked_about_and_nothing_is_lost(site: Site, world: World) -> None:
    page = await site.send(await site.get("/pamelding"), place="Nes")
    assert page.status_code == 200
    assert 'name="place_choice"' in page.text
    choices = page.text.split('name="place_choice" value="')[1:]
    label = choices[0].split('"')[0]
    page = await site.send(page, place_choice=label)
    assert 'name="first_name"' in page.text
    page = await site.send(page, first_name="Kari", place="Nes")
    assert page.status_code == 422
    (form,) = forms_of(page)
    assert form.fields["first_name"] == ["Kari"]
    page = await site.send(page, place_choice=label)
    assert [label] == forms_of(page)[0].fields["place"]
    assert await world.count("people") == 0


async def test_a_new_postal_code_is_accepted_with_a_kommune(site: Site) -> None:
    page = await site.send(await site.get("/pamelding"), place="5999")
    assert '<select class="ds-input" id="place_choice"' in page.text
    page = await site.send(page, place_choice="Bergen kommune, Vestland")
    assert 'name="centre" value="link-bergen"' in page.text


async def test_a_place_without_a_centre_gets_other_offers_and_stores_nothing(site: Site, world: World) -> None:
    page = await site.send(await site.get("/pamelding"), place="9170")
    assert page.status_code == 200
    assert "Vi har ikke lagret noe" in page.text
    assert await world.count("people") == 0


async def test_nonsense_is_no_place(site: Site) -> None:
    for place in ("", "qwertyuiop", "\x00", "<script>", "9" * 90):
        page = await site.send(await site.get("/pamelding"), place=place)
        assert page.status_code == 422
        assert "<script>alert" not in page.text


async def test_another_centre_than_before_means_reading_again(site: Site, world: World) -> None:
    page = await site.whole_form("5003")
    page = await site.send(page, **ANSWERS | await papers(site, "5003") | {"place": "0150"})
    assert page.status_code == 422
    assert 'name="centre" value="link-oslo"' in page.text
    (form,) = forms_of(page)
    assert "consent" not in form.fields
    assert form.fields["first_name"] == ["Kari"]
    assert await world.count("people") == 0


async def test_switching_language_keeps_the_answers(site: Site) -> None:
    page = await site.whole_form()
    page = await site.send(page, 0, "/en/pamelding", first_name="Kari", slots=["sun-evening"], _switch="en")
    assert page.status_code == 200
    assert '<html lang="en"' in page.text
    (form,) = forms_of(page)
    assert (form.fields["first_name"], form.fields["slots"]) == (["Kari"], ["sun-evening"])


async def test_opening_a_link_changes_nothing_and_pressing_confirms(site: Site, world: World) -> None:
    await signed_up(site)
    path = await link(site, world, "confirm")
    for _ in range(3):
        page = await site.get(path)
        assert page.status_code == 200
        await site.client.head(path)
    assert await world.subjects() == ["received"]
    done = await site.send(page)
    assert "nå er det bekreftet" in done.text
    assert await world.subjects() == ["received", "confirmed", "ready"]
    again = await site.get(path)
    assert "Du har bekreftet allerede" in again.text
    assert "Du har bekreftet allerede" in (await site.send(page)).text
    assert len(await world.subjects()) == 3


async def test_a_link_without_our_mac_or_too_old_says_so_kindly(site: Site, world: World) -> None:
    await signed_up(site)
    path = await link(site, world, "confirm")
    page = await site.get(path)
    world.later(hours=73)
    for answer in (
        await site.get(path),
        await site.send(page),
        await site.get(path[:-2] + "xx"),
        await site.get("/bekreft/x"),
    ):
        assert answer.status_code == 410
        assert "Du er velkommen til å melde deg på igjen" in answer.text
    assert await world.subjects() == ["received"]


async def test_a_token_of_one_purpose_opens_no_other_page(site: Site, world: World) -> None:
    await signed_up(site)
    token = (await link(site, world, "confirm")).split("/")[-1]
    assert (await site.get(f"/meld-av/{token}")).status_code == 404


async def test_leaving_takes_a_page_and_a_button(site: Site, world: World) -> None:
    await signed_up(site)
    path = await link(site, world, "leave")
    page = await site.get(path)
    assert "Vil du melde deg av?" in page.text
    assert await world.subjects() == ["received"]
    for _ in range(2):
        assert "Du er meldt av" in (await site.send(page)).text
    assert "Du er meldt av" in (await site.get(path)).text
    assert await world.subjects() == ["received", "withdrawn"]


@pytest.mark.parametrize("multipart", [False, True])
async def test_the_button_of_a_mail_program_leaves_at_once(site: Site, world: World, multipart: bool) -> None:
    await signed_up(site)
    path = await link(site, world, "leave")
    sent = {"files" if multipart else "data": {"List-Unsubscribe": (None, "One-Click") if multipart else "One-Click"}}
    headers = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
    for _ in range(2):
        answer = await site.client.post(f"/nn{path}", headers=headers, **sent)  # type: ignore[arg-type]
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
    assert await world.subjects() == ["received", "withdrawn"]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "List-Unsubscribe=one-click",
        "List-Unsubscribe=One-Click&List-Unsubscribe=One-Click",
        "List-Unsubscribe=One-Click&_csrf=x",
        "list-unsubscribe=One-Click",
    ],
)
async def test_nothing_but_the_words_of_a_mail_program_goes_without_a_form(site: Site, world: World, body: str) -> None:
    await signed_up(site)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    leave = await link(site, world, "leave")
    assert (await site.client.post(leave, content=body, headers=form)).status_code == 403
    # ... and these words open no other door.
    confirm = await link(site, world, "confirm")
    words = {"List-Unsubscribe": "One-Click"}
    assert (await site.client.post(confirm, data=words)).status_code == 403
    assert (await site.client.post(f"{leave[:-2]}xx", data=words)).status_code == 404
    assert (await site.client.get(leave, params=words)).status_code == 200
    assert await world.subjects() == ["received"]


async def test_a_form_from_another_site_is_refused(site: Site, world: World) -> None:
    page = await site.whole_form()
    (form,) = forms_of(page)
    answer = await site.client.post("/pamelding", data=form.fields, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert (await site.client.post("/pamelding", data={"place": "5003"})).status_code == 403
    assert await world.count("people") == 0


async def test_the_front_page_needs_no_database(site: Site, world: World) -> None:
    await world.db.dispose()
    broken = site.app.state.intake
    from pydantic import SecretStr

    from shared.kit.database.engine import Database

    nowhere = Database(SecretStr("postgresql+asyncpg://nobody@127.0.0.1:1/none"))
    object.__setattr__(broken, "database", nowhere)
    for path in ("/", "/nn/", "/pamelding", "/personvern"):
        page = await site.get(path)
        assert page.status_code == 200
        assert "116 117" in page.text
    page = await site.whole_form()
    page = await site.send(page, **ANSWERS | await papers(site, "5003"))
    answer = await site.send(page)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


async def test_what_was_typed_is_inert_wherever_it_shows(site: Site) -> None:
    page = await site.whole_form()
    page = await site.send(page, first_name='"><script>alert(1)</script>', email="{{7*7}}")
    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;" in page.text
    assert "{{7*7}}" in page.text
