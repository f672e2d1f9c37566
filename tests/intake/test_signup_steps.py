"""The sign-up in three steps: nothing typed is lost, and nothing is kept that nobody sent."""

from typing import Any

import pytest

from shared.events.signups import Ready
from shared.kit.web.pages import QUICK_EXIT_URL
from tests.intake.support.browser import Browser, forms_of
from tests.intake.support.signup_form import fields, step
from tests.intake.support.world import BERGEN, World
from tests.intake.test_centres import with_policy
from tests.intake.test_public import ANSWERS, papers, signed_up

LANGUAGES = pytest.mark.parametrize("prefix", ["", "/nn", "/en"])


@LANGUAGES
async def test_sign_up_stores_language_of_page(browser: Browser, world: World, prefix: str) -> None:
    answer = await signed_up(browser, prefix=prefix)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{prefix}/takk/")
    ((language, slots, languages, km),) = await world.rows(
        "select language, slots, languages, max_travel_km from signups"
    )
    spoken = ["en"] if prefix == "/en" else ["nb"]
    assert (prefix[1:] or "nb", ["tue-evening", "thu-day"], spoken, 20) == (language, slots, languages, km)


async def test_sign_up_answers_known_and_unknown_alike(browser: Browser, world: World) -> None:
    answers = [
        await signed_up(browser),
        await signed_up(browser),
        await signed_up(browser, first_name="Ola", times={"slots": "mon-day"}),
        await signed_up(browser, email="ola@example.org"),
    ]
    assert len({(answer.status_code, answer.text, len(answer.headers["location"])) for answer in answers}) == 1
    pages = {(await browser.get(answer.headers["location"])).text.count("<li>") for answer in answers}
    assert len(pages) == 1
    assert await world.count("people") == 3


async def test_sign_up_too_fast_asks_to_press_again(browser: Browser, world: World) -> None:
    page = await browser.follow(await browser.about_page(), **ANSWERS | await papers(browser, "5003"))
    assert "Det gikk fort! Se over svarene, og trykk én gang til." in page.text
    assert await world.count("signups") == 0
    assert "Takk, vi har fått påmeldingen din" in (await browser.follow(page)).text
    assert await world.count("signups") == 1


async def test_sign_up_filled_honeypot_stores_nothing(browser: Browser, world: World) -> None:
    page = await browser.about_page()
    for _ in range(3):
        page = await browser.follow(page, nettside="http://spam.example", **ANSWERS | await papers(browser, "5003"))
        assert step(page) == "3"
    assert await world.count("signups") == 0
    assert "/takk/" in (await browser.send(page)).headers["location"]


async def test_sign_up_double_click_and_back_is_one_signup(browser: Browser, world: World) -> None:
    page = await browser.follow(await browser.about_page(), **ANSWERS | await papers(browser, "5003"))
    first = await browser.send(page)
    second = await browser.send(page)
    changed = await browser.send(page, first_name="Kari Anne")
    assert len({answer.headers["location"] for answer in (first, second, changed)}) == 1
    back = await browser.get(forms_of(page)[0].action)
    assert back.headers["location"] == first.headers["location"]
    assert await world.subjects() == ["received"]


async def test_sign_up_shows_all_errors_and_keeps_values(browser: Browser, world: World) -> None:
    page = await browser.follow(await browser.times_page(), languages=[], slots=[])
    assert (step(page), page.status_code) == ("2", 200)
    assert "<title>Feil:" in page.text
    for sentence in ("Velg minst ett tidspunkt som kan passe.", "Velg minst ett språk."):
        assert page.text.count(sentence) == 2
    page = await browser.follow(page, slots=["mon-day"], languages=["nb", "en"])
    page = await browser.follow(page, first_name="Kari", email="feil", mobile="12")
    for sentence in (
        "Se over e-postadressen. Den skal se ut som navn@eksempel.no.",
        "Se over mobilnummeret. Norske numre har åtte siffer.",
        "Gruppene er for voksne. Kryss av hvis du er 18 år eller eldre.",
        "Vi må ha ditt samtykke for å ta vare på det du har skrevet.",
    ):
        assert sentence in page.text
    assert [fields(page)[name] for name in ("first_name", "email", "mobile")] == [["Kari"], ["feil"], ["12"]]
    assert await world.count("people") == 0


