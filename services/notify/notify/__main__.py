"""``python -m notify``."""

from notify.app import build
from notify.settings import Settings
from shared.kit.serve import run

if __name__ == "__main__":
    run("notify", Settings, build)
