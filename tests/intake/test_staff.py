"""Staff pages: sign-in, access to people of the own centres only, and the acts."""

import html
import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from intake.domain.sign_in import Proof
from intake.usecases import staff_sessions as sessions
from intake.usecases.staff import add_staff, disable_staff
from shared.errors import DomainError
from shared.kit.assertions import HEADER, AssertionVerifier
from shared.kit.staff import wall_now
from shared.kit.web.csrf import FIELD
from tests.intake.support.browser import Browser, add_berit, forms_of, limit
from tests.intake.support.world import World
from tests.shared.support.plain import without_tokens
from tests.shared.support.staff import STAFF_KEYS

PASSWORD = "et langt passord"


async def sign_in(browser: Browser, password: str = PASSWORD, username: str = "berit") -> int:
    page = await browser.get("/stab/logg-inn")
    return (await browser.send(page, username=username, password=password)).status_code


@pytest.mark.asvs("7.2.1", "7.2.2")
async def test_session_check_after_sign_in_returns_assertion(browser: Browser, world: World) -> None:
    await add_berit(world, "link-bergen")
    assert (await browser.get("/-/session/intake")).status_code == 303
    assert await sign_in(browser) == 303
    answer = await browser.get("/-/session/intake")
    assert answer.status_code == 204
    member = AssertionVerifier(STAFF_KEYS, "intake").member(answer.headers[HEADER], wall_now())
    assert member is not None
    assert ("berit", frozenset({"koordinator"}), frozenset({"link-bergen"})) == (
        member.username, member.roles, member.tenants,
    )  # fmt: skip
    assert UUID(member.session_id)
    browser.client.headers[HEADER] = answer.headers[HEADER]
    overview = await browser.get("/stab/")
    assert overview.status_code == 200
    assert (await browser.send(overview)).status_code == 303  # the first form of every staff page signs out
    assert (await browser.get("/-/session/intake")).status_code == 303


async def test_session_check_user_without_centres_covers_all(
    browser: Browser, world: World, centres_of_presets: list[str]
) -> None:
    await add_berit(world)
    await sign_in(browser)
    member = AssertionVerifier(STAFF_KEYS, "grouping").member(
        (await browser.get("/-/session/grouping")).headers[HEADER], wall_now()
    )
    assert member is not None
    assert set(centres_of_presets) == member.tenants


@pytest.mark.parametrize(
    "username", [" berit", "berit\t", "\u202aberit\u202c", "be\u200brit", "berit\r\n", "berit\ufeff"]
)
async def test_sign_in_name_with_unseen_marks_is_understood(browser: Browser, world: World, username: str) -> None:
    await add_berit(world)
    assert await sign_in(browser, username=username) == 303


@pytest.mark.parametrize(
    "username", ["", "\x00", "be\x00rit", "x" * 400, "berit\x1b", "\u202e", "' OR 1=1 --", "%00", "🙂"]
)
async def test_sign_in_name_that_nobody_has_is_refused(browser: Browser, world: World, username: str) -> None:
    await add_berit(world)
    page = await browser.get("/stab/logg-inn")
    answer = await browser.send(page, username=username, password=PASSWORD)
    assert answer.status_code == 422
    assert html.escape(username).replace("&#x27;", "&#39;") in answer.text


@pytest.mark.parametrize("username", ["", " ", " berit", "b\x00", "x" * 64, "be\u200brit", "berit\n"])
async def test_add_staff_name_that_nobody_can_type_is_refused(world: World, username: str) -> None:
    with pytest.raises(DomainError, match="username"):
        async with world.transaction() as session:
            await add_staff(session, username, PASSWORD, ["koordinator"], ["link-oslo"], world.clock.now())


async def test_sign_in_wrong_name_and_password_answered_alike(browser: Browser, world: World) -> None:
    await add_berit(world)
    page = await browser.get("/stab/logg-inn")
    answers = [
        await browser.send(page, username="berit", password="feil"),
        await browser.send(page, username="berit", password=""),
        await browser.send(page, username="ingen", password=PASSWORD),
    ]
    texts = {answer.text.split(FIELD)[0].replace("ingen", "berit") for answer in answers}
    assert {422} == {answer.status_code for answer in answers}
    assert len(texts) == 1
    assert await world.count("staff_sessions") == 0


