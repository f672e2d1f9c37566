"""Sign-in of staff with an identity provider, against one that runs: the way in, and every forged answer."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import ValidationError

from intake.app import build
from intake.domain.identity import IdentityRules, identity_of, parse_access
from intake.usecases.identity_provider import Client, IdentityProvider, ProviderAway, TokenRefused, is_safe
from intake.usecases.provider_sign_in import SignInAttempt
from intake.usecases.staff import add_staff, disable_staff, unbind_staff
from intake.web.provider_sign_in import REFUSALS
from shared.errors import SettingError
from shared.kit.staff import wall_now
from tests.intake.support.browser import Browser, add_berit, settings
from tests.intake.support.provider import CLIENT_SECRET, Provider, new_key, provider_settings, running
from tests.intake.support.staff import PASSWORD, Desk, another
from tests.intake.support.world import World
from tests.intake.test_staff_users import add

START = "/stab/logg-inn/tilbyder"
BERGEN = "link-bergen"


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with running() as provider:
        yield provider


def desk_of(world: World, provider: Provider, **changes: Any) -> Desk:
    """Return a browser at intake with this provider, and nobody signed in."""
    return desk_with(world, provider_settings(provider, **changes))


def desk_with(world: World, changes: dict[str, Any]) -> Desk:
    """Return a browser at intake with these settings, and nobody signed in."""
    app = build(settings(world, **changes), world.clock)
    app.state.deps.database.engine = world.db.engine
    app.state.deps.vault._transaction.__self__.engine = world.keys.engine
    return Desk(Browser(app))


@pytest.fixture
async def desk(world: World, provider: Provider) -> AsyncIterator[Desk]:
    desk = desk_of(world, provider)
    yield desk
    await desk.browser.client.aclose()


async def to_provider(desk: Desk, query: str = "") -> str:
    """Set out; return the address at the provider."""
    answer = await desk.open(f"{START}{query}")
    assert answer.status_code == 303
    return answer.headers["location"]


async def at_provider(url: str) -> str:
    """Sign in at the provider; return the path and query with which it sends the browser back."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(url)
    parts = urlsplit(answer.headers["location"])
    return f"{parts.path}?{parts.query}"


async def sign_in(desk: Desk, query: str = "") -> httpx.Response:
    return await desk.browser.get(await at_provider(await to_provider(desk, query)))


def reason(answer: httpx.Response) -> str:
    """Return why a sign-in was refused."""
    parts = urlsplit(answer.headers["location"])
    return parse_qs(parts.query)["grunn"][0] if parts.path.endswith("/nei") else f"{parts.path} (in)"


async def events(world: World) -> list[tuple[str, str, str]]:
    rows = await world.rows("select kind, reason, account from security_events order by minute, last_at")
    return [(row[0], row[1], row[2]) for row in rows]


@pytest.mark.asvs("10.5.2")
async def test_provider_sign_in_opens_the_account_of_its_name(desk: Desk, world: World, provider: Provider) -> None:
    await add_berit(world, BERGEN)
    answer = await sign_in(desk)
    assert answer.headers["location"] == "/stab/"
    assert "selvhjelp-tilbyder" not in desk.cookies()
    assert await desk.is_signed_in()
    assert provider.asked["scope"] == "openid profile"
    assert await events(world) == [("signed_in", "provider", "berit")]
    assert [action for _, action, _ in await world.audit_entries()] == ["staff.bound"]
    provider.claims["preferred_username"] = "en helt annen"
    assert (await sign_in(another(desk))).headers["location"] == "/stab/"  # the subject decides from now on


async def test_provider_sign_in_follows_the_language_of_its_page(desk: Desk, world: World) -> None:
    await add_berit(world, BERGEN)
    url = (await desk.browser.get(f"/nn{START}")).headers["location"]
    assert (await desk.browser.get(await at_provider(url))).headers["location"] == "/nn/stab/"
    url = (await desk.browser.get(f"/en{START}")).headers["location"]
    refused = await desk.browser.get(f"{START}/svar?code=x&state=y")
    assert refused.headers["location"].startswith("/en/")
    assert "You were not signed in" in (await desk.browser.get(refused.headers["location"])).text


