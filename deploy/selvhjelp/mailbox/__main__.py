"""`python -m selvhjelp.mailbox --dir DIR --port 8025 --smtp-port 1025`: the mailbox as a process."""

import argparse
import asyncio
from pathlib import Path

import uvicorn

from selvhjelp.mailbox.faults import Faults
from selvhjelp.mailbox.smtp import Handler, SmtpProtocol
from selvhjelp.mailbox.store import Store
from selvhjelp.mailbox.web import create_app
from shared.kit.serve import Server
from shared.kit.sockets import inherited_sockets


async def serve(directory: Path, host: str, port: int, smtp_port: int) -> None:
    """
    Serve HTTP and SMTP until SIGTERM; SMTP starts first, so that mail can be sent once the page answers.

    The parent process may hand over the sockets of both, HTTP first; then host and ports mean nothing.
    """
    store, faults = Store(directory), Faults()
    handler = Handler(store, faults)
    web_socket, smtp_socket = inherited_sockets() or (None, None)
    loop = asyncio.get_running_loop()
    if smtp_socket is None:
        smtp = await loop.create_server(lambda: SmtpProtocol(handler, faults), host, smtp_port)
    else:
        smtp = await loop.create_server(lambda: SmtpProtocol(handler, faults), sock=smtp_socket)
    config = uvicorn.Config(create_app(store, faults), host=host, port=port, access_log=False, log_level="warning")
    async with smtp:
        await Server(config).serve(sockets=None if web_socket is None else [web_socket])


def main() -> None:
    """Take every mail and show it; nothing leaves the machine."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="where the mails are kept")
    parser.add_argument("--host", default="127.0.0.1", help="the address of HTTP and SMTP")
    parser.add_argument("--port", type=int, default=8025, help="the page and the API")
    parser.add_argument("--smtp-port", type=int, default=1025, help="where mails come in")
    options = parser.parse_args()
    asyncio.run(serve(options.dir, options.host, options.port, options.smtp_port))


if __name__ == "__main__":
    main()
