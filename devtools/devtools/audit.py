"""
Compare the locked packages with a recorded list of known vulnerabilities: ``python -m devtools.audit``.

It works without a network and knows only what was known on the day of the record, which it says. ``uv audit`` asks the
live database. ``--record FOLDER`` records anew from a working copy of github.com/pypa/advisory-database (CC BY 4.0).
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypedDict

import yaml
from packaging.version import Version

ROOT: Final = Path(__file__).parents[2]
RECORD: Final = Path(__file__).with_name("advisories.json")


class Advisory(TypedDict):
    """An advisory as it is recorded; ``ranges`` as in :func:`affects`."""

    id: str
    aliases: list[str]
    ranges: list[list[dict[str, str]]]


class Record(TypedDict):
    """A recorded list of advisories by package, with its source, and the commit and the day of that."""

    source: str
    commit: str
    day: str
    advisories: dict[str, list[Advisory]]


def main(arguments: Sequence[str]) -> int:
    """Print each locked package with a known vulnerability on a line; return 1 if there are any."""
    locked = locked_packages((ROOT / "uv.lock").read_text(encoding="utf-8"))
    if arguments[:1] == ["--record"]:
        RECORD.write_text(json.dumps(record(Path(arguments[1]), set(locked)), indent=1, sort_keys=True) + "\n")
        return 0
    recorded: Record = json.loads(RECORD.read_text(encoding="utf-8"))
    found = [*vulnerable(locked, recorded["advisories"])]
    for line in found:
        print(line)  # noqa: T201 - the output of a command
    print(f"{len(locked)} packages, {len(found)} known to be vulnerable on {recorded['day']}")  # noqa: T201 - as above
    return 1 if found else 0


def locked_packages(lock: str) -> dict[str, str]:
    """Return the version of each package of a ``uv.lock`` that comes from a registry."""
    packages = tomllib.loads(lock)["package"]
    return {package["name"]: package["version"] for package in packages if "registry" in package["source"]}


def vulnerable(locked: Mapping[str, str], advisories: Mapping[str, Sequence[Advisory]]) -> Iterator[str]:
    """Report each advisory about a locked version."""
    for name, version in sorted(locked.items()):
        for advisory in advisories.get(name, ()):
            if affects(version, advisory["ranges"]):
                yield f"{name} {version}: {', '.join((advisory['id'], *advisory['aliases']))}"


def affects(version: str, ranges: Sequence[Sequence[Mapping[str, str]]]) -> bool:
    """
    Return whether a version is in a range of the OSV form (ossf.github.io/osv-schema): events in the order of versions.

    Args:
        version: The version that is locked.
        ranges: Lists of ``{"introduced": …}``, ``{"fixed": …}`` and ``{"last_affected": …}``.
    """
    locked = Version(version)
    for events in ranges:
        inside = False
        for event in events:
            ((kind, at),) = event.items()
            if kind == "introduced" and locked >= Version(at):
                inside = True
            elif (kind == "fixed" and locked >= Version(at)) or (kind == "last_affected" and locked > Version(at)):
                inside = False
        if inside:
            return True
    return False


def record(folder: Path, names: set[str]) -> Record:
    """Return the advisories about these packages in a repository of the database, with the day of its last commit."""
    paths = _git(folder, "ls-tree", "-r", "--name-only", "HEAD", "vulns/").splitlines()
    advisories: dict[str, list[Advisory]] = {}
    for path in paths:
        name = re.sub(r"[-_.]+", "-", path.split("/")[1]).lower()
        if name in names:
            advisory = yaml.safe_load(_git(folder, "show", f"HEAD:{path}"))
            if "withdrawn" not in advisory:
                advisories.setdefault(name, []).append(_essence(advisory))
    return {
        "source": "github.com/pypa/advisory-database, CC BY 4.0",
        "commit": _git(folder, "rev-parse", "HEAD").strip(),
        "day": _git(folder, "log", "-1", "--format=%cs").strip(),
        "advisories": advisories,
    }


def _essence(advisory: Mapping[str, Any]) -> Advisory:
    ranges = [
        [{kind: str(at) for kind, at in event.items()} for event in span["events"]]
        for affected in advisory["affected"]
        for span in affected.get("ranges", ())
        if span["type"] == "ECOSYSTEM"
    ]
    return {"id": advisory["id"], "aliases": sorted(advisory.get("aliases", ())), "ranges": ranges}


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True).stdout  # noqa: S603, S607 - fixed command


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