FORGERIES: dict[str, Callable[[Provider], None]] = {
    "iss": lambda p: p.forged.update(iss="https://evil.example"),
    "no iss": lambda p: p.forged.update(iss=None),
    "aud": lambda p: p.forged.update(aud="other"),
    "aud of several without azp": lambda p: p.forged.update(aud=["selvhjelp", "other"]),
    "no aud": lambda p: p.forged.update(aud=None),
    "azp": lambda p: p.forged.update(azp="other"),
    "nonce": lambda p: p.forged.update(nonce="other"),
    "no nonce": lambda p: p.forged.update(nonce=None),
    "nonce of another kind": lambda p: p.forged.update(nonce=7),
    "expired": lambda p: p.forged.update(exp=1_700_000_000),
    "no exp": lambda p: p.forged.update(exp=None),
    "exp of another kind": lambda p: p.forged.update(exp="soon"),
    "old": lambda p: p.forged.update(iat=1_700_000_000),
    "of tomorrow": lambda p: p.forged.update(iat=4_000_000_000),
    "no iat": lambda p: p.forged.update(iat=None),
    "not yet": lambda p: p.forged.update(nbf=4_000_000_000),
    "no subject": lambda p: p.forged.update(sub=None),
    "long subject": lambda p: p.forged.update(sub="x" * 256),
    "alg none": lambda p: p.header.update(alg="none"),
    "HS256 with the public key": lambda p: symmetric(p, p.key.as_pem(private=False)),
    "HS256 with the secret": lambda p: symmetric(p, CLIENT_SECRET.encode()),
    "another key under the kid": lambda p: setattr(p, "signs_with", new_key("RS256", "k1")),
    "unknown kid": lambda p: p.header.update(kid="k9"),
    "own key in the header": lambda p: own_key(p, "jwk"),
    "address of own keys in the header": lambda p: own_key(p, "jku"),
}  # fmt: skip


def symmetric(provider: Provider, key: bytes) -> None:
    provider.header["alg"] = "HS256"
    provider.signs_with = key


def own_key(provider: Provider, name: str) -> None:
    provider.signs_with = key = new_key("RS256", "k1")
    public = key.as_dict(private=False)
    provider.header[name] = public if name == "jwk" else f"{provider.issuer}/own"


@pytest.mark.asvs("6.8.2", "9.1.1", "9.1.2", "9.1.3", "9.2.1", "9.2.3", "10.5.4")
async def test_forged_tokens_open_nothing(desk: Desk, world: World, provider: Provider) -> None:
    await add_berit(world, BERGEN)
    object.__setattr__(desk.browser.app.state.deps, "sign_in_limit", desk.browser.app.state.deps.sign_in_limit.of(0))
    for name, forge in FORGERIES.items():
        provider.forged, provider.header, provider.signs_with = {}, {}, None
        forge(provider)
        assert (name, "oidc_token") == (name, reason(await sign_in(desk)))
    assert await world.count("staff_sessions") == 0
    assert await world.count("staff_identities") == 0
    provider.forged, provider.header, provider.signs_with = {}, {}, None
    assert (await sign_in(desk)).headers["location"] == "/stab/"


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_new_keys_of_the_provider_are_found(world: World, algorithm: str) -> None:
    await add_berit(world, BERGEN)
    async with running(algorithm) as provider:
        desk = desk_of(world, provider)
        assert (await sign_in(desk)).headers["location"] == "/stab/"
        provider.rotate()
        desk.pass_time(timedelta(seconds=11))
        assert (await sign_in(desk)).headers["location"] == "/stab/"
        assert provider.keys_read == 2
        provider.header["kid"] = "k9"
        for _ in range(3):
            assert reason(await sign_in(desk)) == "oidc_token"
        assert provider.keys_read == 2  # not with every forged token
        await desk.browser.client.aclose()


@pytest.mark.asvs("10.1.2", "10.2.1")
async def test_state_of_another_browser_opens_nothing(desk: Desk, world: World) -> None:
    """A stranger cannot make somebody's browser sign in as the stranger."""
    await add_berit(world, BERGEN)
    back = await at_provider(await to_provider(desk))
    victim = another(desk)
    assert reason(await victim.browser.get(back)) == "oidc_attempt"
    await to_provider(victim)
    assert reason(await victim.browser.get(back)) == "oidc_attempt"
    desk.pass_time(timedelta(minutes=11))
    assert reason(await desk.browser.get(back)) == "oidc_attempt"
    assert await world.count("staff_sessions") == 0