async def test_form_pages_have_no_field_for_a_reason(browser: Browser) -> None:
    times, about = await browser.times_page("0150"), await browser.about_page("0150")
    asked = {"first_name", "email", "mobile", "max_travel_km", "languages", "nettside", "_csrf", "_proof"}
    assert asked == set(fields(times)) | set(fields(about))


async def test_sign_up_unread_information_shows_error(browser: Browser, world: World) -> None:
    page = await browser.about_page("0150")
    page = await browser.follow(page, **ANSWERS | await papers(browser, "0150") | {"information": ""})
    assert "Senteret ber deg lese informasjonen først" in page.text
    assert "/takk/" in (await signed_up(browser, "0150")).headers["location"]
    assert await world.count("signups", "read_at is not null and centre = 'link-oslo'") == 1


@LANGUAGES
async def test_form_page_says_it_is_not_watched_around_the_clock(browser: Browser, prefix: str) -> None:
    page = (await browser.about_page(prefix=prefix)).text
    assert 0 < page.index('id="not-watched"') < page.index('type="submit"', page.index('id="not-watched"'))


# Places


async def test_sign_up_ambiguous_place_asks_and_goes_on(browser: Browser, world: World) -> None:
    page = await browser.follow(await browser.get("/pamelding"), place="Nes")
    assert (page.status_code, step(page)) == (200, "1")
    assert page.text.count("Flere steder heter det samme") == 2  # at the top, and beside the places
    assert 'role="status"' not in page.text
    label = page.text.split('name="place_choice" value="')[1].split('"')[0]
    page = await browser.follow(page, place_choice=label)
    assert step(page) == "2"
    page = await browser.follow(page, slots=["mon-day"])
    assert f"<dd>{label}, " in page.text
    assert await world.count("people") == 0


async def test_sign_up_place_without_centre_stores_nothing(browser: Browser, world: World) -> None:
    page = await browser.follow(await browser.get("/pamelding"), place="9170")
    assert "Vi har ikke lagret noe" in page.text
    assert await world.count("drafts") == await world.count("people") == 0
    page = await browser.get(forms_of(await browser.times_page())[0].action.replace("tider", "sted"))
    assert await world.count("drafts") == 1
    assert "Vi har ikke lagret noe" in (await browser.follow(page, place="9170")).text
    assert await world.count("drafts") == 0


@pytest.mark.parametrize("place", ["", "qwertyuiop", "\x00", "<script>alert", "9" * 90])
async def test_sign_up_nonsense_place_shows_error_at_an_address(browser: Browser, place: str) -> None:
    page = await browser.follow(await browser.get("/pamelding"), place=place)
    assert (page.status_code, step(page)) == (200, "1")
    assert "<title>Feil:" in page.text
    assert "<script>alert" not in page.text
    assert (await browser.get(str(page.url))).text.count("ds-error-summary") == 1


async def test_link_with_place_shows_it_and_changes_nothing(browser: Browser, world: World) -> None:
    page = await browser.get("/pamelding?sted=5003")
    assert "Du hører til LINK Bergen." in page.text
    assert await world.count("drafts") == 0
    assert step(await browser.follow(page)) == "2"


async def test_sign_up_other_centre_clears_consent(browser: Browser, world: World) -> None:
    page = await browser.follow(await browser.about_page(), **ANSWERS | await papers(browser, "5003"))
    page = await browser.get(forms_of(page)[0].action.replace("om-deg", "sted"))
    page = await browser.follow(page, place="0150")
    assert "Stedet hører til et annet senter enn før" in page.text
    page = await browser.follow(page)
    assert (step(page), fields(page)["first_name"]) == ("3", ["Kari"])
    assert "consent" not in fields(page)
    assert await world.count("people") == 0


# Nothing is lost


@LANGUAGES
async def test_every_step_switches_language_and_keeps_values(browser: Browser, prefix: str) -> None:
    other = "" if prefix else "/en"
    page = await browser.get(f"{prefix}/pamelding")
    page = await browser.follow(page, 0, f"{other}/pamelding", place="5003", _switch="x")
    assert (step(page), fields(page)["place"]) == ("1", ["5003"])
    page = await browser.follow(page)
    to = f"{other}{forms_of(page)[0].action.removeprefix(other)}"
    page = await browser.follow(page, 0, to, slots=["sun-evening"], _switch="x")
    assert (step(page), fields(page)["slots"]) == ("2", ["sun-evening"])
    assert "ds-error-summary" not in page.text
    page = await browser.follow(page)
    action = forms_of(page)[0].action.removeprefix(other)
    page = await browser.follow(page, 0, f"{prefix}{action}", first_name="Åse", _switch="x")
    assert (step(page), fields(page)["first_name"]) == ("3", ["Åse"])
    assert f'<html lang="{prefix[1:] or "nb"}"' in page.text


