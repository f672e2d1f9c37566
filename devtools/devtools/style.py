"""
Check the rules of plain language that a linter does not know: ``python -m devtools.style``.

Three rules of CONTRIBUTING: commit subjects, names of tests, and docstrings that open with a riddle.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

SUBJECT_CHARACTERS: Final = 72
TEST_NAME_CHARACTERS: Final = 70
SUBJECT: Final = re.compile(r"^(feat|fix|refactor|perf|test|docs|style|ci|build|chore|i18n|revert)(\([\w,-]+\))?!?: \S")
RIDDLE: Final = re.compile(
    r"(Who|Whom|Whose|What|Which|Whether|Whoever|Whatever|Those|So many|In how|How many|Somebody|Nobody|Everybody)\b"
)
"""First words that announce a clause where a noun or a verb belongs."""

SOURCES: Final = ("shared", "services", "deploy", "devtools")


def main() -> int:
    """Print each fault on a line; return 1 if there are any."""
    root = Path(__file__).parents[2]
    faults = [*commit_faults(subjects_since_this_check(root)), *source_faults(root)]
    for fault in faults:
        print(fault)  # noqa: T201 - the output of a command
    return 1 if faults else 0


def subjects_since_this_check(root: Path) -> list[str]:
    """Return the subjects of commits newer than this file; none outside a working copy of git."""
    added = _git(root, "log", "--diff-filter=A", "--format=%H", "--", "devtools/devtools/style.py").split()
    return _git(root, "log", "--no-merges", "--format=%s", f"{added[-1]}..HEAD").splitlines() if added else []


def commit_faults(subjects: list[str]) -> Iterator[str]:
    """Report subjects that are too long or not in the conventional form."""
    for subject in subjects:
        if len(subject) > SUBJECT_CHARACTERS:
            yield f"commit subject has {len(subject)} characters, at most {SUBJECT_CHARACTERS}: {subject}"
        if not SUBJECT.match(subject):
            yield f"commit subject is not of the form type(scope): text: {subject}"


def source_faults(root: Path) -> Iterator[str]:
    """Report names of tests that are too long, and docstrings of functions and classes that open with a riddle."""
    for path in sorted((root / "tests").rglob("*.py")):
        for name, line in test_names(path.read_text(encoding="utf-8")):
            if len(name) > TEST_NAME_CHARACTERS:
                yield f"{path.relative_to(root)}:{line}: {len(name)} characters, at most {TEST_NAME_CHARACTERS}: {name}"
    for folder in SOURCES:
        for path in sorted((root / folder).rglob("*.py")):
            if "migrations" not in str(path.parent):
                for docstring, line in riddles(path.read_text(encoding="utf-8")):
                    yield f"{path.relative_to(root)}:{line}: opens with a riddle: {docstring}"


def test_names(source: str) -> Iterator[tuple[str, int]]:
    """Yield the name and line of every test function in a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node.name, node.lineno


def riddles(source: str) -> Iterator[tuple[str, int]]:
    """Yield the first line of every docstring that opens with a riddle, and the line of its owner."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = (ast.get_docstring(node) or "").partition("\n")[0]
            if RIDDLE.match(first):
                yield first, node.lineno


def _git(root: Path, *arguments: str) -> str:
    result = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)  # noqa: S603, S607 - git of this machine
    return result.stdout if result.returncode == 0 else ""


if __name__ == "__main__":
    sys.exit(main())
