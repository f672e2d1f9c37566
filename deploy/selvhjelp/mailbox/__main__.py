"""`python -m selvhjelp.mailbox --dir DIR --port 8025 --smtp-port 1025`: the mailbox as a process."""

import argparse
import asyncio
from pathlib import Path

import uvicorn

from selvhjelp.mailbox.faults import Faults
from selvhjelp.mailbox.smtp import Conversation, Handler
from selvhjelp.mailbox.store import Store
from selvhjelp.mailbox.web import create_app


async def serve(directory: Path, host: str, port: int, smtp_port: int) -> None:
    """Serve both doors until SIGTERM; the SMTP door opens first, so that who sees the page may send."""
    store, faults = Store(directory), Faults()
    handler = Handler(store, faults)
    smtp = await asyncio.get_running_loop().create_server(lambda: Conversation(handler, faults), host, smtp_port)
    config = uvicorn.Config(create_app(store, faults), host=host, port=port, access_log=False, log_level="warning")
    web = uvicorn.Server(config)
    async with smtp:
        await web.serve()


def main() -> None:
    """Take every mail and show it; nothing leaves the machine."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="where the mails are kept")
    parser.add_argument("--host", default="127.0.0.1", help="the address of both doors")
    parser.add_argument("--port", type=int, default=8025, help="the page and the API")
    parser.add_argument("--smtp-port", type=int, default=1025, help="where mails come in")
    options = parser.parse_args()
    asyncio.run(serve(options.dir, options.host, options.port, options.smtp_port))


if __name__ == "__main__":
    main()
