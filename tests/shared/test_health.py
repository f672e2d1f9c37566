"""Readiness is looked up once a second, however many ask."""

import asyncio
from collections.abc import Iterator

from shared.kit.observation import CACHE_SECONDS, CachedAnswer


async def test_cached_answer_looks_once_a_second_however_many_ask() -> None:
    looks, seconds = [], [0.0]

    async def look() -> int:
        looks.append(seconds[0])
        await asyncio.sleep(0)
        return len(looks)

    cached = CachedAnswer(look, lambda: seconds[0])
    assert await asyncio.gather(*(cached.latest() for _ in range(50))) == [1] * 50
    seconds[0] = CACHE_SECONDS - 0.01
    assert await cached.latest() == 1
    seconds[0] = CACHE_SECONDS
    assert await asyncio.gather(*(cached.latest() for _ in range(50))) == [2] * 50


async def test_cached_answer_after_a_failure_looks_again() -> None:
    answers: Iterator[ValueError | int] = iter([ValueError(), 7])

    async def look() -> int:
        answer = next(answers)
        if isinstance(answer, ValueError):
            raise answer
        return answer

    cached = CachedAnswer(look, lambda: 0.0)
    results = await asyncio.gather(cached.latest(), cached.latest(), return_exceptions=True)
    assert isinstance(results[0], ValueError)
    assert results[1] == 7
