"""Ask another service a question over the broker, and wait for the reply."""

import asyncio

from faststream.nats import NatsBroker


async def request_reply(broker: NatsBroker, subject: str, question: bytes, timeout_seconds: float) -> bytes:
    """Return the reply to a question; the timeout raises as the client does."""
    # The client waits with asyncio.wait_for. Before Python 3.12 that loses a cancellation that comes together with the
    # reply, and the mailer would never stop; asyncio.wait loses none.
    request = asyncio.ensure_future(broker.request(question, subject, timeout=timeout_seconds))
    try:
        await asyncio.wait({request})
    finally:
        request.cancel()
    body: bytes = request.result().body
    return body
