"""Bots send no mails to strangers beyond a stated few, and people meet no puzzle."""

import base64
import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import altcha
import httpx
import pytest

from intake import jobs
from intake.app import build
from intake.domain.drafts import Draft
from intake.store import api_keys as store
from intake.submission_worker import SubmissionWorker
from intake.usecases import api_keys, proofs_of_work
from intake.usecases.mail_budget import MailCaps
from intake.usecases.signup_rows import Source
from intake.web.signup_form import PROOF
from shared.kit.staff import wall_now
from shared.reference import limits
from shared.reference.limits import API_KEY_SIGNUPS, UNPROVEN_MAILS
from tests.intake.support.browser import Browser, settings
from tests.intake.support.world import World
from tests.intake.test_api import body
from tests.intake.test_public import ANSWERS, papers

BOT = Source("api", proven=False)
DRAFT = Draft(values={}, nonce="n1", started=0.0)
OTHER = Draft(values={}, nonce="n2", started=0.0)


def solved(challenge: Any) -> str:
    """Return what the script of the page leaves in the form."""
    solution = altcha.solve_challenge(altcha.Challenge.from_dict(challenge))
    assert solution is not None
    answer = {"counter": solution.counter, "derivedKey": solution.derived_key}
    return base64.b64encode(json.dumps({"challenge": challenge, "solution": answer}).encode()).decode()


async def is_proven(world: World, payload: str, draft: Draft = DRAFT, **later: float) -> bool:
    async with world.transaction() as session:
        return await proofs_of_work.is_proven(session, world.vault, draft, payload, wall_now() + timedelta(**later))


async def test_proof_counts_once_and_for_its_form_only(world: World) -> None:
    payload = solved(proofs_of_work.challenge(world.vault, DRAFT, wall_now(), cost=1))
    assert not await is_proven(world, payload, OTHER)
    assert not await is_proven(world, payload, hours=2)
    assert await is_proven(world, payload)
    assert not await is_proven(world, payload)
    assert await world.count("used_proofs") == 1
    await world.rows("update used_proofs set expires_at = now() - interval '1 second' returning 1")
    await next(job for job in jobs.CLEANUPS if job.name == "delete_limit_hits").run(world.jobs)
    assert await world.count("used_proofs") == 0


def _changed(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, Any]], str]:
    def sent(payload: dict[str, Any]) -> str:
        change(payload)
        return base64.b64encode(json.dumps(payload).encode()).decode()

    return sent


FORGED: dict[str, Callable[[dict[str, Any]], str]] = {
    "empty": lambda _: "",
    "not base64": lambda _: "%%%",
    "not json": lambda _: base64.b64encode(b"x").decode(),
    "no object": lambda _: base64.b64encode(b"[]").decode(),
    "deep": lambda _: base64.b64encode(b"[" * 3000).decode(),
    "long": lambda payload: json.dumps(payload) * 20,
    "other expiry": _changed(lambda sent: sent["challenge"]["parameters"].update(expiresAt=4_000_000_000)),
    "later expiry": _changed(
        lambda sent: sent["challenge"]["parameters"].update(expiresAt=sent["challenge"]["parameters"]["expiresAt"] + 1)
    ),
    "no cost": _changed(lambda sent: sent["challenge"]["parameters"].update(cost=0)),
    "no prefix": _changed(lambda sent: sent["challenge"]["parameters"].update(keyPrefix="")),
    "other form": _changed(lambda sent: sent["challenge"]["parameters"].update(data={"form": "f" * 64})),
    "other algorithm": _changed(lambda sent: sent["challenge"]["parameters"].update(algorithm="SHA-256")),
    "unsigned": _changed(lambda sent: sent["challenge"].pop("signature")),
    "other signature": _changed(lambda sent: sent["challenge"].update(signature="0" * 64)),
    "other counter": _changed(lambda sent: sent["solution"].update(counter=sent["solution"]["counter"] + 1)),
    "made up key": _changed(lambda sent: sent["solution"].update(derivedKey="00" * 32)),
    "spliced": _changed(lambda sent: sent["challenge"]["parameters"].update(nonce="00" * 16)),
}


async def test_proof_that_is_forged_is_none(world: World) -> None:
    payload = solved(proofs_of_work.challenge(world.vault, DRAFT, wall_now(), cost=1))
    for name, forge in FORGED.items():
        forged = forge(json.loads(base64.b64decode(payload)))
        assert forged != payload, name
        assert not await is_proven(world, forged), name
    assert await is_proven(world, payload)


async def test_proof_signed_by_somebody_else_is_none(world: World) -> None:
    challenge = altcha.create_challenge(
        proofs_of_work.ALGORITHM,
        1,
        expires_at=datetime.now(UTC) + timedelta(minutes=5),
        data={"form": proofs_of_work._form(DRAFT)},
        hmac_secret=b"another secret",
    )
    assert not await is_proven(world, solved(challenge.to_dict()))


async def sent_by(browser: Browser, solve: bool) -> httpx.Response:
    page = await browser.about_page("5003")
    text = page.text
    assert "proof.js" in text
    challenge = json.loads(html.unescape(re.search(r'data-challenge="([^"]*)"', text)[1]))  # type: ignore[index]
    proof = {PROOF: solved(challenge)} if solve else {}
    page = await browser.follow(page, **ANSWERS | await papers(browser, "5003") | proof)
    if 'data-step="3"' in page.text:  # faster than people
        if solve:
            challenge = json.loads(html.unescape(re.search(r'data-challenge="([^"]*)"', page.text)[1]))  # type: ignore[index]
            proof = {PROOF: solved(challenge)}
        return await browser.send(page, **proof)
    return page


