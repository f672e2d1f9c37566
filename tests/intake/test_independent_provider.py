"""Sign-in with an identity provider that is not ours: a process of oidc-provider-mock, which is built on Authlib."""

import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from devtools.local.ports import free_port, release_port
from devtools.local.process import LocalProcess
from tests.intake.support.browser import URL, add_berit
from tests.intake.support.staff import Desk
from tests.intake.support.world import World
from tests.intake.test_provider_sign_in import START, desk_with, reason, to_provider

PEOPLE = ("berit", "somebody else")


class OtherProvider(LocalProcess):
    """
    The provider as a process.

    Attributes:
        issuer: Its address.
        client: What it has given us when we registered.
    """

    def __init__(self, directory: Path) -> None:
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.client: Mapping[str, str] = {}
        strict = ("--require-registration", "true", "--require-nonce", "true")
        super().__init__(
            "the provider",
            [sys.executable, "-m", "oidc_provider_mock", "--port", str(self.port), *strict],
            log=directory / "provider.log",
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self.issuer}/.well-known/openid-configuration").is_success
        except httpx.TransportError:
            return False

    def register(self, back_to: str) -> None:
        """Tell it of our people, and of us."""
        with httpx.Client(base_url=self.issuer) as client:
            for person in PEOPLE:
                client.put(f"/users/s-{person}", json={"preferred_username": person}).raise_for_status()
            answer = client.post("/oauth2/clients", json={"redirect_uris": [back_to]})
        self.client = answer.raise_for_status().json()

    async def press(self, url: str, **pressed: str) -> str:
        """Press a button on its page; return the path and query where the browser goes."""
        async with httpx.AsyncClient() as client:
            assert (await client.get(url)).status_code == 200
            answer = await client.post(url, data=pressed)
        parts = urlsplit(answer.headers["location"])
        return f"{parts.path}?{parts.query}"


@asynccontextmanager
async def desk_and_provider(world: World, directory: Path) -> AsyncIterator[tuple[Desk, OtherProvider]]:
    """Run the provider, and a browser at intake that knows it."""
    provider = OtherProvider(directory)
    try:
        provider.start()
        provider.register(f"{URL}{START}/svar")
        known = {
            "oidc_issuer": provider.issuer,
            "oidc_client_id": provider.client["client_id"],
            "oidc_client_secret": provider.client["client_secret"],
            "oidc_name": "Inngang",
        }
        desk = desk_with(world, known)
        yield desk, provider
        await desk.browser.client.aclose()
    finally:
        provider.kill()
        release_port(provider.port)


async def test_provider_that_is_not_ours_opens_the_account(world: World, tmp_path: Path) -> None:
    await add_berit(world, "link-bergen")
    async with desk_and_provider(world, tmp_path) as (desk, provider):
        back = await provider.press(await to_provider(desk), sub="s-berit")
        answer = await desk.browser.get(back)
        assert answer.headers["location"] == "/stab/"
        assert await desk.is_signed_in()
        assert (await desk.browser.get(back)).headers["location"].startswith("/stab/logg-inn")  # it works once


async def test_provider_that_is_not_ours_opens_no_account_of_others(world: World, tmp_path: Path) -> None:
    await add_berit(world, "link-bergen")
    async with desk_and_provider(world, tmp_path) as (desk, provider):
        answer = await desk.browser.get(await provider.press(await to_provider(desk), sub="s-somebody else"))
        assert reason(answer) == "oidc_unknown"
        back = await provider.press(await to_provider(desk), action="deny")
        assert "code" not in parse_qs(urlsplit(back).query)
        assert not await desk.is_signed_in()
