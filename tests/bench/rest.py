"""
``python -m tests.bench.rest``: what the whole system uses while nobody asks anything of it.

Everything as `selvhjelp up` starts it on a new machine. PostgreSQL is shown, and is left out of the sum.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from tests.bench.processes import Use, memory_mib, tree

SETTLE_SECONDS: Final = 30.0
SECONDS: Final = 60.0
START_SECONDS: Final = 120.0
SERVICES: Final = ("intake", "grouping", "notify")
GOALS: Final = {"cpu": 0.5, "memory": 100}
"""Percent of a core for everything but PostgreSQL; MiB of one service."""


async def main(settle: float, seconds: float) -> None:
    """Start, let it settle, measure, and print one table and a line of JSON."""
    with tempfile.TemporaryDirectory(prefix="selvhjelp-rest-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        command = [sys.executable, "-m", "selvhjelp", "up", "--data", f"{folder}/data", "--port", "0", "--json"]
        up = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        try:
            figures = await measure({"up": up.pid, **await _pids(up)}, settle, seconds)
        finally:
            up.terminate()
            await up.wait()
    show(figures)


async def _pids(up: asyncio.subprocess.Process) -> dict[str, int]:
    """Return the processes, once all are ready."""
    assert up.stdout is not None
    async with asyncio.timeout(START_SECONDS):
        async for line in up.stdout:
            said = json.loads(line)
            if said.get("ready"):
                pids: dict[str, int] = said["pids"]
                return pids
    raise RuntimeError("it ended before it was ready")


async def measure(pids: dict[str, int], settle: float, seconds: float) -> dict[str, Any]:
    """Return percent of a core, wake-ups a second and MiB of each process."""
    await asyncio.sleep(settle)
    before = {name: Use.of(_processes(name, pid)) for name, pid in pids.items()}
    await asyncio.sleep(seconds)
    figures: dict[str, Any] = {}
    for name, pid in pids.items():
        used = Use.of(_processes(name, pid)) - before[name]
        resident, share = memory_mib(pid)
        figures[name] = {
            "percent_of_core": round(100 * used.seconds / seconds, 3),
            "wakeups_per_second": round(used.wakeups / seconds, 1),
            "resident_mib": resident,
            "share_mib": share,
        }
    outside = [each for name, each in figures.items() if name != "postgres"]
    figures["outside_postgres"] = {
        "percent_of_core": round(sum(each["percent_of_core"] for each in outside), 3),
        "wakeups_per_second": round(sum(each["wakeups_per_second"] for each in outside), 1),
    }
    return figures


def _processes(name: str, pid: int) -> list[int]:
    return tree(pid) if name == "postgres" else [pid]


def show(figures: dict[str, Any]) -> None:
    """As a table for people, and a line of JSON for machines."""
    table = Table("Process", "% of a core", "Wake-ups a second", "Resident MiB", "Own share MiB", title="At rest")
    for name, each in figures.items():
        table.add_row(name, *(str(each.get(key, "")) for key in figures["intake"]))
    table.add_row("goal", f"< {GOALS['cpu']} outside PostgreSQL", "", f"< {GOALS['memory']} for a service", "")
    Console().print(table)
    print(json.dumps(figures))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--settle", type=float, default=SETTLE_SECONDS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.settle, arguments.seconds))
