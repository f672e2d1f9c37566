"""
A process that has imported and built the three services, and forks one of them on demand.

An import takes a second and a build a quarter, a fork a few milliseconds, so hundreds of crashes fit in a test.
It reads JSON, one object a line: ``{"id", "name", "env", "log", "failpoint": [name, count] | null}``.
It writes ``{"id", "pid"}`` and, when a child has ended, ``{"pid", "status"}``; a negative status is a signal.
"""

import ctypes
import gc
import importlib
import json
import os
import runpy
import select
import signal
import sys
import traceback
from typing import Any

from pydantic import ValidationError

PDEATHSIG = 1
SERVICES = ("intake", "grouping", "notify")


def main() -> None:
    """Fork on demand until standard input is closed."""
    for name in SERVICES:
        importlib.import_module(f"{name}.app")
        importlib.import_module(f"{name}.settings")
        build_ahead(name)
    for late in ("uvloop", "httptools", "uvicorn.protocols.http.httptools_impl", "uvicorn.lifespan.on"):
        importlib.import_module(late)
    gc.freeze()  # a collection in a child would copy the pages of all that is here
    write({"ready": True})
    while True:
        readable, _, _ = select.select([sys.stdin], [], [], 0.01)
        if readable:
            line = sys.stdin.readline()
            if not line:
                os.killpg(0, signal.SIGKILL)
            order = json.loads(line)
            write({"id": order["id"], "pid": fork(order)})
        report_ended_children()


def build_ahead(name: str) -> None:
    """Build the app of a service once; a child with the same clock serves that one, as nothing else can differ."""
    module: Any = importlib.import_module(f"{name}.app")
    try:
        settings = importlib.import_module(f"{name}.settings").Settings()
    except ValidationError:
        return  # the child says what is wrong
    build, built = module.build, module.build(settings)
    module.build = lambda own: built if own.clock == settings.clock else build(own)


def fork(order: dict[str, Any]) -> int:
    """Run one service in a child, as ``python -m <name>`` does."""
    pid = os.fork()
    if pid:
        return pid
    ctypes.CDLL(None).prctl(PDEATHSIG, signal.SIGKILL)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.update(order["env"])
    try:
        serve(order["name"], order["failpoint"])
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
        exit_now(end.code if isinstance(end.code, int) else int(end.code is not None))
    except BaseException:  # noqa: BLE001 - the child must end here, not go on as a zygote
        traceback.print_exc()
        exit_now(1)
    exit_now(0)
    return 0


def serve(name: str, failpoint: tuple[str, int] | None) -> None:
    """Serve one service until it gets a signal to stop."""
    from shared.kit import failpoints

    if failpoint:
        failpoints.arm(*failpoint)
    runpy.run_module(name, run_name="__main__", alter_sys=True)


def exit_now(status: int) -> None:
    """End this process without the clean-up of the zygote."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def report_ended_children() -> None:
    """Write a line for every child that has ended."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        write({"pid": pid, "status": os.waitstatus_to_exitcode(status)})


def write(message: dict[str, Any]) -> None:
    """Write one line of JSON to the parent."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
