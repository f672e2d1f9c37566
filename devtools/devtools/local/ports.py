"""
Ports on the loopback address for servers that cannot be handed a bound socket.

A port from the range that the kernel gives to outgoing connections can be taken between the moment it is chosen and the
moment a server binds it, and again whenever that server restarts. So ports are chosen outside that range, and each is
reserved for this process until `release_port` or its end: no other process that chooses here gets it.
"""

import errno
import random
import socket
import sys
from pathlib import Path
from typing import Final

LOOPBACK: Final = "127.0.0.1"
EPHEMERAL_FILE: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
EPHEMERAL_DEFAULT: Final = range(32768, 65536)  # where there is no such file: Linux's range and IANA's, joined
LOWEST: Final = 10_000  # well-known servers listen below
HIGHEST: Final = 65_535

_reserved: dict[int, socket.socket | None] = {}


def ephemeral_ports() -> range:
    """Return the ports from which the kernel chooses for outgoing connections."""
    try:
        first, last = EPHEMERAL_FILE.read_text().split()
        return range(int(first), int(last) + 1)
    except (OSError, ValueError):
        return EPHEMERAL_DEFAULT


def candidate_ports() -> list[int]:
    """Return the ports to choose from, in random order; all above `LOWEST` where the kernel leaves none."""
    ephemeral = ephemeral_ports()
    every = range(LOWEST, HIGHEST + 1)
    candidates = [port for port in every if port not in ephemeral] or list(every)
    random.SystemRandom().shuffle(candidates)
    return candidates


def free_port() -> int:
    """Reserve and return a port that no server listens on."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """
    Reserve and return several ports that no server listens on.

    Raises:
        OSError: There are not so many.
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
    if port in _reserved or not is_free(port):
        return False
    if sys.platform != "linux":
        _reserved[port] = None
        return True
    # A name in the abstract namespace lives as long as the process, and is seen where the ports are seen: in the
    # same network namespace, by all users.
    lock = socket.socket(socket.AF_UNIX)
    try:
        lock.bind(f"\0selvhjelp-port-{port}")
    except OSError:
        lock.close()
        return False
    _reserved[port] = lock
    return True


def release_port(port: int) -> None:
    """Give up a reservation, if there is one."""
    lock = _reserved.pop(port, None)
    if lock is not None:
        lock.close()


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