@pytest.mark.asvs("7.3.1", "7.3.2", "7.4.1", "7.4.2")
async def test_session_ends_when_idle_old_closed_or_disabled(world: World) -> None:
    await add_berit(world)
    now = wall_now()

    async def opened() -> str:
        async with world.transaction() as session:
            return await sessions.begin(session, "berit", Proof.PASSWORD, now=now)

    async def works(token: str, after: timedelta) -> bool:
        async with world.transaction() as session:
            return await sessions.current(session, token, now + after) is not None

    token = await opened()
    assert await works(token, timedelta(minutes=29))
    assert await works(token, timedelta(minutes=58))
    assert not await works(token, timedelta(minutes=89))
    for minutes in range(60, 500, 20):
        alive = await works(token, timedelta(minutes=minutes))
        assert alive == (minutes <= 480)
    token = await opened()
    async with world.transaction() as session:
        assert await disable_staff(session, "berit", now)
    assert not await works(token, timedelta())
    await add_berit(world)
    token = await opened()
    await add_berit(world)
    assert not await works(token, timedelta())
    assert not await works("x", timedelta())
    async with world.transaction() as session:
        await sessions.delete_expired_sessions(session, now + timedelta(days=1))
    assert await world.count("staff_sessions") == 0


@pytest.mark.parametrize(
    ("password", "roles", "slug"), [("kort", ["koordinator"], "password"), ("x" * 20, ["sjef"], "role")]
)
async def test_add_staff_short_password_or_unknown_role_raises(
    world: World, password: str, roles: list[str], slug: str
) -> None:
    with pytest.raises(DomainError, match=slug):
        await add_berit(world, password=password, roles=roles)


@pytest.mark.parametrize(("centres", "all_centres"), [([], False), (["link-oslo"], True)])
async def test_add_staff_without_named_or_all_centres_is_refused(
    world: World, centres: list[str], all_centres: bool
) -> None:
    with pytest.raises(DomainError, match="no_centre"):
        async with world.transaction() as session:
            await add_staff(session, "berit", PASSWORD, ["leser"], centres, world.clock.now(), all_centres=all_centres)


@pytest.mark.asvs("11.4.2")
async def test_add_staff_stores_password_hash_only(world: World) -> None:
    await add_berit(world)
    ((password_hash,),) = await world.rows("select password_hash from staff_users")
    assert password_hash.startswith("$argon2id$")
    assert PASSWORD not in password_hash


@pytest.mark.asvs("6.3.1")
async def test_sign_in_many_attempts_are_429(browser: Browser, world: World) -> None:
    await limit(browser, sign_in_limit=2)
    await add_berit(world)
    assert [await sign_in(browser, "feil") for _ in range(4)] == [422, 422, 429, 429]


async def test_sign_in_counts_failures_only(browser: Browser, world: World) -> None:
    await limit(browser, sign_in_limit=2)
    await add_berit(world)
    assert [await sign_in(browser) for _ in range(4)] == [303] * 4


async def test_sign_in_where_all_callers_look_alike_is_never_locked(browser: Browser, world: World) -> None:
    await limit(browser, alone=True, sign_in_limit=1)
    await add_berit(world)
    assert {await sign_in(browser, "feil", f"navn{number}") for number in range(12)} == {422}
    assert await sign_in(browser) == 303


async def test_people_pages_show_names_and_record_readings(browser: Browser, world: World) -> None:
    person_id = await world.person_of(await world.confirmed(first_name="Kari Anne", mobile="+4791234567"))
    browser.sign_in_as_member("link-bergen")
    people = await browser.get("/stab/personer")
    assert "Kari Anne" in people.text
    page = await browser.get(f"/stab/personer/{person_id}")
    for text in ("Kari Anne", "kari@example.org", "+4791234567", "tirsdag kveld", "På ventelisten"):
        assert text in page.text
    rows = await world.rows("select reader, purpose, person_id from contact_readings order by reading_id")
    assert [("berit", "list", person_id), ("berit", "page", person_id)] == [tuple(row) for row in rows]
    assert "Ingen her nå" in (await browser.get("/stab/personer?tilstand=withdrawn")).text


@pytest.mark.asvs("8.2.2")
async def test_people_pages_of_other_centre_are_404(browser: Browser, world: World) -> None:
    signup_id = await world.confirmed(place="0150")
    person_id = await world.person_of(signup_id)
    browser.sign_in_as_member("link-bergen")
    token = (await browser.get("/stab/")).text.split(f'name="{FIELD}" value="')[1].split('"')[0]
    assert "Ingen her nå" in (await browser.get("/stab/personer")).text
    for path in (f"/stab/personer/{person_id}", f"/stab/personer/{person_id}/slett", f"/stab/personer/{uuid4()}"):
        assert (await browser.get(path)).status_code == 404
    for action in ("bekreftet", "samtale", "informasjon", "avmeld", "slett", "eksport"):
        answer = await browser.client.post(
            f"/stab/personer/{person_id}/{action}", data={"signup_id": str(signup_id), FIELD: token}
        )
        assert (action, 404) == (action, answer.status_code)
    assert await world.count("contact_readings") == 0
    assert await world.subjects() == ["received", "confirmed", "ready"]


