"""
A server that starts quickly, as a process of its own.

    python -m tests.deploy.support.echo_server            on the sockets that its parent hands over
    python -m tests.deploy.support.echo_server PORT       on a port that it binds itself

It answers every connection with its pid and the number of the socket.
"""

import os
import socket
import sys
import threading

from shared.kit.sockets import inherited_sockets


def serve(server: socket.socket, number: int) -> None:
    """Answer connections for ever."""
    while True:
        connection, _ = server.accept()
        connection.sendall(f"{os.getpid()} {number}".encode())
        connection.close()


def main() -> None:
    """Serve until the process is killed."""
    sockets = inherited_sockets()
    if len(sys.argv) > 1:
        sockets = [socket.create_server(("127.0.0.1", int(sys.argv[1])))]
    threads = [threading.Thread(target=serve, args=(each, number)) for number, each in enumerate(sockets)]
    for thread in threads:
        thread.start()


if __name__ == "__main__":
    main()
