"""
Draw docs/security/asvs.md: ``python -m devtools.asvs``, or with ``--check`` only compare it.

Each requirement of OWASP ASVS 5.0 at levels 1 and 2 is met by tests that name it (``@pytest.mark.asvs("6.2.1")``), does
not apply, or is open; the last two with a reason in ``docs/security/asvs.yaml``.
"""

import ast
import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

ROOT: Final = Path(__file__).parents[2]
REQUIREMENTS: Final = Path("docs/security/asvs.yaml")
PAGE: Final = Path("docs/security/asvs.md")
MARKER: Final = re.compile(r"^(pytest\.)?mark\.asvs$")
STATES: Final = ("met", "not applicable", "open")
REASONS: Final = ("not_applicable", "open", "documented")


@dataclass(frozen=True)
class Requirement:
    """
    A requirement of ASVS 5.0.

    Attributes:
        number: As ``6.2.1``.
        level: 1 or 2.
        asks: What it asks for, in our words.
        because: Why it does not apply or is open, or the page that meets it; None where tests show that it is met.
        state: ``met``, ``not applicable`` or ``open``; ``documented`` where it asks for a page, which counts as met.
    """

    number: str
    level: int
    asks: str
    because: str | None
    state: str


def main(arguments: Sequence[str]) -> int:
    """Write the page, or compare it; print each fault on a line and return 1 if there are any."""
    requirements = read((ROOT / REQUIREMENTS).read_text(encoding="utf-8"))
    tests = tests_by_requirement(ROOT)
    found = [*faults(requirements, tests)]
    text = page(requirements, tests)
    if "--check" not in arguments:
        (ROOT / PAGE).write_text(text, encoding="utf-8")
    elif (ROOT / PAGE).read_text(encoding="utf-8") != text:
        found.append(f"{PAGE} is not what `python -m devtools.asvs` writes")
    for fault in found:
        print(fault)  # noqa: T201 - the output of a command
    return 1 if found else 0


def read(text: str) -> list[Requirement]:
    """
    Return the requirements in the order of the file, whose form is ``6.2.1: {level: 1, asks: …, open: why}``.

    Raises:
        ValueError: A row has other keys.
    """
    return [_requirement(str(number), row) for number, row in yaml.safe_load(text).items()]


def _requirement(number: str, row: Mapping[str, object]) -> Requirement:
    keys = [key for key in row if key not in ("level", "asks")]
    if len(keys) > 1 or not set(keys) <= set(REASONS):
        message = f"{number}: a row has level, asks, and at most one of {', '.join(REASONS)}"
        raise ValueError(message)
    because = str(row[keys[0]]) if keys else None
    state = keys[0].replace("_", " ") if keys else "met"
    return Requirement(number, int(str(row["level"])), str(row["asks"]), because, state)


def tests_by_requirement(root: Path) -> dict[str, list[str]]:
    """Return for each number in a marker the tests with it, as ``tests/intake/test_staff.py::test_name``."""
    tests: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted((root / "tests").rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if "mark.asvs" in text:
            for number, name in marked(text):
                tests[number].append(f"{path.relative_to(root)}::{name}")
    return dict(tests)


def marked(text: str) -> Iterator[tuple[str, str]]:
    """Yield each number of each marker in a module, with the name of the test."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and MARKER.match(ast.unparse(mark.func)):
                    yield from ((ast.literal_eval(number), node.name) for number in mark.args)


def faults(requirements: Sequence[Requirement], tests: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Report requirements without test or reason, and tests that name what there is not or what is not met."""
    known = {requirement.number: requirement for requirement in requirements}
    for requirement in requirements:
        if requirement.state == "met" and requirement.number not in tests:
            yield f"{requirement.number} ({requirement.asks}) is met by no test; name one, or say why it is open"
        if requirement.state != "met" and not (requirement.because or "").strip():
            yield f"{requirement.number} is {requirement.state} without a reason"
        if requirement.state == "documented" and not (ROOT / str(requirement.because)).is_file():
            yield f"{requirement.number} is documented in {requirement.because}, which is not there"
        if requirement.state == "not applicable" and requirement.number in tests:
            yield f"{requirement.number} does not apply, but {tests[requirement.number][0]} names it"
    for number in tests.keys() - known.keys():
        yield f"{tests[number][0]} names {number}, which is no requirement of level 1 or 2"


def page(requirements: Sequence[Requirement], tests: Mapping[str, Sequence[str]]) -> str:
    """Return the page in Markdown."""
    count = Counter((each.level, "met" if each.state == "documented" else each.state) for each in requirements)
    lines = [
        "# OWASP ASVS 5.0, levels 1 and 2",
        "",
        "Drawn by `python -m devtools.asvs` from `asvs.yaml` beside it and from the tests that name a requirement. The",
        "words are ours; the requirements themselves are OWASP's: github.com/OWASP/ASVS.",
        "",
        "| | met | not applicable | open | all |",
        "|---|---|---|---|---|",
    ]
    for level in (1, 2):
        row = [count[level, state] for state in STATES]
        lines.append(f"| level {level} | {' | '.join(map(str, row))} | {sum(row)} |")
    for chapter in dict.fromkeys(requirement.number.split(".")[0] for requirement in requirements):
        lines += [
            "",
            f"## V{chapter}",
            "",
            "| | level | asks for | state | shown by, or why |",
            "|---|---|---|---|---|",
        ]
        for requirement in requirements:
            if requirement.number.split(".")[0] == chapter:
                shown = ", ".join(f"`{test.rpartition('::')[2]}`" for test in tests.get(requirement.number, ()))
                because = requirement.because
                if requirement.state == "documented":
                    because = f"[{because}]({os.path.relpath(str(because), PAGE.parent)})"
                why = "; ".join(filter(None, (because, shown)))
                lines.append(
                    f"| {requirement.number} | {requirement.level} | {requirement.asks} | {requirement.state} | {why} |"
                )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
