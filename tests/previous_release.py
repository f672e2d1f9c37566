"""
``python -m tests.previous_release [COMMIT] [--slice]``: the tests of the version before, on the schema of this one.

Decision 48 says that the version before works on the new schema, so that old copies serve during an upgrade and after a
rollback. Here its sources and its tests run with the migrations of now in place of its own. Without COMMIT it is the
last release, or without one the last version with another schema. Without the history, as in a shallow clone, it says
so and ends with 0.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PACKAGES: Final = ("shared", "services/intake", "services/grouping", "services/notify", "deploy", "devtools")
MIGRATIONS: Final = (
    "services/intake/migrations",
    "services/intake/migrations_keys",
    "services/grouping/migrations",
    "services/notify/migrations",
)
NOUNS: Final = (
    *("accounts", "audit", "drafts", "igangsettere", "jobs", "mailer", "memberships", "people", "policies"),
    *("retention", "rooms", "seats", "signups", "staff_users", "starters", "submissions", "tasks"),
)
"""Tests that write and read most tables; all of a service's tests would take as long as the everyday suite."""

SLICE: Final = ("jobs", "mailer", "seats", "signups", "submissions")
"""The nouns whose tests CI runs: a sign-up from its form to its seat and its mails, and the jobs."""


def main() -> int:
    """Run the tests of a commit on the schema of the working copy; return their exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("commit", nargs="?")
    parser.add_argument("--slice", action="store_true", help="only some of the tests: two minutes")
    chosen = parser.parse_args()
    commit = chosen.commit or _version_before()
    if not commit or _git("cat-file", "-e", f"{commit}^{{commit}}") is None:
        print("The version before is not in this clone: its tests are left out.")
        return 0
    folder = Path(tempfile.mkdtemp(prefix="previous-release-"))
    try:
        archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
        subprocess.run(["tar", "-x"], cwd=folder, check=True, input=archive)
        for scripts in MIGRATIONS:
            shutil.rmtree(folder / scripts, ignore_errors=True)
            shutil.copytree(ROOT / scripts, folder / scripts)
        print(f"the tests of {_git('log', '-1', '--format=%h %s', commit)} on the schema of now", flush=True)
        tests = _tests(folder, SLICE if chosen.slice else NOUNS)
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", *tests],
            cwd=folder,
            check=False,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(str(folder / package) for package in PACKAGES)},
        ).returncode
    finally:
        shutil.rmtree(folder)


def _version_before() -> str | None:
    released = _git("describe", "--tags", "--abbrev=0", "--match", "v*")
    if released:
        return released
    last = _git("log", "-1", "--format=%H", "--", *(f"{scripts}/versions" for scripts in MIGRATIONS))
    return f"{last}~1" if last else None


def _tests(folder: Path, nouns: Sequence[str]) -> list[str]:
    tests = (
        folder / "tests" / service / f"test_{noun}.py" for service in ("intake", "grouping", "notify") for noun in nouns
    )
    return sorted(str(path.relative_to(folder)) for path in tests if path.exists())


def _git(*words: str) -> str | None:
    done = subprocess.run(["git", *words], cwd=ROOT, check=False, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


if __name__ == "__main__":
    sys.exit(main())
