"""Small servers as children, to start and to fail."""

import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from devtools.local.process import LocalProcess

MODULE = "tests.deploy.support.echo_server"
PYTHON = (sys.executable, "-m", MODULE)


def ask(port: int) -> str:
    """Return the answer of an echo server."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        return connection.recv(100).decode()


class EchoServer(LocalProcess):
    """A server that binds its port itself."""

    def __init__(self, port: int, log: Path) -> None:
        super().__init__("the server", [*PYTHON, str(port)], log=log)
        self.port = port

    def answer(self) -> str:
        return ask(self.port)

    def ready(self) -> bool:
        try:
            return bool(self.answer())
        except OSError:
            return False


class HandedOver(EchoServer):
    """The same server with a bound socket handed over."""

    def __init__(self, port: int, log: Path) -> None:
        super().__init__(port, log)
        self.listen = (port,)
        self._command = [*PYTHON]


class Failing(LocalProcess):
    """A shell command that never becomes a server."""

    def __init__(self, script: str, log: Path, listen: Sequence[int] = ()) -> None:
        super().__init__("the server", ["/bin/sh", "-c", script], log=log, listen=listen)

    def ready(self) -> bool:
        return False
