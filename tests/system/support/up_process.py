"""`selvhjelp up` as a process that tests start, ask and stop."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any


class UpProcess:
    """One `selvhjelp up` on a directory."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self.errors = (data.parent / f"{data.name}.err").open("a+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "selvhjelp", "up", "--data", str(data), "--json", *options],
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
        )

    def ready(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.said()
        where: dict[str, Any] = json.loads(line)
        return where

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.stdout is not None
        rest = self.process.stdout.read()
        assert rest == "", "one line of JSON, no more"
        return self.process.wait(60)

    def said(self) -> str:
        self.errors.seek(0)
        return self.errors.read()

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.errors.close()