@pytest.mark.parametrize("solve", [True, False])
async def test_form_is_taken_with_and_without_script(
    browser: Browser, world: World, solve: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proofs_of_work.challenge, "__kwdefaults__", {"cost": 1})
    assert (await sent_by(browser, solve)).status_code == 303
    assert await world.rows("select proven from confirmations") == [(solve,)]
    assert await world.subjects() == ["received"], "a person without script gets the mail too"


async def test_thousand_bot_forms_send_a_stated_few_mails(world: World) -> None:
    caps = MailCaps()
    for number in range(UNPROVEN_MAILS.figure + 30):
        await world.submit(BOT, email=f"offer{number}@example.org")
    worker = SubmissionWorker(world.db, world.vault, world.directory, world.clock, caps)
    await worker.decide_all()
    assert len(await world.subjects()) == UNPROVEN_MAILS.figure
    await jobs.SEND_POSTPONED.run(replace(world.jobs, caps=caps))
    assert len(await world.subjects()) == UNPROVEN_MAILS.figure
    await world.submit(email="menneske@example.org")
    await worker.decide_all()
    assert len(await world.subjects()) == UNPROVEN_MAILS.figure + 1, "who has computed does not wait behind them"
    world.later(hours=1, minutes=1)
    await jobs.SEND_POSTPONED.run(replace(world.jobs, caps=caps))
    assert len(await world.subjects()) == 2 * UNPROVEN_MAILS.figure + 1


async def new_key(world: World, centre: str = "link-bergen") -> str:
    async with world.transaction() as session:
        return await api_keys.add(session, centre, world.clock.now())


async def test_api_with_key_is_proven_and_without_is_not(browser: Browser, world: World) -> None:
    key = await new_key(world)
    for number, headers in enumerate(({}, {"Authorization": f"Bearer {key}"}, {"Authorization": f"bearer  {key} "})):
        answer = await browser.post_json(await body(browser, email=f"kari{number}@example.org"), headers)
        assert answer.status_code == 202
    assert await world.rows("select proven, count(*) from confirmations group by 1 order by 1") == [
        (False, 1),
        (True, 2),
    ]
    assert key not in str(await world.rows("select key_hash from api_keys"))


@pytest.mark.parametrize(
    ("centre", "proven"), [("link-bergen", True), ("link-oslo", False), ("link-trondheim", False), ("", False)]
)
async def test_key_of_centre_speaks_for_no_other(browser: Browser, world: World, centre: str, proven: bool) -> None:
    headers = {"Authorization": f"Bearer {await new_key(world, centre)}"}
    answer = await browser.post_json(await body(browser), headers)
    assert (answer.status_code, answer.json()) == (202, {"status": "received"})
    assert await world.rows("select proven from confirmations") == [(proven,)]


@pytest.mark.parametrize("header", ["Bearer shk_nothing", "Bearer", "Basic a2FyaQ==", "", "shk_x", "Bearer \u00e5"])
async def test_api_with_wrong_key_is_401_and_stores_nothing(browser: Browser, world: World, header: str) -> None:
    await new_key(world)
    answer = await browser.post_json(await body(browser), {"Authorization": header.encode("latin-1")})  # type: ignore[dict-item]
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json()["type"].endswith("api-key")
    assert await world.count("submissions") + await world.count("people") == 0


async def test_key_of_centre_revoked_is_401(browser: Browser, world: World) -> None:
    key, other = await new_key(world), await new_key(world, "link-oslo")
    async with world.transaction() as session:
        assert await store.revoke(session, "link-bergen", world.clock.now()) == 1
    assert (await browser.post_json(await body(browser), {"Authorization": f"Bearer {key}"})).status_code == 401
    assert (await browser.post_json(await body(browser), {"Authorization": f"Bearer {other}"})).status_code == 202


async def test_key_of_centre_has_a_budget_of_its_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_keys, "API_KEY_SIGNUPS", replace(API_KEY_SIGNUPS, figure=2))
    browser = Browser(build(settings(world, signups_per_address=1), world.clock))
    headers = {"Authorization": f"Bearer {await new_key(world)}"}
    codes = [
        (await browser.post_json(await body(browser, email=f"k{n}@example.org"), headers)).status_code for n in range(3)
    ]
    assert codes == [202, 202, 429]
    assert (await browser.post_json(await body(browser, email="eva@example.org"))).status_code == 202
    await browser.close()
    assert limits.API_KEY_SIGNUPS in limits.LIMITS


async def test_idempotency_key_belongs_to_its_caller(world: World) -> None:
    app = build(settings(world), world.clock)
    stranger, centre = Browser(app, "198.51.100.7"), Browser(app, "203.0.113.9")
    own = {"Idempotency-Key": "booking-1001"}
    with_key = own | {"Authorization": f"Bearer {await new_key(world)}"}
    assert (await stranger.post_json(await body(stranger, first_name="Evil"), own)).status_code == 202
    for headers in (own, with_key):
        for _ in range(2):
            answer = await centre.post_json(await body(centre, email="vera@example.org", first_name="Vera"), headers)
            assert answer.status_code == 202
        assert (await centre.post_json(await body(centre, first_name="Ola"), headers)).status_code == 422
    await stranger.client.aclose()
    await centre.close()
