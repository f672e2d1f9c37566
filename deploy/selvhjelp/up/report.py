"""The output of `up`: lines for people while it starts, and the addresses when it is ready."""

import json
import sys
import time
from contextlib import suppress
from typing import Any, Final, TextIO

from rich.console import Console
from rich.markup import escape
from rich.status import Status

TICK: Final = "[green]✓[/green]"


class Report:
    """Lines on standard output, or on standard error when standard output is for one line of JSON."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._stream: TextIO = sys.stderr if as_json else sys.stdout
        self._console = Console(file=self._stream, highlight=False, soft_wrap=True)
        self._began = time.monotonic()
        self._status: Status | None = None

    def doing(self, what: str) -> None:
        """Show the present step: a moving line in a terminal, nothing elsewhere."""
        if not self._console.is_terminal:
            return
        if self._status is None:
            self._status = self._console.status(escape(what))
            self._status.start()
        else:
            self._status.update(escape(what))

    def done(self, what: str, seconds: float) -> None:
        """Print that something is ready, with the time it took."""
        self._print(f"  {TICK} {escape(what):<12} {seconds:4.1f} s")

    def say(self, what: str) -> None:
        """Print one line."""
        self._print(f"  {escape(what)}")

    def clear(self) -> None:
        """Remove the moving line."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def ready(self, addresses: dict[str, Any], logs: str) -> None:
        """Print the addresses, for people or as one line of JSON."""
        self.clear()
        if self._as_json:
            print(json.dumps(addresses), flush=True)
            return
        seconds = f"{time.monotonic() - self._began:.1f}"
        staff = addresses["staff"]
        self._print(
            f"\n[bold]Open {addresses['url']}[/bold]   (ready in {seconds} s)\n\n"
            f"  For the centre {addresses['url']}/stab/   user {staff['username']}, password {staff['password']}\n"
            f"  Mailbox        {addresses['mailbox']}   all mail ends here; nothing is sent out\n"
            f"  Logs           {escape(logs)}\n\n"
            "Ctrl-C stops everything. The next start goes on from there.\n"
        )

    def _print(self, text: str) -> None:
        with suppress(OSError):  # the reader is gone; the system goes on
            self._console.print(text)
