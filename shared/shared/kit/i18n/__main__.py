"""
``python -m shared.kit.i18n check [package …]`` fails when a text lacks a language.

``extract [package …]`` adds new texts to the catalogues and drops unused ones.
"""

import argparse
import sys

from shared.kit.i18n import catalogues

PACKAGES = ("kit", "intake", "grouping", "notify")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 1 when a check has findings."""
    parser = argparse.ArgumentParser(prog="python -m shared.kit.i18n", description="Catalogues of texts")
    parser.add_argument("what", choices=["check", "extract"])
    parser.add_argument("packages", nargs="*", default=PACKAGES, help="import names; kit is short for shared.kit")
    options = parser.parse_args(arguments)
    findings = []
    for package in options.packages:
        folder = catalogues.folder_of(package)
        if options.what == "extract":
            catalogues.update(folder)
        else:
            findings += catalogues.check(folder)
    for finding in findings:
        sys.stdout.write(f"{finding}\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