@pytest.mark.parametrize("forged", ["", "x", "a.b.c.d.e", "....", "é", "a" * 5000])
async def test_forged_attempt_cookie_is_refused(desk: Desk, forged: str) -> None:
    desk.browser.client.headers["Cookie"] = f"selvhjelp-tilbyder={forged}".encode().decode("latin-1")
    assert reason(await desk.browser.get(f"{START}/svar?code=x&state=y")) == "oidc_attempt"


@pytest.mark.asvs("10.5.1")
async def test_answer_that_is_played_again_opens_nothing(desk: Desk, world: World) -> None:
    await add_berit(world, BERGEN)
    url = await to_provider(desk)
    cookie = desk.cookies()["selvhjelp-tilbyder"]
    back = await at_provider(url)
    assert (await desk.browser.get(back)).headers["location"] == "/stab/"
    assert reason(await desk.browser.get(back)) == "oidc_attempt"
    desk.browser.client.cookies.set("selvhjelp-tilbyder", cookie)
    assert reason(await desk.browser.get(back)) == "oidc_code"  # the provider takes a code once
    desk.browser.client.cookies.set("selvhjelp-tilbyder", cookie)
    assert reason(await desk.browser.get(await at_provider(url))) == "oidc_used"  # and we an attempt
    assert await world.count("staff_sessions") == 1


@pytest.mark.asvs("6.8.1", "10.2.2")
async def test_answer_of_another_provider_is_refused(desk: Desk, world: World) -> None:
    """Mix-up: RFC 9207."""
    await add_berit(world, BERGEN)
    for change in ("https://evil.example", None):
        back = await at_provider(await to_provider(desk))
        path, _, query = back.partition("?")
        fields = {name: values[0] for name, values in parse_qs(query).items()}
        fields.pop("iss")
        answer = await desk.browser.client.get(path, params={**fields, **({"iss": change} if change else {})})
        assert reason(answer) == "oidc_token"


async def test_somebody_without_account_is_refused(desk: Desk, world: World, provider: Provider) -> None:
    await add_berit(world, BERGEN)
    for claims in ({}, {"preferred_username": "ola"}, {"preferred_username": 7}, {"email": "berit"}):
        provider.claims = {"sub": "s-2", **claims}
        assert reason(await sign_in(desk)) == "oidc_unknown"
    assert await world.count("staff_users") == 1
    assert ("sign_in_refused", "oidc_unknown", "") in await events(world)


async def test_account_of_somebody_else_is_not_opened_by_its_name(desk: Desk, world: World, provider: Provider) -> None:
    await add_berit(world, BERGEN)
    await sign_in(desk)
    provider.claims["sub"] = "s-2"
    assert reason(await sign_in(another(desk))) == "oidc_other"


async def test_unbound_account_is_bound_anew(desk: Desk, world: World, provider: Provider) -> None:
    await add_berit(world, BERGEN)
    await sign_in(desk)
    async with world.transaction() as session:
        assert await unbind_staff(session, "berit")
        assert not await unbind_staff(session, "berit")
    assert not await desk.is_signed_in()
    provider.claims["sub"] = "s-2"
    assert (await sign_in(another(desk))).headers["location"] == "/stab/"


async def test_disabled_account_stays_disabled(desk: Desk, world: World) -> None:
    await add_berit(world, BERGEN)
    await sign_in(desk)
    async with world.transaction() as session:
        await disable_staff(session, "berit", world.clock.now())
    assert not await desk.is_signed_in()
    assert reason(await sign_in(desk)) == "disabled"
    assert await world.count("staff_sessions") == 0


@pytest.mark.parametrize(
    ("verified", "opens"), [(True, True), (False, False), (None, False), ("true", False), (1, False)]
)
async def test_email_names_an_account_only_if_it_is_verified(
    world: World, provider: Provider, verified: Any, opens: bool
) -> None:
    await add(world, "berit@example.org", "koordinator", BERGEN)
    desk = desk_of(world, provider, oidc_username_claim="email")
    provider.claims = {"sub": "s-1", "email": "berit@example.org", "email_verified": verified}
    answer = await sign_in(desk)
    assert (answer.headers["location"] == "/stab/") is opens
    assert opens or reason(answer) == "oidc_unknown"
    assert provider.asked["scope"] == "openid profile email"
    await desk.browser.client.aclose()


