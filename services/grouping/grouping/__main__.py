"""``python -m grouping``."""

from grouping.app import build
from grouping.settings import Settings
from shared.kit.serve import run
from shared.reference.log_fields import LOG_FIELDS

if __name__ == "__main__":
    run("grouping", Settings, build, LOG_FIELDS)
