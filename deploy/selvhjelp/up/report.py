"""What `up` says while it works: lines for people, and at the end where things are."""

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
        """What is going on now; a moving line in a terminal, nothing elsewhere."""
        if not self._console.is_terminal:
            return
        if self._status is None:
            self._status = self._console.status(escape(what))
            self._status.start()
        else:
            self._status.update(escape(what))

    def done(self, what: str, seconds: float) -> None:
        """Something is ready."""
        self._print(f"  {TICK} {escape(what):<12} {seconds:4.1f} s".replace(".", ","))

    def say(self, what: str) -> None:
        """One line."""
        self._print(f"  {escape(what)}")

    def quiet(self) -> None:
        """Nothing moves any more."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def ready(self, where: dict[str, Any], logs: str) -> None:
        """Where things are."""
        self.quiet()
        if self._as_json:
            print(json.dumps(where), flush=True)
            return
        seconds = f"{time.monotonic() - self._began:.1f}".replace(".", ",")
        staff = where["staff"]
        self._print(
            f"\n[bold]Åpne {where['url']}[/bold]   (klart på {seconds} s)\n\n"
            f"  For senteret   {where['url']}/stab/   bruker {staff['username']}, passord {staff['password']}\n"
            f"  Postkassen     {where['mailbox']}   all e-post havner her, ingenting sendes ut\n"
            f"  Logger         {escape(logs)}\n\n"
            "Ctrl-C stopper alt. Neste gang fortsetter det der det slapp.\n"
        )

    def _print(self, text: str) -> None:
        with suppress(OSError):  # nobody reads any more; the system goes on
            self._console.print(text)
