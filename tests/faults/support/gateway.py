"""
A small gateway with the routes of the real one, for tests that kill the services behind it.

It retries while a service restarts, as Caddy does with ``lb_try_duration``; the real gateway is tested with
``selvhjelp up`` and with the containers.
"""

import asyncio
import sys
from contextlib import suppress

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.kit.sockets import inherited_sockets

GROUPING = (
    "plass",
    "venter",
    "stab/omrader",
    "stab/grupper",
    "stab/igangsettere",
    "stab/rom",
    "stab/plasser",
    "igangsetter",
    "igangsettersvar",
)
NOTIFY = ("stab/post", "stab/ring", "stab/moter", "stab/meldinger", "stab/brev", "mote/", "mote-nei-takk/", "moter/")
TRY_SECONDS = 3


def service_of(path: str) -> str:
    """Return the service that owns a path, in any language."""
    bare = path.lstrip("/")
    for prefix in ("nn/", "en/"):
        bare = bare.removeprefix(prefix)
    if bare.startswith("stab/grupper/") and "/personer" in bare:
        return "intake"
    if bare.startswith(("igangsetter/konto", "igangsetter/logg-inn", "igangsetter/apne", "igangsetter/invitasjon")):
        return "intake"
    if bare.startswith(GROUPING):
        return "grouping"
    return "notify" if bare.startswith(NOTIFY) else "intake"


def create(ports: dict[str, int]) -> Starlette:
    """Build the gateway to services on these ports."""
    client = httpx.AsyncClient(timeout=10)

    async def forward(request: Request) -> Response:
        body = await request.body()
        url = f"http://127.0.0.1:{ports[service_of(request.url.path)]}{request.url.path}?{request.url.query}"
        for _ in range(TRY_SECONDS * 20):
            with suppress(httpx.ConnectError):
                try:
                    answer = await client.request(request.method, url, content=body, headers=request.headers.raw)
                except (httpx.ReadError, httpx.RemoteProtocolError, httpx.WriteError):
                    break
                drop = {"content-length", "transfer-encoding", "content-encoding", "connection"}
                headers = {name: value for name, value in answer.headers.items() if name.lower() not in drop}
                return Response(answer.content, answer.status_code, headers)
            await asyncio.sleep(0.05)
        return Response(status_code=502)

    return Starlette(routes=[Route("/{path:path}", forward, methods=["GET", "POST", "HEAD"])])


if __name__ == "__main__":
    ports = {name: int(port) for name, port in (pair.split("=") for pair in sys.argv[1:])}
    uvicorn.Server(uvicorn.Config(create(ports), log_level="warning")).run(sockets=inherited_sockets())
