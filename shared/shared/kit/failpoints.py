"""
Failpoints, where a test may kill the process, and safety nets that a test may disable.

They do nothing without two environment variables, which only the fault tests set:
``SELVHJELP_FAILPOINT=name:n`` sends SIGKILL at the n-th passing of a failpoint;
``SELVHJELP_SABOTAGE=no-inbox`` proves that the fault tests would notice a missing safety net.
"""

import os
import signal
from typing import Final

_NAME, _, _COUNT = os.environ.get("SELVHJELP_FAILPOINT", "").partition(":")
_SABOTAGE: Final = frozenset(filter(None, os.environ.get("SELVHJELP_SABOTAGE", "").split(",")))
_countdown = int(_COUNT or 1)

FAILPOINTS: Final = (
    "consumer.before_commit",
    "consumer.after_commit",
    "consumer.after_ack",
    "dead_letter.after_commit",
    "relay.before_publish",
    "relay.after_publish",
    "relay.after_mark",
    "mailer.after_claim",
    "mailer.before_send",
    "mailer.after_send",
    "mailer.after_record",
    "web.before_commit",
    "web.after_commit",
    "submissions.before_commit",
    "submissions.after_commit",
)
"""All failpoints; the fault tests visit each."""


def failpoint(name: str) -> None:
    """Kill the process here if a test has armed this failpoint and its countdown ends."""
    global _countdown  # noqa: PLW0603 - one countdown for the process is the point
    if name != _NAME:
        return
    _countdown -= 1
    if _countdown <= 0:
        os.kill(os.getpid(), signal.SIGKILL)


def arm(name: str, count: int) -> None:
    """Arm a failpoint in this process; a fork server does so in each of its children."""
    global _NAME, _countdown
    _NAME, _countdown = name, count


def disabled_for_test(safety_net: str) -> bool:
    """Return True if a test has disabled this safety net."""
    return safety_net in _SABOTAGE
