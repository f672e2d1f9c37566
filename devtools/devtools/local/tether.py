"""
Runs a command that dies with the process that started it.

    python -I -S tether.py PARENT SIGNAL UID:GID|- COMMAND ...

On Linux the kernel sends SIGNAL to the command when the parent is gone, also after `kill -9`, so nothing is left behind
that holds ports.  Started by path and without site-packages: it must cost a few milliseconds only.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(argv: list[str]) -> None:
    parent, signal, owner, *command = argv
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


if __name__ == "__main__":
    main(sys.argv[1:])
