"""Runs `selvhjelp …` as a person at a prompt would see it: what is said on both streams, and the exit status."""

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from selvhjelp.__main__ import app
from selvhjelp.console import CommandError

PREFIXES = ("INTAKE_", "GROUPING_", "NOTIFY_")


@dataclass(frozen=True)
class Told:
    """The outcome of a command."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


async def command(*words: str, env: Mapping[str, str] | None = None, typed: str = "") -> Told:
    """
    Run it in a thread of this process, since a process of its own takes a second to import what it needs.

    Args:
        words: After `selvhjelp`.
        env: Settings; nothing else of an installation is in its environment.
        typed: Standard input.
    """
    return await asyncio.to_thread(_run, words, env or {}, typed)


def _run(words: tuple[str, ...], env: Mapping[str, str], typed: str) -> Told:
    gone: dict[str, str | None] = {name: None for name in os.environ if name.startswith(PREFIXES)}
    result = CliRunner(env={**gone, **env, "COLUMNS": "200", "TERM": "dumb"}).invoke(app, words, input=typed)
    if isinstance(result.exception, CommandError):  # what `main` makes of it
        return Told(1, result.stdout, f"{result.stderr}selvhjelp: {result.exception}\n")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Told(result.exit_code, result.stdout, result.stderr)
