"""``python -m intake``."""

from intake.app import build
from intake.settings import Settings
from shared.kit.serve import run

if __name__ == "__main__":
    run("intake", Settings, build)
