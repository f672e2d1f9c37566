"""A system for one demo: started at a speed, and gone with everything in it afterwards."""

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, TextIO

from selvhjelp.console import CommandError

STOP_SECONDS: Final = 60


@contextmanager
def own_system(speed: float) -> Iterator[tuple[str, str]]:
    """
    Run `selvhjelp up` in a folder that is removed afterwards; yield the addresses of the pages and of the mailbox.

    Raises:
        CommandError: It cannot be started.
    """
    command = [sys.executable, "-m", "selvhjelp", "up", "--port", "0", "--json", "--speed", f"{speed:g}", "--data"]
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="selvhjelp-demo-") as folder,
            tempfile.TemporaryFile("w+") as said,
            subprocess.Popen([*command, folder], stdout=subprocess.PIPE, stderr=said, text=True) as up,
        ):
            try:
                line = up.stdout.readline() if up.stdout else ""
                if not line:
                    raise CommandError(_last_line(said))
                where = json.loads(line)
                yield where["url"], where["mailbox"]
            finally:
                up.terminate()
                up.wait(STOP_SECONDS)
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _last_line(output: TextIO) -> str:
    output.seek(0)
    return (output.read().splitlines() or ["`selvhjelp up` ended"])[-1].removeprefix("selvhjelp: ")
