"""The start of children: with a port of their own, or with an error at once."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devtools.local import ports
from devtools.local.ports import LOOPBACK, bound_socket, free_port, free_ports, is_free, release_port, reserve_port
from devtools.local.process import LocalError, LocalProcess, PortTakenError, start_on_free_port
from selvhjelp.console import CommandError
from selvhjelp.up.data_directory import DataDirectory
from selvhjelp.up.run import Options, System
from tests.deploy.support.servers import EchoServer, Failing, HandedOver, ask

AT_ONCE_SECONDS = 60
NEVER_TRIED = 600


@contextmanager
def listener(port: int = 0) -> Iterator[int]:
    """A port that a server listens on."""
    with socket.create_server((LOOPBACK, port)) as server:
        yield server.getsockname()[1]


@contextmanager
def outgoing_connection() -> Iterator[int]:
    """A port that an outgoing connection has."""
    with listener() as port, socket.create_connection((LOOPBACK, port)) as connection:
        yield connection.getsockname()[1]


TAKEN = {"listener": listener, "outgoing connection": outgoing_connection}


# Ports


def test_free_ports_are_outside_the_range_of_outgoing_connections() -> None:
    chosen = free_ports(20)
    assert len(set(chosen)) == 20
    assert not set(chosen) & set(ports.ephemeral_ports())
    with outgoing_connection() as port:
        assert port in ports.ephemeral_ports()
    for port in chosen:
        release_port(port)


def test_free_ports_without_any_outside_the_range_fall_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    everything = tmp_path / "range"
    everything.write_text("1024\t65535\n")
    monkeypatch.setattr(ports, "EPHEMERAL_FILE", everything)
    port = free_port()
    assert port >= ports.LOWEST
    release_port(port)


def test_reserve_port_is_refused_to_other_processes() -> None:
    port = free_port()
    code = f"from devtools.local.ports import reserve_port; print(reserve_port({port}))"
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "False\n"
    assert not reserve_port(port)
    release_port(port)
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "True\n"


@pytest.mark.parametrize("taken_by", TAKEN)
def test_reserve_port_taken_is_false(taken_by: str) -> None:
    with TAKEN[taken_by]() as port:
        assert not is_free(port)
        assert not reserve_port(port)


# A port that is taken


@pytest.mark.parametrize("taken_by", TAKEN)
@pytest.mark.parametrize("kind", [EchoServer, HandedOver])
def test_start_on_taken_port_raises_at_once(kind: type[EchoServer], taken_by: str, tmp_path: Path) -> None:
    with TAKEN[taken_by]() as port:
        server = kind(port, tmp_path / "log")
        server.ready = lambda: False  # type: ignore[method-assign]  # the listener of this test would answer
        server.ready_seconds = NEVER_TRIED
        started_at = time.monotonic()
        with pytest.raises(PortTakenError, match=r"(?i)address already in use"):
            server.start()
    assert time.monotonic() - started_at < AT_ONCE_SECONDS
    assert not server.alive


@pytest.mark.parametrize("kind", [EchoServer, HandedOver])
def test_start_on_free_port_tries_another_port(
    kind: type[EchoServer], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with outgoing_connection() as taken:
        candidates = iter([taken, taken])
        monkeypatch.setattr("devtools.local.process.free_port", lambda: next(candidates, None) or free_port())
        server = start_on_free_port(lambda port: kind(port, tmp_path / "log"))
        assert server.port != taken
        assert server.answer() == f"{server.pid} 0"
    server.kill()
    release_port(server.port)


# A child that ends


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("exit 1", "the server ended with status 1 before it was ready: no output"),
        ("echo no room; exit 3", "the server ended with status 3 before it was ready: no room"),
        ("echo first; echo; echo ' last ' >&2; exit 0", "the server ended with status 0 before it was ready: last"),
        ("kill -KILL $$", "the server ended with SIGKILL before it was ready: no output"),
        ("echo going; kill -SEGV $$", "the server ended with SIGSEGV before it was ready: going"),
    ],
)
def test_start_child_ends_raises_with_its_last_line(script: str, message: str, tmp_path: Path) -> None:
    server = Failing(script, tmp_path / "log")
    server.ready_seconds = NEVER_TRIED
    started_at = time.monotonic()
    with pytest.raises(LocalError) as error:
        server.start()
    assert str(error.value) == message
    assert not isinstance(error.value, PortTakenError)
    assert time.monotonic() - started_at < AT_ONCE_SECONDS


def test_start_child_hangs_raises_after_its_time_and_kills(tmp_path: Path) -> None:
    server = Failing("echo waiting; exec sleep 600", tmp_path / "log")
    server.ready_seconds = 1
    with pytest.raises(LocalError, match="the server is not ready after 1 s: waiting"):
        server.start()
    assert not server.alive


def test_start_ignores_the_output_of_earlier_starts(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("bind: address already in use\n")
    with pytest.raises(LocalError, match="no output") as error:
        Failing("exit 1", log).start()
    assert not isinstance(error.value, PortTakenError)


def test_start_missing_command_raises_at_once(tmp_path: Path) -> None:
    class Missing(LocalProcess):
        def ready(self) -> bool:
            return False

    with pytest.raises(LocalError, match="ended with status 1 before it was ready: FileNotFoundError"):
        Missing("the server", ["/no/such/command"], log=tmp_path / "log").start()


# Sockets that are handed over


def test_handed_over_sockets_queue_connections_in_order(tmp_path: Path) -> None:
    first, second = free_ports(2)
    server = HandedOver(first, tmp_path / "log")
    server.listen = (first, second)
    server.spawn()
    assert (ask(second), ask(first)) == (f"{server.pid} 1", f"{server.pid} 0")  # without any wait
    server.restart()
    assert ask(second) == f"{server.pid} 1"
    server.kill()
    for port in (first, second):
        bound_socket(port).close()
        release_port(port)


def test_handed_over_port_is_free_after_the_child_ends(tmp_path: Path) -> None:
    port = free_port()
    server = HandedOver(port, tmp_path / "log")
    server.start()
    assert not is_free(port)
    os.kill(server.pid, 9)
    while server.alive:
        time.sleep(0.01)
    assert is_free(port)
    with pytest.raises(ConnectionRefusedError):
        ask(port)
    release_port(port)


# Many at once


def test_thirty_servers_from_three_processes_never_collide(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.deploy.support.many_servers", "10", str(tmp_path)]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) for _ in range(3)]
    used: list[int] = []
    for run in runs:
        assert run.stdout is not None
        used += json.loads(run.stdout.readline())  # all run until the last one has started
    for run in runs:
        run.communicate("")
        assert run.returncode == 0
    assert len(set(used)) == 30
    assert len(list(tmp_path.glob("*.log"))) == 30, "each port was right the first time"


# `selvhjelp up`


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    data = DataDirectory(tmp_path / "data")
    with data.lock():
        yield System(data, Options(data.directory, port=0))


def start(system: System, chosen: dict[str, int], name: str, *, kind: type[EchoServer] = EchoServer) -> EchoServer:
    """Start one server as `up` does, under the name of one of its children."""

    async def run() -> EchoServer:
        await system._start(chosen, [name], lambda: {"nats": kind(chosen[name], system.data.log("nats"))})
        child = system.children["nats"]
        assert isinstance(child, EchoServer)
        return child

    return asyncio.run(run())


@pytest.mark.parametrize("kind", [EchoServer, HandedOver])
def test_up_port_taken_meanwhile_starts_on_another(system: System, kind: type[EchoServer]) -> None:
    chosen = system.data.ports(("gateway", "nats"), 0)
    before = chosen["nats"]
    ready = EchoServer.ready
    with listener(before), pytest.MonkeyPatch.context() as patch:
        patch.setattr(EchoServer, "ready", lambda self: self.port != before and ready(self))
        child = start(system, chosen, "nats", kind=kind)
    assert child.alive
    assert child.port == chosen["nats"] != before
    assert system.data.state()["ports"] == chosen
    child.kill()


def test_up_wanted_port_taken_meanwhile_raises(system: System) -> None:
    with outgoing_connection() as taken:
        system.options = Options(system.data.directory, port=taken)
        with pytest.raises(CommandError, match=f"port {taken} is in use; choose another with --port"):
            start(system, {"gateway": taken}, "gateway")


def test_up_child_cannot_start_raises_with_its_last_line(system: System) -> None:
    chosen = system.data.ports(("gateway", "nats"), 0)
    started_at = time.monotonic()
    log = system.data.log("nats")
    with pytest.raises(LocalError, match=r"the server stopped \(status 7\): no license \(see .*nats.log\)"):
        asyncio.run(system._start(chosen, ["nats"], lambda: {"nats": Failing("echo no license; exit 7", log)}))
    assert time.monotonic() - started_at < AT_ONCE_SECONDS


def test_data_directory_replaces_an_ephemeral_inner_port(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path / "data")
    with data.lock():
        old = ports.ephemeral_ports()[-1]
        data.update_state(ports={"gateway": old, "nats": old - 1})
        chosen = data.ports(("gateway", "nats"), 0)
        assert chosen["gateway"] == old, "people have this one in their bookmarks"
        assert chosen["nats"] not in ports.ephemeral_ports()
        for port in chosen.values():
            release_port(port)
