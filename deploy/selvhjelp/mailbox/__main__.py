"""`python -m selvhjelp.mailbox --dir DIR --port 8025 --smtp-port 1025`: the mailbox as a process."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from selvhjelp.mailbox.faults import Faults
from selvhjelp.mailbox.smtp import Conversation, Handler
from selvhjelp.mailbox.store import Store
from selvhjelp.mailbox.web import create_app

LOOPBACK = "127.0.0.1"


async def serve(directory: Path, port: int, smtp_port: int, host: str = LOOPBACK) -> None:
    """Serve both doors until SIGTERM; the SMTP door opens first, so that who sees the page may send."""
    store, faults = Store(directory), Faults()
    handler = Handler(store, faults)
    smtp = await asyncio.get_running_loop().create_server(lambda: Conversation(handler, faults), host, smtp_port)
    config = uvicorn.Config(create_app(store, faults), host=host, port=port, access_log=False, log_level="warning")
    web = uvicorn.Server(config)
    async with smtp:
        await web.serve()


def run(
    directory: Annotated[Path, typer.Option("--dir", help="Where the mails are kept.")],
    port: Annotated[int, typer.Option(help="The page and the API.")] = 8025,
    smtp_port: Annotated[int, typer.Option(help="Where mails come in.")] = 1025,
) -> None:
    """Take every mail and show it; nothing leaves the machine."""
    asyncio.run(serve(directory, port, smtp_port))


if __name__ == "__main__":
    typer.run(run)
