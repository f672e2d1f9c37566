"""
Run a command that dies with the process that started it.

    python -I -S tether.py PARENT SIGNAL UID:GID|- FD,FD|- COMMAND ...

On Linux the kernel sends SIGNAL to the command when the parent is gone, also after `kill -9`, so nothing is left behind
that holds ports. The file descriptors are bound sockets, handed to the command by systemd's protocol of socket
activation. Started by path and without site-packages: it must cost a few milliseconds only.
"""

import ctypes
import fcntl
import os
import sys

PR_SET_PDEATHSIG = 1
FIRST_FD = 3


def main(argv: list[str]) -> None:
    """Prepare this process, then replace it with the command."""
    parent, signal, owner, sockets, *command = argv
    if sockets != "-":
        hand_over([int(fd) for fd in sockets.split(",")])
    if owner != "-":
        uid, gid = (int(part) for part in owner.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # After setuid, since a change of user clears it.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal), 0, 0, 0)
    if os.getppid() != int(parent):
        sys.exit(0)
    os.execv(command[0], command)  # noqa: S606 - the command is the caller's own


def hand_over(fds: list[int]) -> None:
    """Move the descriptors to 3, 4 and so on, and announce them; no other copy may keep a port open."""
    beyond = FIRST_FD + len(fds)
    copies = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, max(beyond, *fds) + 1) for fd in fds]
    for fd in fds:
        os.close(fd)
    for target, copy in enumerate(copies, FIRST_FD):
        os.dup2(copy, target)
    os.environ["LISTEN_FDS"] = str(len(fds))
    os.environ["LISTEN_PID"] = str(os.getpid())


if __name__ == "__main__":
    main(sys.argv[1:])
