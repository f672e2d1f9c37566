"""
An identity provider (OpenID Connect Core 1.0): its addresses and keys, the code flow with PKCE, and its ID tokens.

Nothing here trusts a token for what it says about itself: the algorithm is of a list and fits the key, the key is of
the provider's own set, and addresses or keys in a header are not looked at.
"""

import base64
import hmac
import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Protocol
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from shared.kit.logging import get_logger

TIMEOUT_SECONDS: Final = 5.0
ANSWER_MAX: Final = 512 * 1024  # bytes
METADATA_KEPT: Final = timedelta(hours=1)
KEYS_AGAIN: Final = timedelta(seconds=10)
"""Minimum time between two looks for a key that is not known, so that forged tokens cause no flood."""

LEEWAY: Final = timedelta(seconds=60)
TOKEN_MAX_AGE: Final = timedelta(minutes=10)
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

_CURVES: Final[Mapping[str, tuple[str, str | None]]] = {
    "RS256": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "EdDSA": ("OKP", "Ed25519"),
    "Ed25519": ("OKP", "Ed25519"),
}
"""Algorithms of ID tokens with the type and curve of their key; none is symmetric."""

log = get_logger(__name__)


class ProviderAway(Exception):  # noqa: N818 - a condition, not a fault of ours
    """The provider does not answer, or answers with something else than it should."""


class CodeRefused(Exception):  # noqa: N818 - the answer of the provider
    """The provider takes no such code."""


class TokenRefused(Exception):  # noqa: N818 - our own answer
    """The ID token is not one of this provider, for us, about this sign-in; its text says what was wrong."""


@dataclass(frozen=True)
class Client:
    """
    Our system as the provider knows it.

    Attributes:
        issuer: The provider's own name, to the letter.
        scopes: What is asked for; always with ``openid``.
    """

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    scopes: str = "openid profile"


class Attempt(Protocol):
    """The secrets of one sign-in."""

    @property
    def state(self) -> str: ...
    @property
    def nonce(self) -> str: ...
    @property
    def verifier(self) -> str: ...


@dataclass
class _Kept:
    metadata: dict[str, Any]
    read_at: datetime
    keys: list[RSAKey | ECKey | OKPKey]
    keys_at: datetime


