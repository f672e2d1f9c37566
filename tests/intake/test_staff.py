"""What people who work at a centre see and do, and what they must not."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from intake.usecases import staff as sessions
from shared.errors import DomainError
from shared.kit.staff import HEADER, verify, wall_now
from shared.kit.web.csrf import FIELD
from tests.intake.site import KEY, Site, add_berit, forms_of
from tests.intake.test_forgetting import person_of
from tests.intake.world import World

PASSWORD = "et langt passord"


async def sign_in(site: Site, password: str = PASSWORD, username: str = "berit") -> int:
    page = await site.get("/stab/logg-inn")
    return (await site.send(page, username=username, password=password)).status_code


async def test_signing_in_gives_the_gateway_its_word(site: Site, world: World) -> None:
    await add_berit(world, "link-bergen")
    assert (await site.get("/-/session")).status_code == 303
    assert await sign_in(site) == 303
    answer = await site.get("/-/session")
    assert answer.status_code == 204
    member = verify(answer.headers[HEADER], KEY, wall_now())
    assert member is not None
    assert ("berit", frozenset({"koordinator"}), frozenset({"link-bergen"})) == (
        member.username, member.roles, member.tenants,
    )  # fmt: skip
    assert UUID(member.session_id)
    site.client.headers[HEADER] = answer.headers[HEADER]
    overview = await site.get("/stab/")
    assert overview.status_code == 200
    assert (await site.send(overview)).status_code == 303  # the first form of every staff page signs out
    assert (await site.get("/-/session")).status_code == 303


async def test_no_centre_named_means_all_of_them(site: Site, world: World, centres_of_presets: list[str]) -> None:
    await add_berit(world)
    await sign_in(site)
    member = verify((await site.get("/-/session")).headers[HEADER], KEY, wall_now())
    assert member is not None
    assert set(centres_of_presets) == member.tenants


async def test_wrong_name_and_wrong_password_are_told_alike(site: Site, world: World) -> None:
    await add_berit(world)
    page = await site.get("/stab/logg-inn")
    answers = [
        await site.send(page, username="berit", password="feil"),
        await site.send(page, username="berit", password=""),
        await site.send(page, username="ingen", password=PASSWORD),
    ]
    texts = {answer.text.split(FIELD)[0].replace("ingen", "berit") for answer in answers}
    assert {422} == {answer.status_code for answer in answers}
    assert len(texts) == 1
    assert await world.count("staff_sessions") == 0


async def test_a_session_ends_when_idle_old_closed_or_taken_away(world: World) -> None:
    await add_berit(world)
    centres, now = world.map.centres, wall_now()

    async def opened() -> str:
        async with world.transaction() as session:
            return await sessions.open_session(session, "berit", now)

    async def works(token: str, after: timedelta) -> bool:
        async with world.transaction() as session:
            return await sessions.current(session, token, centres, now + after) is not None

    token = await opened()
    assert await works(token, timedelta(minutes=29))
    assert await works(token, timedelta(minutes=58))
    assert not await works(token, timedelta(minutes=89))
    for minutes in range(60, 500, 20):
        alive = await works(token, timedelta(minutes=minutes))
        assert alive == (minutes <= 480)
    token = await opened()
    async with world.transaction() as session:
        assert await sessions.disable_staff(session, "berit", now)
    assert not await works(token, timedelta())
    await add_berit(world)
    token = await opened()
    await add_berit(world)
    assert not await works(token, timedelta())
    assert not await works("x", timedelta())
    async with world.transaction() as session:
        await sessions.forget_sessions(session, now + timedelta(days=1))
    assert await world.count("staff_sessions") == 0


@pytest.mark.parametrize(
    ("password", "roles", "slug"), [("kort", ["koordinator"], "password"), ("x" * 20, ["sjef"], "role")]
)
async def test_access_needs_a_long_password_and_a_known_role(
    world: World, password: str, roles: list[str], slug: str
) -> None:
    with pytest.raises(DomainError, match=slug):
        await add_berit(world, password=password, roles=roles)


async def test_a_hash_is_what_is_kept_of_a_password(world: World) -> None:
    await add_berit(world)
    ((kept,),) = await world.rows("select password_hash from staff_users")
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


async def test_many_tries_are_slowed_down(site: Site, world: World) -> None:
    from intake.web.deps import Limiter

    object.__setattr__(site.app.state.intake, "sign_ins", Limiter(2, lambda: 0.0))
    await add_berit(world)
    assert [await sign_in(site, "feil") for _ in range(4)] == [422, 422, 429, 429]


async def test_the_list_and_the_page_show_names_and_leave_audit_rows(site: Site, world: World) -> None:
    person_id = await person_of(world, await world.confirmed(first_name="Kari Anne", mobile="+4791234567"))
    site.member("link-bergen")
    people = await site.get("/stab/personer")
    assert "Kari Anne" in people.text
    page = await site.get(f"/stab/personer/{person_id}")
    for text in ("Kari Anne", "kari@example.org", "+4791234567", "tirsdag kveld", "På ventelisten"):
        assert text in page.text
    rows = await world.rows("select reader, purpose, person_id from contact_readings order by reading_id")
    assert [("berit", "list", person_id), ("berit", "page", person_id)] == [tuple(row) for row in rows]
    assert "Ingen her nå" in (await site.get("/stab/personer?tilstand=withdrawn")).text


async def test_another_centre_s_people_are_not_there(site: Site, world: World) -> None:
    signup_id = await world.confirmed(place="0150")
    person_id = await person_of(world, signup_id)
    site.member("link-bergen")
    token = (await site.get("/stab/")).text.split(f'name="{FIELD}" value="')[1].split('"')[0]
    assert "Ingen her nå" in (await site.get("/stab/personer")).text
    for path in (f"/stab/personer/{person_id}", f"/stab/personer/{person_id}/slett", f"/stab/personer/{uuid4()}"):
        assert (await site.get(path)).status_code == 404
    for action in ("bekreftet", "samtale", "informasjon", "avmeld", "slett", "eksport"):
        answer = await site.client.post(
            f"/stab/personer/{person_id}/{action}", data={"signup_id": str(signup_id), FIELD: token}
        )
        assert (action, 404) == (action, answer.status_code)
    assert await world.count("contact_readings") == 0
    assert await world.subjects() == ["received", "confirmed", "ready"]


async def test_a_known_address_typed_by_anybody_opens_nothing_at_another_centre(site: Site, world: World) -> None:
    person_id = await person_of(world, await world.confirmed(place="0150", mobile="+4791234567"))
    await world.register(first_name="Noen", mobile="+4798765432")  # the same address, with the centre in Bergen
    site.member("link-bergen")
    for path in ("/stab/personer", f"/stab/personer/{person_id}", f"/stab/personer/{person_id}/slett"):
        page = (await site.get(path)).text
        assert "Noen" in page
        assert "Kari" not in page
        assert "91234567" not in page.replace(" ", "")
    token = (await site.get("/stab/")).text.split(f'name="{FIELD}" value="')[1].split('"')[0]
    for action in ("eksport", "slett"):
        answer = await site.client.post(f"/stab/personer/{person_id}/{action}", data={FIELD: token})
        assert answer.status_code == 409
    site.member("link-oslo")
    assert "Kari" in (await site.get(f"/stab/personer/{person_id}")).text
    assert await world.subjects() == ["received", "confirmed", "ready", "received"]


async def test_an_export_leaves_out_what_was_told_another_centre(site: Site, world: World) -> None:
    person_id = await person_of(world, await world.confirmed(place="0150"))
    await world.register(first_name="Noen")
    site.member("link-oslo")
    found = (await site.send(await site.get(f"/stab/personer/{person_id}"), 2)).json()
    assert {row["centre"] for row in [*found["signups"], *found["consents"]]} == {"link-oslo"}


async def test_a_sign_up_of_somebody_else_cannot_be_acted_on_through_one_s_own(site: Site, world: World) -> None:
    other = await world.confirmed(place="0150", email="ola@example.org")
    mine = await person_of(world, await world.confirmed())
    site.member("link-bergen")
    page = await site.get(f"/stab/personer/{mine}")
    answer = await site.send(page, 1, signup_id=str(other))
    assert answer.status_code == 404


@pytest.mark.parametrize("roles", [["admin"], ["igangsetter"]])
async def test_only_coordinators_see_people(site: Site, world: World, roles: list[str]) -> None:
    person_id = await person_of(world, await world.confirmed())
    site.member("link-bergen", roles=roles)
    for path in ("/stab/personer", f"/stab/personer/{person_id}", "/stab/pamelding"):
        assert (await site.get(path)).status_code == 403
    assert (await site.get("/stab/")).status_code == 200


async def test_nobody_is_signed_in_without_the_gateway_s_word(site: Site) -> None:
    for path in ("/stab/", "/stab/personer", "/stab/pamelding"):
        answer = await site.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/stab/logg-inn")
    site.client.headers[HEADER] = "x.y"
    assert (await site.get("/stab/")).status_code == 303


async def test_who_left_a_number_is_called_and_confirmed(site: Site, world: World) -> None:
    person_id = await person_of(world, await world.signed_up(email=None, mobile="+4791234567"))
    site.member("link-bergen")
    overview = await site.get("/stab/")
    assert "Å ringe (1)" in overview.text
    assert "Kari" not in overview.text
    page = await site.get(f"/stab/personer/{person_id}")
    done = await site.send(page, 1)
    assert (303, f"/stab/personer/{person_id}") == (done.status_code, done.headers["location"])
    assert await world.subjects() == ["received", "confirmed", "ready"]
    assert "Å ringe (0)" in (await site.get("/stab/")).text


async def test_taking_somebody_off_the_list(site: Site, world: World) -> None:
    person_id = await person_of(world, await world.confirmed())
    site.member("link-bergen")
    page = await site.get(f"/stab/personer/{person_id}")
    assert (await site.send(page, 1)).status_code == 303
    assert (await world.subjects())[-1] == "withdrawn"


async def test_erasing_takes_a_page_and_a_button_and_is_complete(site: Site, world: World) -> None:
    person_id = await person_of(world, await world.confirmed())
    site.member("link-bergen")
    page = await site.get(f"/stab/personer/{person_id}/slett")
    assert "Slette alt om Kari?" in page.text
    assert (await site.send(page, 1)).status_code == 303
    assert (await world.subjects())[-1] == "erased"
    assert (await site.get(f"/stab/personer/{person_id}")).status_code == 404


async def test_the_export_is_a_file(site: Site, world: World) -> None:
    person_id = await person_of(world, await world.confirmed())
    site.member("link-bergen")
    page = await site.get(f"/stab/personer/{person_id}")
    answer = await site.send(page, 2)
    assert (
        answer.headers["content-type"], answer.json()["person"]["email"],
    ) == ("application/json", "kari@example.org")  # fmt: skip
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_signing_somebody_up_on_the_phone(site: Site, world: World) -> None:
    site.member("link-bergen")
    page = await site.send(await site.get("/stab/pamelding"), 1, place="5003")
    policy = world.site().centre.policy
    page_2 = await site.send(page, 1, first_name="Ola", mobile="91234567", adult="true", slots="mon-day")
    assert page_2.status_code == 422
    assert forms_of(page_2)[1].fields["first_name"] == ["Ola"]
    done = await site.send(page_2, 1, adult="true", consent=policy.consent_version, mail_language="en")
    assert done.status_code == 303
    person = await site.get(done.headers["location"])
    assert "Ola" in person.text
    assert await world.subjects() == ["received", "confirmed", "ready"]
    ((how, by, language),) = await world.rows("select how, recorded_by, language from consents")
    assert (how, by, language) == ("oral", "berit", "en")


async def test_a_place_of_another_centre_is_for_that_centre(site: Site, world: World) -> None:
    site.member("link-bergen")
    page = await site.send(await site.get("/stab/pamelding"), 1, place="0150")
    assert page.status_code == 422
    assert "et senter du ikke arbeider for" in page.text


@pytest.mark.parametrize("prefix", ["/nn", "/en"])
async def test_staff_pages_speak_all_languages(site: Site, world: World, prefix: str) -> None:
    person_id = await person_of(world, await world.confirmed())
    site.member("link-bergen")
    for path in ("/stab/", "/stab/personer", f"/stab/personer/{person_id}", "/stab/pamelding"):
        page = await site.get(prefix + path)
        assert page.status_code == 200
        assert f'<html lang="{prefix[1:]}"' in page.text
