"""Each service declares, itself or through what it depends on, every library that its modules import."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
MEMBERS = {
    "shared": "shared/shared",
    "intake": "services/intake/intake",
    "grouping": "services/grouping/grouping",
    "notify": "services/notify/notify",
}
OWN = set(MEMBERS)


def requirements(folder: Path) -> list[Requirement]:
    declared = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    extras = [line for lines in declared.get("optional-dependencies", {}).values() for line in lines]
    return [Requirement(line) for line in (*declared["dependencies"], *extras)]


def closure(asked: list[Requirement]) -> set[str]:
    """Names of all distributions that these requirements install, normalized."""
    found: set[str] = set()
    todo = list(asked)
    while todo:
        requirement = todo.pop()
        name = requirement.name.lower().replace("_", "-")
        extras = requirement.extras or {""}
        if name in found and not requirement.extras:
            continue
        found.add(name)
        try:
            lines = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        for line in lines:
            needed = Requirement(line)
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                todo.append(needed)
    return found


def imported(package: Path) -> Iterator[str]:
    for file in package.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.partition(".")[0]


@pytest.mark.parametrize("member", MEMBERS)
def test_service_declares_what_it_imports(member: str) -> None:
    package = ROOT / MEMBERS[member]
    installed = closure(requirements(package.parent))
    distributions = metadata.packages_distributions()
    undeclared = {
        name
        for name in set(imported(package)) - OWN - sys.stdlib_module_names
        if not {found.lower().replace("_", "-") for found in distributions.get(name, [])} & installed
    }
    assert undeclared == set()