async def test_back_button_keeps_half_a_step(browser: Browser) -> None:
    page = await browser.follow(await browser.about_page(), first_name="Kari", email="k", _back="1")
    assert (step(page), fields(page)["slots"]) == ("2", ["tue-evening", "thu-day"])
    assert "ds-error-summary" not in page.text
    page = await browser.follow(page, slots=["mon-day"], _back="1")
    assert (step(page), fields(page)["place"]) == ("1", ["5003"])
    page = await browser.follow(await browser.follow(page))
    assert (step(page), fields(page)["email"]) == ("3", ["k"])


async def test_script_keeps_what_was_typed_without_going_on(browser: Browser) -> None:
    page = await browser.about_page()
    kept = await browser.send(page, first_name="Kari", _save="1")
    assert (kept.status_code, kept.text) == (204, "")
    again = await browser.get(forms_of(page)[0].action)
    assert fields(again)["first_name"] == ["Kari"]
    assert "ds-error-summary" not in again.text


async def test_step_too_early_leads_to_the_one_that_is_missing(browser: Browser) -> None:
    action = forms_of(await browser.times_page())[0].action
    page = await browser.get(action.replace("tider", "om-deg"))
    assert (page.status_code, page.headers["location"]) == (303, action)


async def test_get_changes_nothing(browser: Browser, world: World) -> None:
    about = forms_of(await browser.about_page())[0].action
    before = await world.rows("select * from drafts")
    for path in (about, about.replace("om-deg", "tider"), about.replace("om-deg", "sted"), "/pamelding?sted=5003"):
        for _ in range(2):
            assert (await browser.get(path)).status_code == 200
            assert (await browser.client.head(path)).status_code in {200, 405}
    assert await world.rows("select * from drafts") == before


# The way out, and other sites


async def test_way_out_leads_to_a_neutral_page(browser: Browser) -> None:
    answer = await browser.get("/ut")
    assert (answer.status_code, answer.headers["location"]) == (303, QUICK_EXIT_URL)


async def test_sign_up_from_other_site_is_403(browser: Browser, world: World) -> None:
    page = await browser.about_page()
    for number in (0, 1):
        form = forms_of(page)[number]
        answer = await browser.client.post(form.action, data=form.fields, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 403
    assert (await browser.client.post("/pamelding", data={"place": "5003"})).status_code == 403
    assert await world.count("people") == 0
    assert await world.count("drafts") == 1


async def test_form_page_escapes_values(browser: Browser) -> None:
    page = await browser.follow(
        await browser.about_page(), first_name='"><script>alert(1)</script>', email="{{7*7}}@gmial.con"
    )
    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;" in page.text
    assert "{{7*7}}" in page.text


# When and how


async def test_times_if_need_be_are_stored_and_published(browser: Browser, world: World) -> None:
    times = {"slots": ["tue-evening"], "slots_if_needed": ["tue-evening", "wed-day"]}
    page = await browser.follow(await browser.times_page(), **times, _back="1")
    page = await browser.follow(page)
    assert fields(page)["slots_if_needed"] == ["tue-evening", "wed-day"]
    await signed_up(browser, times=times)
    assert await world.rows("select slots, slots_if_needed from signups") == [(["tue-evening"], ["wed-day"])]
    await world.confirm_newest()
    ready = (await world.events())[-1]
    assert isinstance(ready, Ready)
    assert (ready.slots, ready.slots_if_needed, ready.digital) == (("tue-evening",), ("wed-day",), "no")


@pytest.mark.parametrize("answer", ["no", "also", "only"])
async def test_group_on_screen_is_asked_where_offered(browser: Browser, world: World, answer: str) -> None:
    directory = browser.app.state.deps.directory
    assert 'name="digital"' not in (await browser.times_page()).text
    page = await browser.follow(await browser.times_page(), slots=["mon-day"], digital="also")
    assert "kan ikke tilby en slik gruppe" in page.text
    directory.replace(with_policy(directory.current(), "link-bergen", digital_groups=True))
    world.directory.replace(directory.current())
    assert 'name="digital"' in (await browser.times_page()).text
    await signed_up(browser, times={"digital": answer})
    await world.confirm_newest()
    ready = (await world.events())[-1]
    assert isinstance(ready, Ready)
    assert ready.digital == answer


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"slots_if_needed": ["wed-day", "wed-day"]}, 202),
        ({"slots_if_needed": []}, 202),
        ({"slots_if_needed": ["wed-night"]}, 422),
        ({"digital": "no"}, 202),
        ({"digital": "also"}, 422),
        ({"digital": "perhaps"}, 422),
    ],
)
async def test_api_times_if_need_be_and_digital(
    browser: Browser, world: World, body: dict[str, Any], status: int
) -> None:
    policy = world.location().centre.policy
    versions = {"consent_version": policy.consent_version, "information_version": policy.information_version}
    assert (await browser.post_json(BERGEN | versions | body)).status_code == status


