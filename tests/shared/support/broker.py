"""Talk to a broker in its own words: the client forgets to close connections that were refused."""

import asyncio
import json
from urllib.parse import urlsplit


async def refusal(url: str, **options: str) -> str:
    """Return what a broker says to somebody who connects with these options."""
    reader, writer = await asyncio.open_connection(urlsplit(url).hostname, urlsplit(url).port)
    await reader.readline()  # its INFO
    writer.write(f"CONNECT {json.dumps({'verbose': False, **options})}\r\nPING\r\n".encode())
    said = (await reader.readline()).decode().strip()
    writer.close()
    await writer.wait_closed()
    return said
