"""Talk to a broker in its own words: the client forgets to close connections that were refused."""

import asyncio
import json
from urllib.parse import urlsplit

from shared.kit.tls import believing


async def refusal(url: str, authority: str, **options: str) -> str:
    """Return what the broker of an authority says to somebody who connects with these options."""
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port, ssl=believing(authority))
    await reader.readline()  # its INFO
    writer.write(f"CONNECT {json.dumps({'verbose': False, **options})}\r\nPING\r\n".encode())
    said = (await reader.readline()).decode().strip()
    writer.close()
    await writer.wait_closed()
    return said
