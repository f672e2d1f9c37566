"""``python -m intake``."""

from intake.app import build
from intake.settings import Settings
from shared.kit.serve import run
from shared.reference.log_fields import LOG_FIELDS

if __name__ == "__main__":
    run("intake", Settings, build, LOG_FIELDS)