async def test_people_pages_unconfirmed_signup_opens_nothing_of_owner(browser: Browser, world: World) -> None:
    person_id = await world.person_of(await world.confirmed(place="0150", mobile="+4791234567"))
    # The same address, with the centre in Bergen.
    typed_id = await world.person_of(await world.signed_up(first_name="Noen", mobile="+4798765432"))
    browser.sign_in_as_member("link-bergen")
    for path in ("/stab/personer", f"/stab/personer/{typed_id}", f"/stab/personer/{typed_id}/slett"):
        page = (await browser.get(path)).text
        assert "Noen" in page
        assert "Kari" not in without_tokens(page)
        assert "91234567" not in page.replace(" ", "")
    assert (await browser.get(f"/stab/personer/{person_id}")).status_code == 404
    asked = await browser.get(f"/stab/personer/{typed_id}/slett")
    assert (await browser.press(asked, "/slett")).status_code == 303
    browser.sign_in_as_member("link-oslo")
    assert "Kari" in (await browser.get(f"/stab/personer/{person_id}")).text
    assert await world.subjects() == ["received", "confirmed", "ready", "received", "erased"]
    assert list(await world.contacts_of(person_id)) == [person_id]


async def test_export_leaves_out_data_given_to_other_centre(browser: Browser, world: World) -> None:
    person_id = await world.person_of(await world.confirmed(place="0150"))
    await world.register(first_name="Noen")
    browser.sign_in_as_member("link-oslo")
    data = (await browser.press(await browser.get(f"/stab/personer/{person_id}"), "/eksport")).json()
    assert {row["centre"] for row in [*data["signups"], *data["consents"]]} == {"link-oslo"}


async def test_person_act_with_signup_of_other_person_is_404(browser: Browser, world: World) -> None:
    other_signup_id = await world.confirmed(place="0150", email="ola@example.org")
    own_person_id = await world.person_of(await world.confirmed())
    browser.sign_in_as_member("link-bergen")
    page = await browser.get(f"/stab/personer/{own_person_id}")
    answer = await browser.send(page, 1, signup_id=str(other_signup_id))
    assert answer.status_code == 404


@pytest.mark.parametrize("roles", [["admin"], ["igangsetter"]])
async def test_people_pages_without_coordinator_role_are_403(browser: Browser, world: World, roles: list[str]) -> None:
    person_id = await world.person_of(await world.confirmed())
    browser.sign_in_as_member("link-bergen", roles=roles)
    for path in ("/stab/personer", f"/stab/personer/{person_id}", "/stab/pamelding"):
        assert (await browser.get(path)).status_code == 403
    assert (await browser.get("/stab/")).status_code == 200


@pytest.mark.asvs("6.3.4", "8.3.1")
async def test_staff_pages_without_assertion_redirect_to_sign_in(browser: Browser) -> None:
    for path in ("/stab/", "/stab/personer", "/stab/pamelding"):
        answer = await browser.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/stab/logg-inn")
    browser.client.headers[HEADER] = "x.y"
    assert (await browser.get("/stab/")).status_code == 303


async def test_confirm_by_phone_puts_person_on_waiting_list(browser: Browser, world: World) -> None:
    person_id = await world.person_of(await world.signed_up(email=None, mobile="+4791234567"))
    browser.sign_in_as_member("link-bergen")
    page = await browser.get(f"/stab/personer/{person_id}")
    done = await browser.send(page, 1)
    assert (303, f"/stab/personer/{person_id}") == (done.status_code, done.headers["location"])
    assert await world.subjects() == ["received", "confirmed", "ready"]


async def test_withdraw_by_staff_publishes_withdrawn(browser: Browser, world: World) -> None:
    person_id = await world.person_of(await world.confirmed())
    browser.sign_in_as_member("link-bergen")
    page = await browser.get(f"/stab/personer/{person_id}")
    assert (await browser.press(page, "/avmeld")).status_code == 303
    assert (await world.subjects())[-1] == "withdrawn"


