"""The fetches of all consumers of a service: signs of life, and asked anew at a broker that knows nothing of them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from nats.errors import TimeoutError as FetchTimeout

Fetch = Callable[..., Awaitable[Any]]


class Fetches:
    """
    The fetches that are under way.

    A broker that is started again, or another one of its cluster, does not know what was asked of the one before. So at
    each new connection every fetch is given up, and its consumer asks again at once instead of at the end of its time.

    Args:
        noted: Called with the name of a consumer when it begins or ends a fetch.
    """

    def __init__(self, noted: Callable[[str], None]) -> None:
        self._noted = noted
        self._under_way: set[asyncio.Task[Any]] = set()
        self._given_up: set[asyncio.Task[Any]] = set()

    def watched(self, fetcher: str, fetch: Fetch) -> Fetch:
        """Return a fetch that is noted when it begins and when it ends, and that can be given up."""

        async def fetch_watched(*args: Any, **options: Any) -> Any:
            self._noted(fetcher)
            task = asyncio.ensure_future(fetch(*args, **options))
            self._under_way.add(task)
            try:
                return await task
            except asyncio.CancelledError:
                consumer = asyncio.current_task()
                if task not in self._given_up or (consumer is not None and consumer.cancelling()):
                    raise  # also where the service stops while the fetch is given up
                raise FetchTimeout from None
            finally:
                self._under_way.discard(task)
                self._given_up.discard(task)
                self._noted(fetcher)

        return fetch_watched

    async def give_up(self) -> None:
        """Give up all that are under way; the broker delivers again what one of them had just received."""
        for task in self._under_way:
            self._given_up.add(task)
            task.cancel()
