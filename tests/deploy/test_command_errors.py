"""A command that cannot work says so in one line, with a non-zero status, and repeats no secret."""

import io
import os
import sys
from pathlib import Path

import pytest

from selvhjelp.__main__ import main
from tests.deploy.support.language import norwegian
from tests.deploy.support.settings import settings


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        (("staff", "list"), {"INTAKE_DATABASE_URL": "x"}),
        (("staff", "list"), {"INTAKE_DATABASE_URL": "postgres://a:hemmelig@h/b"}),
        (("staff", "disable", "x"), {"INTAKE_DATABASE_URL": "postgresql+asyncpg://a:hemmelig@h:x/b"}),
        (("dead-letters", "list"), {"INTAKE_DATABASE_URL": "mysql+asyncpg://a:hemmelig@h/b"}),
        (("dead-letters", "list"), {"INTAKE_DATABASE_URL": ""}),
        (("migrate",), {"INTAKE_KEYS_DATABASE_URL": "sqlite:///hemmelig"}),
        (("staff", "add", "x", "--role", "admin", "--centre", "y"), {"INTAKE_CENTRES_FILE": "/no/such.yaml"}),
        (("staff", "add", "x", "--role", "admin", "--centre", "y"), {"INTAKE_CENTRES_FILE": "/"}),
        (("staff", "add", "x"), {}),
        (("staff", "add", "x", "--role"), {}),
        (("staff", "add", "x", "--role", "leser"), {}),
        (("staff", "add", "x", "--role", "leser", "--centre", "y", "--all-centres"), {}),
        (("export", "x"), {}),
        (("replay", "mailer"), {}),
        (("replay", "grouping", "--missing"), {}),
        (("replay", "--since", "i går"), {}),
        (("backup", "/no/such"), {}),
        (("backup", "b", "--keys", "k", "--recipient", "AGE-SECRET-KEY-1HEMMELIG"), {}),
        (("backup", "b", "--keys", "k", "--recipient", "age1", "--keep-keys-days", "8"), {}),
        (("restore", "b", "x", "--keys", "k", "--identity", "/no/such"), {}),
        (("up", "--speed", "fort"), {}),
        (("places", "renew", "/no/such", "--as-of", "2026-01-01"), {}),
        (("places", "renew", "/", "--as-of", "i går"), {}),
        (("simulate", "--years", "-1"), {}),
        (("demo", "--speed", "fort"), {}),
        (("demo", "--speed", "9", "--url", "http://localhost:9", "--mailbox", "http://localhost:9"), {}),
        (("demo", "--centre", "ingensteds", "--url", "http://localhost:9", "--mailbox", "http://localhost:9"), {}),
        (("rehearse", "--centre", "ingensteds"), {}),
        (("rehearse", "--days", "0"), {}),
        (("rehearse", "--wait", "ti"), {}),
        (("rehearse", "--log", "/no/such/folder/log"), {}),
    ],
)
def test_command_that_cannot_work_is_one_line(
    words: tuple[str, ...],
    changes: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("INTAKE_", "GROUPING_", "NOTIFY_"))]:
        monkeypatch.delenv(name)
    for name, value in settings(**changes).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["selvhjelp", *words])
    monkeypatch.setattr(sys, "stdin", io.StringIO("et langt passord\n"))
    with pytest.raises(SystemExit) as stopped:
        main()
    written = capsys.readouterr()
    said = str(stopped.value.code) if isinstance(stopped.value.code, str) else written.err
    assert stopped.value.code not in {0, None}
    (line,) = said.strip().splitlines()
    assert line.startswith("selvhjelp: ")
    assert norwegian(line.replace(str(tmp_path), "").replace("i går", "")) == []
    assert "hemmelig" not in line + written.err + written.out
    assert all(name in line for name in changes if name.endswith("_URL"))