# How to reach the person


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        ({"channel": "email", "email": "kari@example.org", "mobile": "1"}, ("kari@example.org", None)),
        ({"channel": "mobile", "email": "nei", "mobile": "912 34 567"}, (None, "+4791234567")),
        ({"channel": "both", "email": "kari@example.org", "mobile": "91234567"}, ("kari@example.org", "+4791234567")),
        ({"channel": "both", "email": "kari@example.org", "mobile": "12"}, ("kari@example.org", None)),
        ({"email": "kari@example.org"}, ("kari@example.org", None)),
        ({"email": "", "mobile": "\u202a+47 912 34 567\u202c"}, (None, "+4791234567")),
    ],
)
async def test_contact_only_what_is_chosen_or_filled_counts(
    browser: Browser, world: World, contact: dict[str, Any], expected: tuple[str | None, str | None]
) -> None:
    answer = await signed_up(browser, **{"email": "", **contact})
    assert answer.status_code == 303
    person_id = (await world.rows("select person_id from people"))[0][0]
    key = await world.vault.key(person_id)
    ((email, mobile),) = await world.rows("select email_sealed, mobile_sealed from people")
    assert (key.open("people", "email", email), key.open("people", "mobile", mobile)) == expected
    thanks = (await browser.get(answer.headers["location"])).text
    assert ("Åpne lenken i den for å bekrefte" in thanks) is bool(expected[0])
    assert ("ringer deg på" in thanks) is not bool(expected[0])


@pytest.mark.parametrize(
    ("contact", "field", "sentence"),
    [
        ({}, "channel", "Velg hvordan vi kan nå deg"),
        ({"channel": "email", "mobile": "91234567"}, "email", "Skriv e-postadressen din."),
        ({"channel": "mobile", "email": "kari@example.org"}, "mobile", "Skriv mobilnummeret ditt."),
        ({"channel": "both", "mobile": "91234567"}, "email", "Skriv e-postadressen din."),
        ({"channel": "mobile", "mobile": "12"}, "mobile", "Se over mobilnummeret."),
        ({"email": "x" * 65 + "@example.org"}, "email", "for mange tegn før krøllalfa"),
        ({"email": "kåre@example.org"}, "email", "tegn som æ, ø og å før krøllalfa"),
    ],
)
async def test_contact_missing_is_said_at_its_field(
    browser: Browser, world: World, contact: dict[str, str], field: str, sentence: str
) -> None:
    page = await browser.follow(
        await browser.about_page(), **{**ANSWERS, "email": "", **await papers(browser, "5003"), **contact}
    )
    assert f'href="#{field}"' in page.text
    assert sentence in page.text
    assert await world.count("people") == 0


@pytest.mark.parametrize(("answer", "email"), [("use", "kari@gmail.com"), ("keep", "kari@gmial.con")])
async def test_likely_slip_is_questioned_once(browser: Browser, world: World, answer: str, email: str) -> None:
    page = await browser.about_page()
    sent: dict[str, Any] = ANSWERS | await papers(browser, "5003") | {"email": "kari@gmial.con"}
    page = await browser.follow(page, **sent)
    assert "Mente du kari@gmail.com?" in page.text
    assert await world.count("people") == 0
    page = await browser.follow(page, _email=answer)
    if "Det gikk fort" in page.text:
        page = await browser.follow(page)
    assert email in page.text
    assert "Takk, vi har fått påmeldingen din" in page.text
