"""``python -m notify``."""

from notify.app import build
from notify.settings import Settings
from shared.kit.serve import run
from shared.reference.log_fields import LOG_FIELDS

if __name__ == "__main__":
    run("notify", Settings, build, LOG_FIELDS)
