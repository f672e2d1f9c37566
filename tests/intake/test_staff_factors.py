"""Second factors: when they are needed, how they are added, and what is no proof."""

import base64
import json
from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from intake.usecases import staff_factors
from intake.usecases.staff import add_staff
from intake.usecases.staff_factors import FACTORS_MAX
from intake.vault.kek import Kek
from tests.intake.support.browser import Browser, add_berit
from tests.intake.support.staff import ACCOUNT, PASSWORD, SECOND_STEP, SIGN_IN, Desk, another, hidden
from tests.intake.support.world import KEK, World

PAGES = ("/stab/", "/stab/personer", "/stab/pamelding", "/stab/regler", "/stab/forsamtaler")
_PASSKEY = sa.text(
    "insert into staff_passkeys values (:id, 'berit', 'nøkkel', :credential, '\\x00'::bytea, 0, :now, null)"
)
HALF_A_MINUTE = timedelta(seconds=30)


@pytest.fixture
async def desk(browser: Browser, world: World) -> Desk:
    """Somebody who has signed in with a password, at a full half minute."""
    await add_berit(world, "link-bergen")
    desk = Desk(browser)
    desk.pass_time(timedelta(seconds=30 - desk.now.timestamp() % 30))
    await desk.sign_in()
    return desk


@pytest.mark.asvs("6.3.3")
async def test_second_factor_required_opens_only_its_enrolment(desk: Desk) -> None:
    desk.require_second_factor(desk.now.date())
    await desk.sign_in()
    for page in PAGES:
        assert (await desk.open(page)).headers["location"] == f"{ACCOUNT}/sikring"
    assert "Alle som arbeider her" in (await desk.open(f"{ACCOUNT}/sikring")).text
    app, codes = await desk.add_app()
    assert len(codes) == 8
    assert await desk.is_signed_in()
    desk.pass_time(HALF_A_MINUTE)
    other = another(desk)
    assert (await other.sign_in(code=app.at(other.now))).headers["location"] == "/stab/"
    assert await other.is_signed_in()


@pytest.mark.parametrize("days", [1, 2, 30, 365, 3650])
async def test_second_factor_required_later_is_not_asked_for_yet(desk: Desk, days: int) -> None:
    desk.require_second_factor(desk.now.date() + timedelta(days=days))
    assert (await desk.sign_in()).headers["location"] == "/stab/"


@pytest.mark.asvs("7.4.3")
async def test_first_factor_ends_sessions_of_the_password_alone(desk: Desk) -> None:
    thief = another(desk)
    await thief.sign_in()
    await desk.add_app()
    assert [await each.is_signed_in() for each in (desk, thief)] == [True, False]
    assert (await thief.sign_in()).headers["location"] == SECOND_STEP


@pytest.mark.parametrize("number", [0, 1, FACTORS_MAX - 1, FACTORS_MAX, FACTORS_MAX + 1])
async def test_factors_of_a_user_are_few(desk: Desk, world: World, number: int) -> None:
    async with world.transaction() as session:
        for key in range(number):
            await session.execute(_PASSKEY, {"id": UUID(int=key), "credential": bytes([key]), "now": desk.now})
    await desk.add_app()
    assert await world.count("staff_totps") == (number < FACTORS_MAX)


async def test_session_of_before_offers_no_secret_until_the_password(desk: Desk, world: World) -> None:
    """The migration gave all open sessions the same challenge, and the time at which it ran as that of their proof."""
    await world.rows("update staff_sessions set challenge = '', proven_at = now() returning 1")
    for page in ("kodeapp", "passnokkel"):
        assert (await desk.open(f"{ACCOUNT}/{page}")).headers["location"] == f"{ACCOUNT}/bekreft?til={ACCOUNT}/{page}"
    await desk.send(f"{ACCOUNT}/bekreft", current=PASSWORD)
    assert (await desk.open(f"{ACCOUNT}/kodeapp")).status_code == 200


async def test_second_factor_is_asked_of_whoever_has_one(desk: Desk) -> None:
    await desk.add_app()
    assert (await desk.sign_in()).headers["location"] == SECOND_STEP
    for page in (*PAGES, ACCOUNT, f"{ACCOUNT}/passord", f"{ACCOUNT}/kodeapp"):
        assert (await desk.open(page)).headers["location"] == SECOND_STEP
    desk.pass_time(timedelta(minutes=11))
    assert (await desk.open("/stab/")).headers["location"] == SIGN_IN


