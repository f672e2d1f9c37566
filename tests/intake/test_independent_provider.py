"""Sign-in with an identity provider that is not ours: a process of oidc-provider-mock, which is built on Authlib."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from intake.app import build
from tests.intake.support.browser import URL, Browser, add_berit, settings
from tests.intake.support.staff import Desk
from tests.intake.support.world import World
from tests.intake.test_provider_sign_in import START, reason, to_provider

PEOPLE = ("berit", "somebody else")


@dataclass(frozen=True)
class Registered:
    """The running provider, and what it has given us when we registered."""

    issuer: str
    client: Mapping[str, str]

    async def press(self, url: str, **pressed: str) -> str:
        """Press a button on the page of the provider; return the path and query where the browser goes."""
        async with httpx.AsyncClient() as client:
            page = await client.get(url)
            assert page.status_code == 200
            answer = await client.post(url, data=pressed)
        parts = urlsplit(answer.headers["location"])
        return f"{parts.path}?{parts.query}"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


async def answering(client: httpx.AsyncClient, process: asyncio.subprocess.Process) -> None:
    """Wait until the provider answers."""
    async with asyncio.timeout(30):
        while process.returncode is None:
            try:
                (await client.get("/.well-known/openid-configuration")).raise_for_status()
            except httpx.TransportError:
                await asyncio.sleep(0.05)
            else:
                return
    raise AssertionError(f"the provider ended with {process.returncode}")


@asynccontextmanager
async def running(back_to: str) -> AsyncIterator[Registered]:
    """Run the provider, and register at it."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    process = await asyncio.create_subprocess_exec(
        *command, "--require-registration", "true", "--require-nonce", "true",
        env={**os.environ, "PYTHONWARNINGS": "ignore"}, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    issuer = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(base_url=issuer) as client:
            await answering(client, process)
            for person in PEOPLE:
                claims = {"preferred_username": person}
                (await client.put(f"/users/s-{person}", json=claims)).raise_for_status()
            answer = await client.post("/oauth2/clients", json={"redirect_uris": [back_to]})
        yield Registered(issuer, answer.raise_for_status().json())
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def desk_at(world: World) -> AsyncIterator[tuple[Desk, Registered]]:
    """Return a browser at intake with this provider."""
    async with running(f"{URL}{START}/svar") as provider:
        changes: dict[str, Any] = {
            "oidc_issuer": provider.issuer,
            "oidc_client_id": provider.client["client_id"],
            "oidc_client_secret": provider.client["client_secret"],
            "oidc_name": "Inngang",
        }
        app = build(settings(world, **changes), world.clock)
        app.state.deps.database.engine = world.db.engine
        app.state.deps.vault._transaction.__self__.engine = world.keys.engine
        desk = Desk(Browser(app))
        yield desk, provider
        await desk.browser.client.aclose()


async def test_provider_that_is_not_ours_opens_the_account(world: World) -> None:
    await add_berit(world, "link-bergen")
    async with desk_at(world) as (desk, provider):
        back = await provider.press(await to_provider(desk), sub="s-berit")
        answer = await desk.browser.get(back)
        assert answer.headers["location"] == "/stab/"
        assert await desk.is_signed_in()
        assert (await desk.browser.get(back)).headers["location"].startswith("/stab/logg-inn")  # it works once


async def test_provider_that_is_not_ours_opens_no_account_of_others(world: World) -> None:
    await add_berit(world, "link-bergen")
    async with desk_at(world) as (desk, provider):
        answer = await desk.browser.get(await provider.press(await to_provider(desk), sub="s-somebody else"))
        assert reason(answer) == "oidc_unknown"
        back = await provider.press(await to_provider(desk), action="deny")
        assert "code" not in parse_qs(urlsplit(back).query)
        assert not await desk.is_signed_in()