class IdentityProvider:
    """
    A provider.

    Args:
        client: Its addresses, and who we are there.
        transport: For tests.
    """

    def __init__(self, client: Client, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.client = client
        self._transport = transport
        self._kept: _Kept | None = None

    async def authorization_url(self, attempt: Attempt, now: datetime, *, again: bool = False) -> str:
        """
        Return where a browser signs in.

        Args:
            attempt: The secrets of this sign-in.
            now: The real time.
            again: True to have it proven anew, even with a session at the provider.

        Raises:
            ProviderAway: The provider does not tell its addresses.
        """
        metadata = (await self._current(now)).metadata
        challenge = base64.urlsafe_b64encode(sha256(attempt.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": self.client.redirect_uri,
            "scope": self.client.scopes,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **({"prompt": "login", "max_age": "0"} if again else {}),
        }
        address: str = metadata["authorization_endpoint"]
        return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(query)}"

    async def sign_out_url(self, back_to: str, now: datetime) -> str:
        """Return where the session at the provider is ended; empty if it offers no such page or is away."""
        try:
            address: str = (await self._current(now)).metadata.get("end_session_endpoint", "")
        except ProviderAway:
            return ""
        query = urlencode({"client_id": self.client.client_id, "post_logout_redirect_uri": back_to})
        return f"{address}?{query}" if address else ""

    async def answers_for(self, issuer: str | None, now: datetime) -> bool:
        """Return True if an answer with this ``iss`` (RFC 9207) can be of this provider."""
        metadata = (await self._current(now)).metadata
        if issuer is None:
            return metadata.get("authorization_response_iss_parameter_supported") is not True
        return issuer == self.client.issuer

    async def claims(self, code: str, attempt: Attempt, now: datetime, *, again: bool = False) -> dict[str, Any]:
        """
        Exchange a code for an ID token, and return what it says.

        Args:
            code: Of the answer.
            attempt: The secrets of this sign-in.
            now: The real time.
            again: True if the user must have signed in at the provider a short while ago.

        Raises:
            CodeRefused: Used, expired, or of somebody else.
            ProviderAway: No answer.
            TokenRefused: A token that is not believed.
        """
        metadata = (await self._current(now)).metadata
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.client.redirect_uri,
            "code_verifier": attempt.verifier,
        }
        answer = await self._ask("POST", metadata["token_endpoint"], **self._proof(metadata, form))
        if 400 <= answer.status_code < 500:
            raise CodeRefused
        token = _json_of(answer).get("id_token")
        if not isinstance(token, str):
            raise TokenRefused("no token")
        return await self._verified(token, attempt.nonce, now, again=again)

    def _proof(self, metadata: Mapping[str, Any], form: dict[str, str]) -> dict[str, Any]:
        """Return the request with our secret: in its header, or in the form of a provider that takes no header."""
        methods = _words(metadata, "token_endpoint_auth_methods_supported", "client_secret_basic")
        client = self.client
        if "client_secret_basic" in methods or "client_secret_post" not in methods:
            quoted = (urlencode({"": each})[1:] for each in (client.client_id, client.client_secret))
            return {"data": form, "auth": httpx.BasicAuth(*quoted)}
        return {"data": {**form, "client_id": client.client_id, "client_secret": client.client_secret}}

    async def _verified(self, token: str, nonce: str, now: datetime, *, again: bool) -> dict[str, Any]:
        header = _header_of(token)
        algorithm = header.get("alg")
        if not isinstance(algorithm, str) or algorithm not in _CURVES:
            raise TokenRefused("algorithm")
        key = await self._key_for(header.get("kid"), algorithm, now)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SecurityWarning)  # providers still call Ed25519 by its old name
                claims = jwt.decode(token, key, algorithms=[algorithm]).claims
        except (JoseError, ValueError, TypeError) as error:
            raise TokenRefused("signature") from error
        _require(claims, self.client, nonce, now)
        if again and not now.timestamp() - _number(claims, "auth_time") <= TOKEN_MAX_AGE.total_seconds():
            raise TokenRefused("auth_time")
        return claims

    async def _key_for(self, kid: object, algorithm: str, now: datetime) -> RSAKey | ECKey | OKPKey:
        """Return the key of a token; a key that is not known is looked for once more, since keys are replaced."""
        kept = await self._current(now)
        for _ in range(2):
            fitting = [key for key in kept.keys if _fits(key, algorithm) and (kid is None or key.kid == kid)]
            if len(fitting) == 1 or (fitting and kid is not None):
                return fitting[0]
            if now - kept.keys_at < KEYS_AGAIN:
                break
            kept.keys, kept.keys_at = await self._keys(kept.metadata), now
        raise TokenRefused("key")

    async def _current(self, now: datetime) -> _Kept:
        """Return the addresses and keys; those of before while the provider is away."""
        kept = self._kept
        if kept is not None and now - kept.read_at < METADATA_KEPT:
            return kept
        try:
            metadata = await self.read_metadata()
            kept = self._kept = _Kept(metadata, now, await self._keys(metadata), now)
        except ProviderAway:
            if kept is None:
                raise
        return kept

    async def read_metadata(self) -> dict[str, Any]:
        """
        Return the provider's addresses (OpenID Connect Discovery 1.0), as it tells them now.

        Raises:
            ProviderAway: No answer, another issuer, an address that is not safe, or no PKCE with S256.
        """
        url = self.client.issuer.rstrip("/") + "/.well-known/openid-configuration"
        metadata = _json_of(await self._ask("GET", url))
        if metadata.get("issuer") != self.client.issuer:
            raise ProviderAway("issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not is_safe(metadata.get(name)):
                raise ProviderAway(name)
        if not is_safe(metadata.get("end_session_endpoint", self.client.issuer)):
            raise ProviderAway("end_session_endpoint")
        if "S256" not in _words(metadata, "code_challenge_methods_supported", "S256"):
            raise ProviderAway("code_challenge_methods_supported")
        _words(metadata, "token_endpoint_auth_methods_supported", "client_secret_basic")
        return metadata

    async def _keys(self, metadata: Mapping[str, Any]) -> list[RSAKey | ECKey | OKPKey]:
        listed = _json_of(await self._ask("GET", metadata["jwks_uri"])).get("keys")
        keys: list[RSAKey | ECKey | OKPKey] = []
        for each in listed if isinstance(listed, list) else ():
            try:
                (key,) = KeySet.import_key_set({"keys": [each]}).keys
            except (JoseError, ValueError, TypeError, KeyError, AttributeError):
                continue  # of a kind that is not known
            if isinstance(key, (RSAKey, ECKey, OKPKey)) and each.get("use", "sig") == "sig":
                keys.append(key)
        return keys

    async def _ask(self, method: str, url: str, **request: Any) -> httpx.Response:
        """Return the answer to a request, which goes nowhere else and is not longer than it may be."""
        try:
            async with (
                httpx.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False, transport=self._transport) as http,
                http.stream(method, url, headers={"Accept": "application/json"}, **request) as answer,
            ):
                body = b""
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > ANSWER_MAX:
                        raise ProviderAway("too long")
                whole = httpx.Response(answer.status_code, content=body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderAway(type(error).__name__) from error
        if whole.status_code >= 500 or (method == "GET" and whole.status_code != 200):
            raise ProviderAway(str(whole.status_code))
        return whole


def is_safe(url: object) -> bool:
    """Return True for an address by HTTPS, or by HTTP on this machine."""
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    on_this_machine = parts.scheme == "http" and parts.hostname in LOOPBACK
    return bool(parts.hostname) and not parts.username and (parts.scheme == "https" or on_this_machine)


def _words(metadata: Mapping[str, Any], name: str, default: str) -> list[str]:
    """Return a list of words that a provider tells."""
    words = metadata.get(name, [default])
    if not isinstance(words, list):
        raise ProviderAway(name)
    return words


def _json_of(answer: httpx.Response) -> dict[str, Any]:
    try:
        content = json.loads(answer.content)
    except ValueError as error:
        raise ProviderAway("no JSON") from error
    if not isinstance(content, dict):
        raise ProviderAway("no JSON object")
    return content


def _header_of(token: str) -> dict[str, Any]:
    try:
        first = token.split(".", maxsplit=1)[0]
        header = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except ValueError as error:
        raise TokenRefused("header") from error
    if not isinstance(header, dict):
        raise TokenRefused("header")
    return header


def _fits(key: RSAKey | ECKey | OKPKey, algorithm: str) -> bool:
    kind, curve = _CURVES[algorithm]
    values = key.as_dict(private=False)
    same_algorithm = values.get("alg", algorithm) in _same(algorithm)
    return values.get("kty") == kind and curve in {None, values.get("crv")} and same_algorithm


def _same(algorithm: str) -> frozenset[str]:
    """Return the names of an algorithm: that of Ed25519 has changed (RFC 9864)."""
    names = frozenset({"EdDSA", "Ed25519"})
    return names if algorithm in names else frozenset({algorithm})


def _require(claims: Mapping[str, Any], client: Client, nonce: str, now: datetime) -> None:
    """Check the claims as OpenID Connect Core 1.0, 3.1.3.7, says."""
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    moment, leeway = now.timestamp(), LEEWAY.total_seconds()
    issued = _number(claims, "iat")
    given = claims.get("nonce")
    checks: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("iss", lambda: claims.get("iss") == client.issuer),
        ("aud", lambda: isinstance(audiences, list) and client.client_id in audiences),
        ("azp", lambda: claims.get("azp", client.client_id) == client.client_id),
        ("azp", lambda: len(audiences or ()) == 1 or "azp" in claims),
        ("exp", lambda: moment < _number(claims, "exp") + leeway),
        ("iat", lambda: moment - TOKEN_MAX_AGE.total_seconds() - leeway <= issued <= moment + leeway),
        ("nbf", lambda: "nbf" not in claims or _number(claims, "nbf") <= moment + leeway),
        ("nonce", lambda: isinstance(given, str) and hmac.compare_digest(given.encode(), nonce.encode())),
    )
    for name, check in checks:
        if not check():
            raise TokenRefused(name)


def _number(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TokenRefused(name)
    return float(value)
