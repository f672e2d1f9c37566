"""`selvhjelp up` as its users have it: one command, one line of JSON, and nothing left when it is gone."""

import json
import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import nats
import pytest
from pydantic import SecretStr

from shared.kit.assertions import HEADER
from shared.kit.messaging.identities import Identity
from tests.shared.support.broker import refusal
from tests.system.support.up_process import UpProcess

pytestmark = pytest.mark.system

SERVICES = ("intake", "grouping", "notify")
CHILDREN = {"postgres", "nats", "mailbox", "caddy", *SERVICES}


Start = Callable[..., UpProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[UpProcess] = []

    def begin(*options: str) -> UpProcess:
        started.append(UpProcess(tmp_path / "data", "--port", "0", *options))
        return started[-1]

    yield begin
    for each in started:
        each.end()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def eventually(holds: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


async def test_up_starts_stops_and_restarts_by_its_contract(start: Start, tmp_path: Path) -> None:
    first = start()
    where = first.ready()
    assert where["ready"] is True
    assert set(where) == {"ready", "url", "mailbox", "smtp", "lmtp", "nats", "postgres", "pids", "staff"}
    assert set(where["pids"]) == CHILDREN
    assert all(alive(pid) for pid in where["pids"].values())
    assert set(where["postgres"]) == set(SERVICES)

    with httpx.Client(base_url=where["url"], timeout=60) as http:
        for service in SERVICES:
            assert http.get(f"/-/{service}/healthz").status_code == 200
            assert http.get(f"/-/{service}/readyz").status_code == 200
        for path in ("/", "/nn/", "/en/"):
            page = http.get(path)
            assert page.status_code == 200
            assert "116 123" in page.text
        assert http.get("/api/v1/centres").json()
        assert http.get("/api/openapi.json").json()["openapi"]
        assert http.get("/stab/", headers={HEADER: "forged"}).status_code == 303

    for service, url in where["postgres"].items():
        connection = await asyncpg.connect(url)
        assert await connection.fetchval("SELECT current_user || current_database()") == service * 2
        assert await connection.fetchval("SHOW fsync") == "on"
        for other in {*SERVICES, "intake_keys"} - {service}:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await asyncpg.connect(url.removesuffix(service) + other)
        await connection.close()
    operator = SecretStr((tmp_path / "data" / "secrets" / "nats_seed_operator").read_text().strip())
    authority = (tmp_path / "data" / "secrets" / "authority").read_text()
    assert await refusal(where["nats"], authority) == "-ERR 'Authorization Violation'"
    broker = await nats.connect(where["nats"], **Identity("operator", operator, authority).client_options())
    assert {stream.config.name for stream in await broker.jsm().streams_info()} >= {"SIGNUPS", "GROUPS", "PEOPLE"}
    await broker.close()

    message = EmailMessage()
    message["To"] = "kari@example.org"
    message["Subject"] = "Kommer den fram?"
    with smtplib.LMTP("127.0.0.1", port_of(where["lmtp"])) as lmtp:
        lmtp.ehlo()  # LHLO
        assert lmtp.mail("")[0] == 250
        assert lmtp.rcpt("post@motested.example")[0] == 550
    with smtplib.SMTP("127.0.0.1", port_of(where["smtp"])) as smtp:
        smtp.send_message(message, "post@example.org", ["kari@example.org"])
    assert httpx.get(f"{where['mailbox']}/api/v1/messages").json()["messages"][0]["Subject"] == "Kommer den fram?"

    for secret in (tmp_path / "data" / "secrets").iterdir():
        mode = 0o400 if secret.name.startswith(("nats_seed", "authority_key")) else 0o600
        assert secret.stat().st_mode & 0o777 == mode, secret.name
    for folder in ("secrets", "mails", "nats", "logs"):
        assert (tmp_path / "data" / folder).stat().st_mode & 0o777 == 0o700, folder

    second = start()
    assert second.process.wait(60) != 0
    assert f"already running in {tmp_path / 'data'}" in second.said()

    assert first.stop() == 0
    assert not any(alive(pid) for pid in where["pids"].values())

    again = start()
    where_again = again.ready()
    assert (where_again["url"], where_again["staff"]) == (where["url"], where["staff"])
    listed = httpx.get(f"{where_again['mailbox']}/api/v1/messages").json()["messages"]
    assert "Kommer den fram?" in [each["Subject"] for each in listed]
    assert again.stop() == 0


def test_up_restarts_children_and_leaves_none_when_killed(start: Start) -> None:
    first = start()
    where = first.ready()
    for name in ("grouping", "postgres", "nats", "caddy", "mailbox"):
        os.kill(where["pids"][name], signal.SIGKILL)

    def all_ready() -> bool:
        try:
            return all(httpx.get(f"{where['url']}/-/{name}/readyz").status_code == 200 for name in SERVICES)
        except httpx.TransportError:
            return False

    eventually(all_ready, 180, "not ready again")
    eventually(lambda: listens(port_of(where["mailbox"])), 60, "the mailbox is not back")
    for label in ("grouping", "PostgreSQL", "NATS", "gateway", "mailbox"):
        assert f"{label} stopped unexpectedly (SIGKILL)" in first.said()

    pids = json.loads((first.data / "state.json").read_text())["pids"]
    first.process.kill()
    first.process.wait()
    eventually(lambda: not any(alive(pid) for pid in pids.values()), 60, "something is left behind")
    again = start()
    assert again.ready()["url"] == where["url"]
    assert again.stop() == 0


def test_up_with_speed_continues_from_its_stored_time(start: Start) -> None:
    first = start("--speed", "3600")
    first.ready()
    assert first.stop() == 0
    kept = json.loads((first.data / "clock.json").read_text())
    again = start()
    again.ready()
    later = json.loads((again.data / "clock.json").read_text())
    assert later["speed"] == kept["speed"] == 3600
    assert later["time"] > kept["time"]
    assert again.stop() == 0


def test_up_wanted_port_taken_ends_with_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "selvhjelp", "up", "--data", str(tmp_path / "x"), "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == f"selvhjelp: port {port} is in use; choose another with --port\n"
    assert done.stdout == ""


def test_up_service_cannot_start_ends_with_one_line(tmp_path: Path) -> None:
    secrets = tmp_path / "x" / "secrets"
    secrets.mkdir(parents=True)
    (secrets / "common_key").write_text("short\n")
    command = [sys.executable, "-m", "selvhjelp", "up", "--data", str(tmp_path / "x"), "--port", "0"]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
    assert finished.returncode == 1
    service = r"(?P<name>intake|grouping|notify)"
    log = f"{tmp_path}/x/logs/(?P=name).log"
    line = rf"selvhjelp: {service} stopped \(status 1\): (?P=name): .*_COMMON_KEY .* \(see {log}\)"
    assert re.fullmatch(line, finished.stderr.rstrip("\n"))
    assert finished.stdout.endswith("Everything is stopped.\n")
    assert json.loads((tmp_path / "x" / "state.json").read_text())["pids"] == {}
