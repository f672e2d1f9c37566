"""
A process that has imported the three services and forks one of them whenever it is asked to.

An import takes a second, a fork a few milliseconds, so hundreds of crashes fit in a test.
It reads JSON, one object a line: ``{"id", "name", "env", "log", "failpoint": [name, count] | null}``.
It writes ``{"id", "pid"}`` and, when a child is gone, ``{"pid", "status"}``.
"""

import ctypes
import importlib
import json
import os
import select
import signal
import sys
import traceback
from typing import Any

PDEATHSIG = 1
SERVICES = ("intake", "grouping", "notify")


def main() -> None:
    """Fork on demand until standard input is closed."""
    for name in SERVICES:
        importlib.import_module(f"{name}.app")
        importlib.import_module(f"{name}.settings")
    for late in ("uvloop", "httptools", "uvicorn.protocols.http.httptools_impl", "uvicorn.lifespan.on"):
        importlib.import_module(late)
    tell({"ready": True})
    while True:
        readable, _, _ = select.select([sys.stdin], [], [], 0.01)
        if readable:
            line = sys.stdin.readline()
            if not line:
                os.killpg(0, signal.SIGKILL)
            order = json.loads(line)
            tell({"id": order["id"], "pid": fork(order)})
        reap()


def fork(order: dict[str, Any]) -> int:
    """One service in a child of its own, as ``python -m <name>`` would run it."""
    pid = os.fork()
    if pid:
        return pid
    ctypes.CDLL(None).prctl(PDEATHSIG, signal.SIGKILL)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.update(order["env"])
    from shared.kit import failpoints, serve
    from shared.reference.log_fields import LOG_FIELDS

    if order["failpoint"]:
        failpoints.arm(*order["failpoint"])
    name = order["name"]
    settings = importlib.import_module(f"{name}.settings").Settings
    try:
        serve.run(name, settings, importlib.import_module(f"{name}.app").build, LOG_FIELDS)
    except BaseException:  # noqa: BLE001 - the child must end here, not go on as a zygote
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def reap() -> None:
    """Tell of every child that is gone."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        tell({"pid": pid, "status": status})


def tell(what: dict[str, Any]) -> None:
    """One line to whoever asked."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
