"""
An identity provider of the tests: a server of its own, with the code flow, PKCE and keys that rotate.

It keeps to the rules; :class:`Forgery` names what it does otherwise, so that each check of ours can fail.
"""

import asyncio
import base64
import hmac
import json
import secrets
import socket
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final
from urllib.parse import parse_qs, unquote_plus, urlencode

import uvicorn
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from shared.kit.staff import wall_now

CLIENT_ID: Final = "selvhjelp"
CLIENT_SECRET: Final = "hemmelig: med/tegn"


def new_key(algorithm: str, kid: str) -> RSAKey | ECKey | OKPKey:
    extra: Any = {"kid": kid, "use": "sig"}
    if algorithm == "RS256":
        return RSAKey.generate_key(2048, extra)
    return ECKey.generate_key("P-256", extra) if algorithm == "ES256" else OKPKey.generate_key("Ed25519", extra)


@dataclass
class Provider:
    """
    The provider.

    Attributes:
        claims: Of whoever signs in next, beside those that belong to the token.
        forged: Claims that take the place of true ones in the next tokens; None leaves one out.
        header: The same for their header.
        signs_with: Another key than the listed one, or the raw key of a symmetric signature.
        metadata: What takes the place of parts of the discovery document.
        status: Other than 200: the answer to everything.
        asked: The query of the last authorization request.
    """

    issuer: str
    algorithm: str = "RS256"
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "s-1", "preferred_username": "berit"})
    forged: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    signs_with: RSAKey | ECKey | OKPKey | bytes | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    denies: bool = False
    asked: dict[str, str] = field(default_factory=dict)
    keys_read: int = 0
    signed_out: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.key = new_key(self.algorithm, "k1")
        self._codes: dict[str, dict[str, str]] = {}

    def rotate(self, kid: str = "k2") -> None:
        """Sign with a new key, and list that one only."""
        self.key = new_key(self.algorithm, kid)

    def app(self) -> Starlette:
        routes = [
            Route("/.well-known/openid-configuration", self._discovery),
            Route("/keys", self._keys),
            Route("/authorize", self._authorize),
            Route("/token", self._token, methods=["POST"]),
            Route("/end", self._end),
        ]
        return Starlette(routes=routes)

    async def _discovery(self, _request: Request) -> Response:
        document = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/end",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
        return JSONResponse({**document, **self.metadata}, self.status)

    async def _keys(self, _request: Request) -> Response:
        self.keys_read += 1
        return JSONResponse({"keys": [{"kty": "new"}, self.key.as_dict(private=False)]}, self.status)

    async def _authorize(self, request: Request) -> Response:
        """Sign the user in without a question, or say no."""
        self.asked = query = dict(request.query_params)
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        assert query["client_id"] == CLIENT_ID
        answer = {"state": query["state"], "iss": self.issuer}
        if self.denies:
            return RedirectResponse(f"{query['redirect_uri']}?{urlencode({**answer, 'error': 'access_denied'})}", 303)
        code = secrets.token_urlsafe()
        self._codes[code] = query
        return RedirectResponse(f"{query['redirect_uri']}?{urlencode({**answer, 'code': code})}", 303)

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        basic = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        asked = self._codes.pop(form["code"], None)
        challenge = _base64(sha256(form["code_verifier"].encode()).digest())
        known = tuple(map(unquote_plus, basic.split(":"))) == (CLIENT_ID, CLIENT_SECRET)
        if asked is None or not known or challenge != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if form["redirect_uri"] != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        answer = {"access_token": "a", "token_type": "Bearer", "id_token": self.token(asked["nonce"])}
        return JSONResponse(answer, self.status)

    async def _end(self, request: Request) -> Response:
        self.signed_out = dict(request.query_params)
        return HTMLResponse("<!doctype html><title>Ut</title><h1>Logget ut hos oss</h1>")

    def token(self, nonce: str) -> str:
        """Return an ID token, true or forged."""
        now = int(wall_now().timestamp())
        true = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": nonce,
            **self.claims,
        }
        claims = {name: value for name, value in {**true, **self.forged}.items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.key.kid, **self.header}
        header = {name: value for name, value in header.items() if value is not None}
        if header["alg"] == "none":
            return f"{_part(header)}.{_part(claims)}."
        if isinstance(self.signs_with, bytes):
            content = f"{_part(header)}.{_part(claims)}"
            return f"{content}.{_base64(hmac.digest(self.signs_with, content.encode(), sha256))}"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # EdDSA is the old name of Ed25519
            return jwt.encode(header, claims, self.signs_with or self.key, algorithms=[header["alg"]])


def _part(value: dict[str, Any]) -> str:
    return _base64(json.dumps(value).encode())


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@asynccontextmanager
async def running(algorithm: str = "RS256") -> AsyncIterator[Provider]:
    """Serve a provider on a port of its own."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    provider = Provider(f"http://localhost:{listener.getsockname()[1]}", algorithm)
    server = uvicorn.Server(uvicorn.Config(provider.app(), log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    try:
        yield provider
    finally:
        server.should_exit = True
        await serving
        listener.close()


def provider_settings(provider: Provider, **changes: Any) -> dict[str, Any]:
    """Return the settings of intake for a provider."""
    return {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET,
        "oidc_name": "Inngang",
        **changes,
    }