async def test_erase_by_staff_asks_first_and_erases(browser: Browser, world: World) -> None:
    person_id = await world.person_of(await world.confirmed())
    browser.sign_in_as_member("link-bergen")
    page = await browser.get(f"/stab/personer/{person_id}/slett")
    assert "Slette alt om Kari?" in page.text
    assert (await browser.send(page, 1)).status_code == 303
    assert (await world.subjects())[-1] == "erased"
    assert (await browser.get(f"/stab/personer/{person_id}")).status_code == 404


@pytest.mark.asvs("3.2.1")
async def test_export_is_json_attachment(browser: Browser, world: World) -> None:
    person_id = await world.person_of(await world.confirmed())
    browser.sign_in_as_member("link-bergen")
    page = await browser.get(f"/stab/personer/{person_id}")
    answer = await browser.press(page, "/eksport")
    assert (
        answer.headers["content-type"], answer.json()["person"]["email"],
    ) == ("application/json", "kari@example.org")  # fmt: skip
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_phone_signup_registers_oral_consent_and_confirms(browser: Browser, world: World) -> None:
    browser.sign_in_as_member("link-bergen")
    page = await browser.get("/stab/pamelding")
    for question in ("Hva heter du?", "Hvor bor du?", "Hvilke dager og tider kan du?", 'id="read-aloud"'):
        assert question in page.text
    policy = world.location().centre.policy
    page_2 = await browser.send(page, 1, first_name="Ola", mobile="91234567", adult="true", slots="mon-day")
    assert page_2.status_code == 422
    assert "Skriv postnummeret ditt" in page_2.text
    page_2 = await browser.send(page_2, 1, place="5003Bergen", adult="true")
    assert page_2.status_code == 422
    assert forms_of(page_2)[1].fields["first_name"] == ["Ola"]
    done = await browser.send(page_2, 1, adult="true", consent=policy.consent_version, mail_language="en")
    assert done.status_code == 303
    person = await browser.get(done.headers["location"])
    assert "Ola" in person.text
    assert await world.subjects() == ["received", "confirmed", "ready"]
    ((how, by, language),) = await world.rows("select how, recorded_by, language from consents")
    assert (how, by, language) == ("oral", "berit", "en")


async def test_phone_signup_place_of_other_centre_shows_error(browser: Browser, world: World) -> None:
    browser.sign_in_as_member("link-bergen")
    page = await browser.send(await browser.get("/stab/pamelding"), 1, place="0150")
    assert page.status_code == 422
    assert "et senter du ikke arbeider for" in page.text


@pytest.mark.parametrize("prefix", ["/nn", "/en"])
async def test_staff_pages_render_in_all_languages(browser: Browser, world: World, prefix: str) -> None:
    person_id = await world.person_of(await world.confirmed())
    browser.sign_in_as_member("link-bergen")
    for path in ("/stab/", "/stab/personer", f"/stab/personer/{person_id}", "/stab/pamelding"):
        page = await browser.get(prefix + path)
        assert page.status_code == 200
        assert f'<html lang="{prefix[1:]}"' in page.text


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("/stab/?senter=link-bergen", f"/stab/?senter=link-bergen&ferdig={UUID(int=7)}"),
        ("https://evil.example/stab/", None),
        ("//evil.example", None),
    ],
)
async def test_person_act_goes_on_to_the_page_in_the_form(
    browser: Browser, world: World, after: str, expected: str | None
) -> None:
    person_id = await world.person_of(await world.signed_up(email=None, mobile="+4791234567"))
    browser.sign_in_as_member("link-bergen")
    page = await browser.get(f"/stab/personer/{person_id}")
    done = await browser.send(page, 1, neste=after, oppgave=str(UUID(int=7)))
    assert (303, expected or f"/stab/personer/{person_id}") == (done.status_code, done.headers["location"])


@pytest.mark.parametrize("prefix", ["", "/nn", "/en"])
@pytest.mark.parametrize("centre", ["link-bergen", "link-oslo", "link"])
async def test_words_to_read_aloud_are_fifty_at_most(browser: Browser, prefix: str, centre: str) -> None:
    """At an unhurried 130 words a minute the consent takes less than half a minute of the two."""
    browser.sign_in_as_member(centre)
    page = await browser.get(f"{prefix}/stab/pamelding")
    script = re.search(r'<blockquote class="read-aloud" id="read-aloud">(.*?)</blockquote>', page.text, re.DOTALL)
    assert script
    assert 30 <= len(script.group(1).split()) <= 50