async def test_second_step_gives_the_session_a_new_secret(desk: Desk, world: World) -> None:
    app, _ = await desk.add_app()
    desk.pass_time(HALF_A_MINUTE)
    await desk.sign_in()
    half_way = desk.cookies()["selvhjelp"]
    await desk.send(SECOND_STEP, code=app.at(desk.now))
    assert await desk.is_signed_in()
    thief = another(desk)
    thief.browser.client.cookies.set("selvhjelp", half_way)
    assert not await thief.is_signed_in()
    assert await world.count("staff_sessions") == 1


@pytest.mark.asvs("6.5.1", "6.5.5")
async def test_code_is_taken_once_and_for_a_minute(desk: Desk) -> None:
    app, _ = await desk.add_app()
    used = app.at(desk.now)
    desk.pass_time(4 * HALF_A_MINUTE)
    now = desk.now.timestamp()
    wrong = {
        "used": used,
        "two steps old": app.at(int(now) - 60),
        "the next": app.at(int(now) + 30),
        "short": app.at(desk.now)[:5],
        "letters": "abcdef",
        "empty": "",
        "arabic digits": app.at(desk.now).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
    }
    await desk.sign_in()
    for name, code in wrong.items():
        answer = await desk.send(SECOND_STEP, code=code)
        assert (name, answer.status_code) == (name, 422)
        desk.pass_time(timedelta(seconds=4)) if name not in {"used", "two steps old"} else None
    right = app.at(desk.now)
    assert (await desk.send(SECOND_STEP, code=f" {right[:3]} {right[3:]} ")).status_code == 303
    other = another(desk)
    assert (await other.sign_in(code=right)).status_code == 422
    other.pass_time(HALF_A_MINUTE)
    assert (await other.send(SECOND_STEP, code=app.at(other.now))).status_code == 303