@pytest.mark.asvs("6.8.4")
@pytest.mark.parametrize(
    ("claims", "to"),
    [
        ({}, "/stab/konto/sikring"),
        ({"amr": ["pwd"]}, "/stab/konto/sikring"),
        ({"amr": ["pwd", "mfa"]}, "/stab/"),
        ({"amr": "mfa"}, "/stab/"),
        ({"acr": "Level4"}, "/stab/"),
        ({"acr": "Level3"}, "/stab/konto/sikring"),
    ],
)
async def test_own_second_factor_is_asked_unless_the_provider_asked(
    world: World, provider: Provider, claims: dict[str, Any], to: str
) -> None:
    await add_berit(world, BERGEN)
    desk = desk_of(world, provider, oidc_second_factor="mfa, Level4", second_factor_from=date(2020, 1, 1))
    provider.claims.update(claims)
    assert (await sign_in(desk)).headers["location"] == to
    await desk.browser.client.aclose()


async def test_own_second_factor_is_asked_after_the_provider(desk: Desk, world: World) -> None:
    await add_berit(world, BERGEN)
    await desk.sign_in()
    app, _ = await desk.add_app()
    other = another(desk)
    assert (await sign_in(other)).headers["location"] == "/stab/logg-inn/bekreft"
    assert not await other.is_signed_in()
    other.pass_time(timedelta(minutes=1))
    answer = await other.send("/stab/logg-inn/bekreft", code=app.at(other.now))
    assert answer.headers["location"] == "/stab/"


@pytest.mark.parametrize("status", [500, 503, 404, 302])
async def test_provider_that_is_away_is_told_in_plain_words(
    desk: Desk, world: World, provider: Provider, status: int
) -> None:
    await add_berit(world, BERGEN)
    provider.status = status
    answer = await desk.open(START)
    assert reason(answer) == "oidc_away"
    page = await desk.browser.get(answer.headers["location"])
    assert (page.status_code, "svarer ikke" in page.text) == (503, True)
    assert (await desk.sign_in()).headers["location"] == "/stab/"  # the password goes on working
    provider.status = 200
    assert (await sign_in(another(desk))).headers["location"] == "/stab/"


async def test_provider_away_in_between_keeps_its_addresses(desk: Desk, world: World, provider: Provider) -> None:
    await add_berit(world, BERGEN)
    back = await at_provider(await to_provider(desk))
    provider.status = 500
    assert reason(await desk.browser.get(back)) == "oidc_away"
    desk.pass_time(timedelta(hours=2))
    assert (await desk.open(START)).headers["location"].startswith(provider.issuer)


@pytest.mark.asvs("10.5.3")
@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://login.example.org/token"},
        {"authorization_endpoint": None},
        {"jwks_uri": "file:///etc/passwd"},
        {"end_session_endpoint": "javascript:alert(1)"},
        {"code_challenge_methods_supported": ["plain"]},
        {"code_challenge_methods_supported": None},
        {"code_challenge_methods_supported": 256},
        {"token_endpoint_auth_methods_supported": None},
        {"token_endpoint_auth_methods_supported": {"client_secret_post": True}},
        {"issuer": None},
        {"issuer": ["https://login.example.org"]},
        {"issuer": "HTTPS://LOGIN.EXAMPLE.ORG"},
        {"authorization_endpoint": "http://login.example.org/authorize"},
        {"authorization_endpoint": "https://user@login.example.org/authorize"},
        {"token_endpoint": None},
        {"token_endpoint": ["https://login.example.org/token"]},
        {"token_endpoint": "https://[::1/token"},
        {"jwks_uri": None},
        {"jwks_uri": "http://login.example.org/keys"},
        {"jwks_uri": "https://"},
        {"end_session_endpoint": "http://login.example.org/end"},
    ],
)
async def test_discovery_that_is_not_safe_is_not_believed(
    desk: Desk, provider: Provider, metadata: dict[str, Any]
) -> None:
    provider.metadata = metadata
    assert reason(await desk.open(START)) == "oidc_away"


