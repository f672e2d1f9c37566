"""CPU and memory of processes, as the kernel counts them in /proc."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

TICKS: Final = os.sysconf("SC_CLK_TCK")
NANOSECONDS: Final = 1_000_000_000


@dataclass(frozen=True)
class Use:
    """
    What some processes have used so far.

    Attributes:
        seconds: Processor time.
        wakeups: How often they went to sleep by themselves, to be woken later.
        transferred: Bytes that they read and wrote, through sockets and files.
    """

    seconds: float = 0.0
    wakeups: int = 0
    transferred: int = 0

    @classmethod
    def of(cls, pids: Iterable[int]) -> Self:
        """Return the use of some processes; nothing for one that has ended."""
        pids = list(pids)
        return cls(sum(map(_seconds, pids)), sum(map(_wakeups, pids)), sum(map(_transferred, pids)))

    def __sub__(self, before: Self) -> "Use":
        """Return what was used since another moment."""
        return Use(self.seconds - before.seconds, self.wakeups - before.wakeups, self.transferred - before.transferred)


def tree(pid: int) -> list[int]:
    """Return a process and its children."""
    return [pid, *(int(path.parent.name) for path in Path("/proc").glob("[0-9]*/stat") if _parent(path) == pid)]


def memory_mib(pid: int) -> tuple[float, float]:
    """
    Return the memory of a process in MiB: what it maps, and its share of it.

    A page that several processes map counts in full for the first figure, and divided among them for the second.
    """
    fields = dict(line.split(":", 1) for line in _read(Path(f"/proc/{pid}/smaps_rollup")).splitlines() if ":" in line)
    resident, share = (int(fields.get(name, "0 kB").split()[0]) / 1024 for name in ("Rss", "Pss"))
    return round(resident, 1), round(share, 1)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it has ended meanwhile
        return ""


def _fields(path: Path) -> list[str]:
    return _read(path).rpartition(")")[2].split() or ["0"] * 20


def _parent(path: Path) -> int:
    return int(_fields(path)[1])


def _seconds(pid: int) -> float:
    """
    Return the processor time of the threads of a process.

    The kernel counts it to the nanosecond in ``schedstat``. Its ticks are samples, which see what wakes together with
    them too often: at rest that was 1.1 percent of a core in one run and 3.7 in the next.
    """
    lines = [_read(path) for path in Path(f"/proc/{pid}/task").glob("*/schedstat")]
    if any(lines):
        return sum(int(line.split()[0]) for line in lines if line) / NANOSECONDS
    return sum(int(ticks) for ticks in _fields(Path(f"/proc/{pid}/stat"))[11:13]) / TICKS


def _wakeups(pid: int) -> int:
    lines = [line for task in Path(f"/proc/{pid}/task").glob("*/status") for line in _read(task).splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))


def _transferred(pid: int) -> int:
    lines = dict(line.split(": ") for line in _read(Path(f"/proc/{pid}/io")).splitlines())
    return int(lines.get("rchar", 0)) + int(lines.get("wchar", 0))
