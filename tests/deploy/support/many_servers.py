"""
Start many servers while as many outgoing connections come and go; print what became of them.

    python -m tests.deploy.support.many_servers COUNT DIRECTORY

Half of the servers bind their port themselves, half are handed a bound socket. One line of JSON: their ports.
"""

import json
import socket
import sys
from pathlib import Path

from devtools.local.process import LocalProcess, start_on_free_port
from tests.deploy.support.servers import EchoServer, HandedOver

CONNECTIONS = 300


def main(count: int, directory: Path) -> None:
    """Start the servers, ask each for its pid, and stop them."""
    with socket.create_server(("127.0.0.1", 0), backlog=CONNECTIONS) as sink:
        outgoing = [socket.create_connection(sink.getsockname()) for _ in range(CONNECTIONS)]
        servers: list[LocalProcess] = []
        ports = []
        for number in range(count):
            kind = EchoServer if number % 2 else HandedOver
            server = start_on_free_port(lambda port, kind=kind: kind(port, directory / f"{port}.log"))  # type: ignore[misc]
            servers.append(server)
            ports.append(server.port)
            assert server.answer() == f"{server.pid} 0", "another server has the port"
        print(json.dumps(ports), flush=True)
        sys.stdin.read()
        for server in servers:
            server.kill()
        for connection in outgoing:
            connection.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