async def test_provider_that_says_no_is_told(desk: Desk, provider: Provider) -> None:
    provider.denies = True
    assert reason(await sign_in(desk)) == "oidc_denied"


async def test_groups_of_the_provider_give_and_take_access(world: World, provider: Provider) -> None:
    access = "drift=admin@*; bergen=koordinator+admin@link-bergen"
    desk = desk_of(world, provider, oidc_access=access)
    provider.claims["groups"] = ["bergen", "annet"]
    assert (await sign_in(desk)).headers["location"] == "/stab/"
    rows = "select roles, centres, all_centres, password_hash from staff_users"
    assert [tuple(row) for row in await world.rows(rows)] == [(["admin", "koordinator"], [BERGEN], False, "")]
    assert (await another(desk).sign_in("")).status_code == 422  # no password is right
    provider.claims["groups"] = ["bergen", "drift"]
    await sign_in(another(desk))
    assert not await desk.is_signed_in()
    assert [tuple(row) for row in await world.rows(rows)] == [(["admin"], [], True, "")]
    provider.claims["groups"] = "annet"
    assert reason(await sign_in(another(desk))) == "oidc_no_access"
    actions = [action for _, action, _ in await world.audit_entries()]
    assert actions == ["staff.added", "staff.bound", "staff.access_changed", "staff.access_changed"]
    await desk.browser.client.aclose()


async def test_one_time_password_goes_when_the_account_is_bound(desk: Desk, world: World) -> None:
    async with world.transaction() as session:
        await add_staff(
            session, "berit", "et langt passord", ["koordinator"], [BERGEN], world.clock.now(), one_time=True
        )
    assert (await sign_in(desk)).headers["location"] == "/stab/"
    assert [tuple(row) for row in await world.rows("select password_hash, one_time_until from staff_users")] == [
        ("", None)
    ]


async def test_old_session_is_proven_anew_at_the_provider(desk: Desk, world: World, provider: Provider) -> None:
    await add_berit(world, BERGEN)
    await sign_in(desk)
    desk.pass_time(timedelta(minutes=12))
    page = await desk.open("/stab/konto/bekreft?til=/stab/konto/kodeapp")
    assert f"{START}?til=/stab/konto/kodeapp" in page.text
    provider.forged["auth_time"] = 1_700_000_000
    assert reason(await sign_in(desk, "?til=/stab/konto/kodeapp")) == "oidc_token"
    assert (provider.asked["prompt"], provider.asked["max_age"]) == ("login", "0")
    provider.forged = {"iat": int(desk.now.timestamp()), "exp": int(desk.now.timestamp()) + 60}
    provider.forged["auth_time"] = int(desk.now.timestamp())
    assert (await sign_in(desk, "?til=/stab/konto/kodeapp")).headers["location"] == "/stab/konto/kodeapp"
    assert (await desk.open("/stab/konto/kodeapp")).status_code == 200


@pytest.mark.parametrize("til", ["https://evil.example", "//evil.example", "/stab/rom", "/\\evil", "javascript:x"])
async def test_page_after_the_provider_is_one_of_our_own(desk: Desk, world: World, til: str) -> None:
    await add_berit(world, BERGEN)
    assert (await sign_in(desk, f"?til={til}")).headers["location"] == "/stab/"


async def test_sign_out_leads_to_that_of_the_provider(desk: Desk, world: World, provider: Provider) -> None:
    await add_berit(world, BERGEN)
    await sign_in(desk)
    answer = await desk.send("/stab/", "/stab/logg-ut")
    assert answer.headers["location"] == f"{START}/ut"
    assert not await desk.is_signed_in()
    page = await desk.browser.get(f"{START}/ut")
    assert f"{provider.issuer}/end?client_id=selvhjelp" in page.text
    await desk.sign_in()
    assert (await desk.send("/stab/", "/stab/logg-ut")).headers["location"] == "/stab/logg-inn"


async def test_without_local_passwords_only_the_provider_opens(world: World, provider: Provider) -> None:
    await add_berit(world, BERGEN)
    desk = desk_of(world, provider, local_passwords=False)
    page = await desk.browser.get("/stab/logg-inn")
    assert 'name="password"' not in page.text
    assert "Logg inn med Inngang" in page.text
    form = await desk_of(world, provider).browser.get("/stab/logg-inn")
    assert (await desk.browser.send(form, username="berit", password=PASSWORD)).status_code == 404
    assert (await sign_in(desk)).headers["location"] == "/stab/"
    await desk.browser.client.aclose()


