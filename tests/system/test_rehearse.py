"""`selvhjelp rehearse` as its users have it: a short town is lived to its end, and nothing is left behind."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.system.test_up import eventually, listens, port_of

pytestmark = pytest.mark.system

LONGEST_SECONDS = 570


@contextmanager
def started(folder: Path, *options: str) -> Iterator["subprocess.Popen[str]"]:
    """Start the command; whatever happens, it has ended afterwards."""
    command = [sys.executable, "-m", "selvhjelp", "rehearse", "--port", "0", "--json", *options]
    environment = {**os.environ, "TMPDIR": str(folder)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def folder() -> Path:
    """Where the command puts what cannot be in memory; short, since sockets are named in it."""
    return Path(tempfile.mkdtemp())


def test_rehearse_auto_lives_a_short_town_and_leaves_nothing(folder: Path) -> None:
    with started(folder, "--auto", "--days", "18") as process:
        output, errors = process.communicate(timeout=LONGEST_SECONDS)
    assert process.returncode == 0, errors
    ready, summary = (json.loads(line) for line in output.splitlines())
    assert urlsplit(ready["url"]).hostname == "localhost"
    assert summary["over"]
    assert summary["people"]["signed_up"] == 12
    assert summary["people"]["got_a_group"] >= 9
    assert len(summary["groups"]) == 2
    assert {group["state"] for group in summary["groups"]} <= {"accompanied", "independent"}
    tasks = summary["tasks"]
    assert {"call", "meeting_lacks_address", "group_to_decide"} <= tasks.keys()
    assert all(set(outcomes) <= {"done", "passed"} for outcomes in tasks.values()), tasks
    assert tasks["group_to_decide"] == {"done": 1}
    assert list(folder.iterdir()) == []
    assert not any(listens(port_of(ready[name])) for name in ("url", "mailbox", "guide"))


def test_rehearse_waits_for_the_coordinator_and_ends_on_a_signal(folder: Path) -> None:
    with started(folder, "--days", "5", "--wait", "3600") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise AssertionError(process.stderr and process.stderr.read())
        ready = json.loads(line)
        with httpx.Client(base_url=ready["guide"], timeout=30, follow_redirects=True) as browser:
            assert "Byen venter på deg" in browser.get("/").text
            assert browser.post("/videre", headers={"Origin": "http://evil.example"}).status_code == 403
            assert browser.post("/videre", headers={"Origin": ready["guide"]}).status_code == 200
            eventually(lambda: "Tiden står stille" in browser.get("/").text, 120, "nobody needs the coordinator")
            page = browser.get("/").text
            assert "Møter uten adresse" in page
            assert "Kari" in page
            assert ready["staff"]["password"] in page
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    summary = json.loads(output)
    assert not summary["over"]
    assert summary["tasks"]["meeting_lacks_address"] == {"left": 1}
    assert list(folder.iterdir()) == []
    assert not any(listens(port_of(ready[name])) for name in ("url", "mailbox", "guide"))


def test_demo_with_speed_runs_a_system_of_its_own_and_removes_it(folder: Path) -> None:
    options = ("--people", "6", "--centre", "link-bergen", "--speed", "500", "--json")
    command = [sys.executable, "-m", "selvhjelp", "demo", *options]
    environment = {**os.environ, "TMPDIR": str(folder)}
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=LONGEST_SECONDS, check=False
    )
    assert done.stdout, done.stderr
    summary = json.loads(done.stdout)
    assert summary["people"] == 6
    assert set(summary["areas"]) == {"Bergen og omegn"}
    assert list(folder.iterdir()) == []
