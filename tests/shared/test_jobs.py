"""Periodic jobs: a failure stays with its item or its run."""

import asyncio

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from shared.kit import jobs
from shared.kit.jobs import PeriodicJob, for_each


def counted(metric: str, job: str, outcome: str) -> float:
    return REGISTRY.get_sample_value(f"selvhjelp_job_{metric}_total", {"periodic_job": job, "outcome": outcome}) or 0


async def test_for_each_failing_item_does_not_stop_the_others() -> None:
    handled = []

    async def work(item: int) -> None:
        if item == 2:
            raise ValueError(item)
        handled.append(item)

    with capture_logs() as logs:
        failures = await for_each("count", [1, 2, 3], work, label=lambda item: f"no-{item}")

    assert (failures, handled) == (1, [1, 3])
    assert (counted("items", "count", "done"), counted("items", "count", "failed")) == (2, 1)
    assert [(entry["event"], entry["job"], entry["item"]) for entry in logs] == [("job_item_failed", "count", "no-2")]


async def test_for_each_cancellation_stops_at_once() -> None:
    async def work(_item: int) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await for_each("cancelled", [1, 2], work)


async def test_periodic_job_failing_run_is_counted_and_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MIN_PAUSE_SECONDS", 0)
    runs = 0
    enough = asyncio.Event()

    async def run() -> None:
        nonlocal runs
        runs += 1
        if runs == 3:
            enough.set()
        raise OSError

    with capture_logs() as logs:
        task = asyncio.create_task(PeriodicJob("fails", 0, run).forever())
        async with asyncio.timeout(60):
            await enough.wait()
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert counted("runs", "fails", "failed") >= 3
    assert {entry["event"] for entry in logs} == {"job_failed"}


async def test_periodic_job_without_occasion_runs_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MIN_PAUSE_SECONDS", 0)
    runs, looks, written = 0, 0, 0

    def occasion() -> int:
        nonlocal looks
        looks += 1
        return written

    async def run() -> None:
        nonlocal runs
        runs += 1
        if runs in {1, 3}:
            raise ValueError  # a run that failed comes again without an occasion

    async def looked_again(times: int) -> None:
        until = looks + times
        while looks < until:
            await asyncio.sleep(0)

    task = asyncio.create_task(PeriodicJob("quiet", 0, run, occasion).forever())
    await looked_again(10)
    assert runs == 2
    written += 1
    await looked_again(10)
    assert runs == 4
    monkeypatch.setattr(jobs, "QUIET_SECONDS", 0)  # as after a minute
    await looked_again(10)
    assert runs > 10
    task.cancel()