async def test_without_a_provider_its_pages_are_not_there(browser: Browser) -> None:
    for path in (START, f"{START}/svar", f"{START}/nei", f"{START}/ut"):
        assert (await browser.get(path)).status_code == 404
    assert "tilbyder" not in (await browser.get("/stab/logg-inn")).text


@pytest.mark.parametrize(
    "changes",
    [
        {"oidc_issuer": "http://login.example.org"},
        {"oidc_issuer": "login.example.org"},
        {"oidc_issuer": "https://login.example.org/?tenant=1"},
        {"oidc_issuer": "https://user@login.example.org"},
        {"oidc_client_id": ""},
        {"oidc_client_secret": None},
        {"oidc_access": "gruppe"},
        {"oidc_access": "gruppe=sjef@*"},
        {"oidc_access": "gruppe=igangsetter@link-bergen"},
        {
            "oidc_issuer": "",
            "oidc_client_id": "",
            "oidc_client_secret": None,
            "oidc_name": "",
            "local_passwords": False,
        },
        {"oidc_issuer": ""},
        {"oidc_username_claim": "two words"},
    ],
)
def test_settings_that_cannot_work_stop_the_start(world: World, changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(world, **provider_settings(Provider("https://login.example.org"), **changes))


def test_settings_with_a_centre_that_there_is_not_stop_the_start(world: World) -> None:
    given = provider_settings(Provider("https://login.example.org"), oidc_access="drift=admin@ingen")
    with pytest.raises(SettingError, match="ingen"):
        build(settings(world, **given), world.clock)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://login.example.org/x", True),
        ("http://127.0.0.1:1/x", True),
        ("http://login.example.org", False),
        ("https://", False),
        ("ftp://localhost", False),
        (None, False),
        ("https://[::1", False),
    ],
)
def test_address_of_a_provider_is_https_or_of_this_machine(url: object, safe: bool) -> None:
    assert is_safe(url) is safe


def test_first_group_that_fits_decides() -> None:
    rules = IdentityRules(access=parse_access("a b/c=leser@link-oslo+link-bergen;d=admin@*;"))
    assert [group for group, _ in rules.access] == ["a b/c", "d"]
    identity = identity_of({"iss": "i", "sub": "s", "groups": ["d", "a b/c", 7]}, rules)
    assert identity.groups == {"d", "a b/c"}
    assert set(REFUSALS) >= {"oidc_away", "oidc_unknown"}


SYMMETRIC = {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I", "alg": "HS256"}


@pytest.mark.asvs("10.5.3")
@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        ("[]", ProviderAway),
        ("no JSON", ProviderAway),
        ("{}", TokenRefused),
        ('{"keys": null}', TokenRefused),
        ('{"keys": {"kty": "RSA"}}', TokenRefused),
        (
            '{"keys": [1, "x", null, [], {}, {"kty": "RSA"}, {"kty": "EC", "crv": "P-256", "x": 1, "y": 2}]}',
            TokenRefused,
        ),
        (json.dumps({"keys": [SYMMETRIC]}), TokenRefused),
    ],
)
async def test_key_set_that_cannot_be_used_verifies_nothing(keys: str, fault: type[Exception]) -> None:
    issuer = "https://login.example.org"
    addresses = {name: f"{issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    header = base64.urlsafe_b64encode(b'{"alg":"RS256","kid":"1"}').decode()

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/jwks_uri":
            return httpx.Response(200, text=keys)
        if request.url.path == "/token_endpoint":
            return httpx.Response(200, json={"id_token": f"{header}.e30.x"})
        return httpx.Response(200, json={"issuer": issuer, **addresses})

    client = Client(issuer, "selvhjelp", "secret", "https://selvhjelp.example/svar")
    provider = IdentityProvider(client, httpx.MockTransport(answer))
    now = wall_now()
    attempt = SignInAttempt(b"k" * 32, b"s" * 32, now, "/", False)
    with pytest.raises(fault):
        await provider.claims("code", attempt, now)
