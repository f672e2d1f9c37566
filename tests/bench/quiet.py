"""The log of a service, formatted and then thrown away, as if it were collected elsewhere."""

import logging
import os

from shared.kit.logging import configure
from shared.reference.log_fields import LOG_FIELDS


def quiet_log() -> None:
    """Let this process log as notify does, to nowhere."""
    configure("notify", fields=LOG_FIELDS)
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(open(os.devnull, "w"))  # noqa: SIM115, PTH123 - as a log that is collected
