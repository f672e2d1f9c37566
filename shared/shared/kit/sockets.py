"""Listening sockets: those handed over by the parent process (systemd's socket activation), and own ones."""

import os
import socket

FIRST_FD = 3


def inherited_sockets() -> list[socket.socket]:
    """
    Return the bound sockets that the parent process handed over, in its order; empty if it handed over none.

    ``LISTEN_FDS`` is their number and ``LISTEN_PID`` the process they are for. Both are removed from the environment,
    so that no child of this process takes them for its own.
    """
    count, pid = os.environ.pop("LISTEN_FDS", ""), os.environ.pop("LISTEN_PID", "")
    if not count.isdigit() or pid != str(os.getpid()):
        return []
    sockets = [socket.socket(fileno=fd) for fd in range(FIRST_FD, FIRST_FD + int(count))]
    for each in sockets:
        each.set_inheritable(False)
    return sockets


def cannot_listen(host: str, port: int) -> str | None:
    """Return why this process cannot listen on an address, None if it can."""
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except OSError as error:
        return f"cannot listen on {host}, port {port} ({error.strerror})"
    return None
