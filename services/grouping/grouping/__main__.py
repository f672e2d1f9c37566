"""``python -m grouping``."""

from grouping.app import build
from grouping.settings import Settings
from shared.kit.serve import run

run("grouping", Settings, build)
