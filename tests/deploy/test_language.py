"""What operators read in a terminal is English: help, output, errors and faults in settings."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
import typer.main
from typer.testing import CliRunner

import selvhjelp
from selvhjelp.__main__ import app
from tests.deploy.support.language import norwegian

COMMANDS = Path(selvhjelp.__file__).parent
SETTINGS = (
    *("shared.errors", "shared.kit.settings", "shared.kit.setting_values", "shared.kit.serve", "shared.kit.clock"),
    *("shared.reference.installation", "shared.reference.places_renewal", "shared.kit.database.scripts"),
    *("intake.settings", "grouping.settings", "notify.settings", "notify.startup", "intake.vault.kek"),
    *("devtools.local.nats", "devtools.local.ports", "devtools.local.postgres", "devtools.local.process"),
)
"""Modules outside the command whose sentences its errors and those of a start repeat."""

MODULES = (
    [
        path
        for path in sorted(COMMANDS.rglob("*.py"))
        if path.relative_to(COMMANDS).parts[0] != "mailbox"  # pages
        and path.name != "people.py"  # names of invented people
        and path.relative_to(COMMANDS).parts[:2] != ("rehearsal", "town")  # words for coordinators
    ]
    + [Path(str(import_module(name).__file__)) for name in SETTINGS]
)
DATA = {"Øving", "meld-av", "bekreft", "plass", "nb, mørk"}
"""Labels on pages and pictures, and paths of pages in the links of mails."""


def helps(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of a command and of all its commands."""
    yield words
    for name, each in getattr(command, "commands", {}).items():
        yield from helps(each, (*words, name))


def texts(path: Path) -> Iterator[str]:
    """Yield the string constants of a module that are no docstrings and no patterns."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in docstrings:
            continue
        if "\\" not in node.value:
            yield node.value


@pytest.mark.parametrize("words", list(helps(typer.main.get_command(app))), ids=" ".join)  # type: ignore[arg-type]
def test_help_of_every_command_is_english(words: tuple[str, ...]) -> None:
    shown = CliRunner(env={"COLUMNS": "200", "TERM": "dumb"}).invoke(app, [*words, "--help"])
    assert shown.exit_code == 0
    assert "Usage: " in shown.output
    assert norwegian(shown.output) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: "/".join(path.parts[-3:]))
def test_texts_of_every_module_are_english(path: Path) -> None:
    assert [text for text in texts(path) if text not in DATA and norwegian(text)] == []


def test_texts_are_collected_from_all_kinds_of_output() -> None:
    collected = {text for path in MODULES for text in texts(path)}
    assert {"No dead letters.", "\nAll is well.", "the mail server answers (", "Stopping …", " is not up to date"} <= (
        collected
    )


@pytest.mark.parametrize(
    "text",
    [
        "Ingen hendelser har stoppet.",
        "databasen sier nei: OSError",
        "port 8080 er opptatt",
        "3 feil, 1 advarsel.",
        "Kari er meldt av",
        "selvhjelp: ukjent rolle",
        "GRUPPER I BÆRUM",
    ],
)
def test_norwegian_sentence_is_recognised(text: str) -> None:
    assert norwegian(text)
