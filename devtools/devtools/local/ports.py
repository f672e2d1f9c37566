"""
Ports on the loopback address for servers that cannot be handed a bound socket.

A port from the kernel's range for outgoing connections (the ephemeral range) can be taken between the moment it is
chosen and the moment a server binds it, and again whenever that server restarts. So ports are chosen outside that
range, and each is reserved: no other process that uses this module gets it until `release_port` or the end of this one.
"""

import atexit
import errno
import random
import socket
import sys
from pathlib import Path
from typing import Final

LOOPBACK: Final = "127.0.0.1"
EPHEMERAL_FILE: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
EPHEMERAL_DEFAULT: Final = range(32768, 65536)  # without that file: the default ranges of Linux and of IANA, joined
LOWEST: Final = 10_000  # well-known servers listen on lower ports
HIGHEST: Final = 65_535

_reservations: dict[int, socket.socket | None] = {}
"""By reserved port: the socket that marks it; None where the system has no such marks."""


def ephemeral_ports() -> range:
    """Return the ports from which the kernel chooses for outgoing connections."""
    try:
        first, last = EPHEMERAL_FILE.read_text().split()
        return range(int(first), int(last) + 1)
    except (OSError, ValueError):
        return EPHEMERAL_DEFAULT


def candidate_ports() -> list[int]:
    """Return the ports outside the ephemeral range in random order, or all from `LOWEST` on if that leaves none."""
    ephemeral = ephemeral_ports()
    all_ports = range(LOWEST, HIGHEST + 1)
    candidates = [port for port in all_ports if port not in ephemeral] or list(all_ports)
    random.SystemRandom().shuffle(candidates)
    return candidates


def free_port() -> int:
    """Reserve and return a port that no server listens on."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """
    Reserve and return several ports that no server listens on.

    Raises:
        OSError: Fewer ports are free.
    """
    ports: list[int] = []
    for port in candidate_ports():
        if len(ports) == count:
            return ports
        if reserve_port(port):
            ports.append(port)
    for port in ports:
        release_port(port)
    raise OSError(errno.EADDRINUSE, f"fewer than {count} ports are free")


def reserve_port(port: int) -> bool:
    """Reserve a port for this process; return False if it is in use or reserved already."""
    if port in _reservations or not is_free(port):
        return False
    if sys.platform != "linux":
        _reservations[port] = None
        return True
    # A Unix socket with an abstract name: all processes of all users in this network namespace, and so all that share
    # the ports, compete for the name, and the kernel frees it when this process ends.
    mark = socket.socket(socket.AF_UNIX)
    try:
        mark.bind(f"\0selvhjelp-port-{port}")
    except OSError:
        mark.close()
        return False
    _reservations[port] = mark
    return True


def release_port(port: int) -> None:
    """Give up a reservation, if there is one."""
    mark = _reservations.pop(port, None)
    if mark is not None:
        mark.close()


@atexit.register
def release_all_ports() -> None:
    """Give up all reservations, so that no open socket is left for the interpreter to warn about."""
    for port in list(_reservations):
        release_port(port)


def is_free(port: int) -> bool:
    """Return whether a server could bind the port now."""
    try:
        bound_socket(port).close()
    except OSError:
        return False
    return True


def bound_socket(port: int) -> socket.socket:
    """
    Return a TCP socket bound to a port on the loopback address, not listening yet.

    Raises:
        OSError: The port is in use, by a server or by an outgoing connection.
    """
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind((LOOPBACK, port))
    except OSError:
        server.close()
        raise
    return server


def answers(port: int) -> bool:
    """Return whether a server accepts connections on the port."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1):
            return True
    except OSError:
        return False