async def test_codes_rest_after_wrong_ones_and_recovery_codes_do_not(desk: Desk) -> None:
    app, codes = await desk.add_app()
    desk.pass_time(HALF_A_MINUTE)
    stranger = another(desk)
    await stranger.sign_in()
    statuses = [(await stranger.send(SECOND_STEP, code="000000")).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    assert (await stranger.send(SECOND_STEP, code=app.at(desk.now))).status_code == 429
    for code in (codes[0], codes[1].upper(), codes[2].replace("-", ""), f" {codes[3]} ", codes[4].replace("-", " ")):
        owner = another(desk)
        assert (await owner.sign_in(code=code)).status_code == 303
    again = another(desk)
    assert (await again.sign_in(code=codes[0])).status_code == 422
    page = await owner.open(ACCOUNT)
    assert "Du har 3 reservekoder igjen" in page.text
    assert "med reservekode" in page.text


async def test_recovery_code_of_another_user_is_no_proof(desk: Desk, world: World) -> None:
    await desk.add_app()
    async with world.transaction() as session:
        await add_staff(session, "ola", PASSWORD, ["koordinator"], ["link-oslo"], desk.now)
    ola = another(desk)
    await ola.sign_in(username="ola")
    app, codes = await ola.add_app()
    desk.pass_time(HALF_A_MINUTE)
    for foreign in (*codes[:4], app.at(desk.now)):
        assert (await another(desk).sign_in(code=foreign)).status_code == 422


@pytest.mark.asvs("6.5.2", "6.5.3")
async def test_secrets_of_factors_are_not_stored_in_clear(desk: Desk, world: World) -> None:
    app, codes = await desk.add_app()
    ((sealed,),) = await world.rows("select sealed from staff_totps")
    assert base64.b32decode(app.secret) not in sealed
    stored = {row[0] for row in await world.rows("select code_hash from staff_recovery_codes")}
    assert len(stored) == 8
    assert not {code.encode() for code in codes} & stored


@pytest.mark.parametrize("page", ["kodeapp", "passnokkel"])
async def test_change_of_factors_asks_for_the_password_again(desk: Desk, page: str) -> None:
    desk.pass_time(timedelta(minutes=11))
    path = f"{ACCOUNT}/{page}"
    proof = (await desk.open(path)).headers["location"]
    assert proof == f"{ACCOUNT}/bekreft?til={path}"
    assert (await desk.send(proof, "/bekreft", current="feil passord")).status_code == 422
    old = desk.cookies()["selvhjelp"]
    assert (await desk.send(proof, "/bekreft", current=PASSWORD)).headers["location"] == path
    assert desk.cookies()["selvhjelp"] != old
    assert (await desk.open(path)).status_code == 200


@pytest.mark.asvs("3.7.2")
@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/stab/", "/", "javascript:alert(1)"])
async def test_proof_leads_to_own_pages_only(desk: Desk, target: str) -> None:
    path = f"{ACCOUNT}/bekreft"
    assert (await desk.send(path, current=PASSWORD, til=target)).headers["location"] == ACCOUNT


@pytest.mark.asvs("7.5.1")
@pytest.mark.parametrize("act", ["fjern", "reservekoder", "kodeapp", "passnokkel"])
async def test_act_on_factors_without_fresh_proof_changes_nothing(desk: Desk, world: World, act: str) -> None:
    await desk.add_app()
    page = await desk.open(ACCOUNT if act in {"fjern", "reservekoder"} else f"{ACCOUNT}/{act}")
    before = await world.rows("select factor_id, last_step from staff_totps"), await world.count("staff_recovery_codes")
    desk.pass_time(timedelta(minutes=11))
    await desk.open(ACCOUNT)
    answer = await desk.browser.press(page, f"/{act}")
    assert answer.headers["location"].startswith(f"{ACCOUNT}/bekreft")
    after = await world.rows("select factor_id, last_step from staff_totps"), await world.count("staff_recovery_codes")
    assert after == before


async def test_last_factor_stays_where_everybody_needs_one(desk: Desk, world: World) -> None:
    desk.require_second_factor(date(2020, 1, 1))
    await desk.sign_in()
    await desk.add_app()
    (factor_id,) = hidden(await desk.open(ACCOUNT), "factor_id")
    answer = await desk.send(ACCOUNT, "/fjern", factor_id=factor_id)
    assert answer.status_code == 409
    assert "minst én" in answer.text
    assert await world.count("staff_totps") == 1
    desk.require_second_factor(date(2999, 1, 1))
    assert (await desk.send(ACCOUNT, "/fjern", factor_id=factor_id)).status_code == 303
    assert await world.count("staff_totps") == await world.count("staff_recovery_codes") == 0


async def test_factor_of_another_user_is_404_and_stays(desk: Desk, world: World) -> None:
    await desk.add_app()
    ((own,),) = await world.rows("select factor_id from staff_totps")
    async with world.transaction() as session:
        await add_staff(session, "ola", PASSWORD, ["koordinator"], ["link-oslo"], desk.now)
    ola = another(desk)
    await ola.sign_in(username="ola")
    await ola.add_app()
    page = await ola.open(ACCOUNT)
    for factor_id in (own, UUID(int=0), UUID(int=7), UUID(int=1 << 127), UUID(int=(1 << 128) - 1)):
        assert (await ola.browser.press(page, "/fjern", factor_id=str(factor_id))).status_code == 404
    assert await world.count("staff_totps") == 2


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "x",
        "{}",
        "[]",
        "null",
        json.dumps({"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}}),
        json.dumps(
            {
                "id": "AAAA",
                "rawId": "AAAA",
                "type": "public-key",
                "response": {
                    "clientDataJSON": "e30",
                    "attestationObject": "oA",
                    "signature": "AA",
                    "authenticatorData": "AA",
                },
            }
        ),
    ],
)
async def test_passkey_that_is_none_is_refused(desk: Desk, world: World, credential: str) -> None:
    answer = await desk.send(f"{ACCOUNT}/passnokkel", credential=credential)
    assert answer.status_code == 422
    assert await world.count("staff_passkeys") == 0
    async with world.transaction() as session:
        await session.execute(
            _PASSKEY,
            {"id": UUID(int=1), "credential": base64.urlsafe_b64decode("AAAA"), "now": desk.now},
        )
    assert (await desk.sign_in()).headers["location"] == SECOND_STEP
    answer = await desk.send(SECOND_STEP, "/passnokkel", credential=credential)
    assert answer.status_code == 422
    assert (await desk.open("/stab/")).headers["location"] == SECOND_STEP


async def test_secret_of_app_is_encrypted_anew_with_a_new_key(desk: Desk, world: World) -> None:
    await desk.add_app()
    new = Kek.parse(f"new:{base64.b64encode(bytes(range(32))).decode()},{KEK}")
    async with world.transaction() as session:
        (factor_id,) = await staff_factors.stale_totps(session, new)
        for _ in range(2):
            await staff_factors.rewrap(session, new, factor_id)
        assert await staff_factors.stale_totps(session, new) == []
    assert await world.rows("select kek_id from staff_totps") == [("new",)]
